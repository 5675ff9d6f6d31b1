/**
 * Ends the billing of deleted users: subscriptions, open checkouts and open invoices. The deletion and the intents for the
 * provider are stored in transactions, so the work is completed even if a host dies.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { repeat } from "../loop/index.ts"
import { SubscriptionAdministration, SubscriptionRepository } from "../subscription/index.ts"
import { type DeletedUser, DeletedUsers } from "./ports/DeletedUsers.ts"

const batch = 100

/** For how many minutes a host holds the users that it works on: longer than a batch takes. */
const heldMinutes = 10

/** After how many minutes the account is checked once more: a purchase from before the deletion may be stored late. */
const lateMinutes = 10

/**
 * After how many minutes a failure is tried again: at first, and at most. In between the pause equals the time since the
 * deletion.
 */
const restMinutes = { first: 1, most: 60 }

const by = { actor: "dchat", reason: "the account was deleted" }

export class DeletedUserBilling extends Context.Service<DeletedUserBilling, {
  /** Ends the billing of a batch of deleted users; returns how many. */
  readonly end: Effect.Effect<number>
}>()("@dchat/domain/billing/DeletedUserBilling") {
  static readonly layer = Layer.effect(
    DeletedUserBilling,
    Effect.gen(function*() {
      const deletedUsers = yield* DeletedUsers
      const administration = yield* SubscriptionAdministration
      const repository = yield* SubscriptionRepository

      const endOf = Effect.fnUntraced(function*({ leftAt, userId }: DeletedUser) {
        const { memberships, subscriptions } = yield* repository.load(userId)
        if (subscriptions.length + memberships.length > 0) yield* administration.endBilling(userId, leftAt, by)
        const isLast = DateTime.add(leftAt, { minutes: lateMinutes })
        if (DateTime.isLessThan(yield* DateTime.now, isLast)) yield* deletedUsers.postpone(userId, isLast)
        else yield* deletedUsers.done(userId)
      })

      const restOf = Effect.fnUntraced(function*({ leftAt, userId }: DeletedUser) {
        const now = yield* DateTime.now
        const gone = (now.epochMilliseconds - leftAt.epochMilliseconds) / 60_000
        const minutes = Math.min(restMinutes.most, Math.max(restMinutes.first, gone))
        yield* deletedUsers.postpone(userId, DateTime.add(now, { minutes }))
      })

      const look = (departure: DeletedUser) =>
        endOf(departure).pipe(
          Effect.catchCause((cause) =>
            Effect.andThen(
              Effect.logWarning(`could not end the billing of the deleted user ${departure.userId}`, cause),
              restOf(departure)
            )
          )
        )

      return DeletedUserBilling.of({
        end: Effect.gen(function*() {
          const now = yield* DateTime.now
          const gone = yield* deletedUsers.claim(now, DateTime.add(now, { minutes: heldMinutes }), batch)
          yield* Effect.forEach(gone, look, { concurrency: 4, discard: true })
          return gone.length
        }).pipe(Effect.withSpan("DeletedUserBilling.end"))
      })
    })
  )

  /** Ends the billing of deleted users every minute while the layer lives. */
  static readonly layerEnding = Layer.effectDiscard(
    Effect.gen(function*() {
      const { end } = yield* DeletedUserBilling
      yield* repeat(
        { name: "end the billing of deleted users", every: "1 minute", within: "10 minutes", isVital: false },
        Effect.repeat(end, { while: (count) => count >= batch })
      )
    })
  ).pipe(Layer.provide(DeletedUserBilling.layer))
}
