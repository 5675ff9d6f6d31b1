/**
 * Implements `UsageOwners`: dchat counts the usage of the users of this installation.
 */
import { UserRepository } from "@dchat/domain/identity"
import { UsageOwners } from "@dchat/domain/subscription"
import { Effect, Layer, Option } from "effect"

export const layer = Layer.effect(
  UsageOwners,
  Effect.gen(function*() {
    const users = yield* UserRepository

    return UsageOwners.of({
      find: Effect.fn("UsageOwners.find")(function*(userId) {
        const [user] = yield* users.findByIds([userId])
        if (user === undefined || user.status === "deleted") return Option.none()
        if (user.status !== "merged") return Option.some(userId)
        const survivors = yield* users.survivorsOf([userId])
        return Option.fromUndefinedOr(survivors.get(userId))
      })
    })
  })
)
