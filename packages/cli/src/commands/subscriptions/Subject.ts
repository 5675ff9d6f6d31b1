/**
 * The user argument of a command about subscriptions.
 */
import { IdentityRepository, UserId } from "@dchat/domain/identity"
import { Effect, Option, Schema } from "effect"
import { Argument } from "effect/cli"

export const subject = Argument.String("user").pipe(
  Argument.withDescription("Id of the user"),
  Argument.withSchema(UserId)
)

/** No user has this id. */
export class UserUnknown extends Schema.TaggedError<UserUnknown>()("UserUnknown", { id: UserId }) {
  override get message() {
    return `no such user: ${this.id}`
  }
}

export const requireUser = Effect.fnUntraced(function*(id: UserId) {
  const { load } = yield* IdentityRepository
  if (Option.isNone(yield* load(id))) return yield* new UserUnknown({ id })
})
