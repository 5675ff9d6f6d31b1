/**
 * `dchat subscriptions unreadable`: the users whose account this release cannot read.
 */
import type { UserId } from "@dchat/domain/identity"
import { SubscriptionRepository } from "@dchat/domain/subscription"
import { Console, Effect, Option, Stream } from "effect"
import { Command } from "effect/cli"

/** Accounts that are looked at in one go. */
const pageSize = 1000

const users = Stream.unwrap(
  Effect.map(
    SubscriptionRepository,
    (repository) =>
      Stream.paginate(
        undefined as UserId | undefined,
        (after) =>
          Effect.map(repository.unreadable(after, pageSize), ({ last, unreadable }) =>
            [unreadable, Option.fromUndefinedOr(last)] as const)
      )
  )
)

export const unreadable = Command.make(
  "unreadable",
  {},
  Effect.fn(function*() {
    const found = yield* Stream.runCount(Stream.tap(users, (user) => Console.log(user)))
    if (found === 0) yield* Console.log("This release can read all billing accounts.")
  })
).pipe(Command.withDescription("List the users whose billing account this release cannot read"))
