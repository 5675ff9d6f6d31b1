/**
 * Implements `CallDirectory`: active users can be called.
 */
import { CallDirectory } from "@dchat/domain/call"
import { IdentityRepository, UserRepository } from "@dchat/domain/identity"
import { Effect, Layer } from "effect"

export const layer = Layer.effect(
  CallDirectory,
  Effect.gen(function*() {
    const users = yield* UserRepository
    const identities = yield* IdentityRepository

    return CallDirectory.of({
      known: Effect.fnUntraced(function*(ids) {
        const people = yield* users.findByIds(ids)
        return new Set(people.filter(({ status }) => status === "active").map(({ id }) => id))
      }),
      aliases: Effect.fn("CallDirectory.aliases")((user) =>
        Effect.map(identities.absorbedBy(user), (absorbed) => [user, ...absorbed])
      )
    })
  })
)
