/**
 * Ends the subscriptions of people who have deleted their account. Looking for them, and not hearing of them, makes it
 * right whenever the host died.
 */
import { Context, Effect, Layer, Schedule } from "effect"
import type { UserId } from "../identity/UserId.ts"
import { Billing, SubscriptionAdministration, SubscriptionRepository } from "../subscription/index.ts"
import { Departures } from "./Departures.ts"

const batch = 100

const by = { actor: "dchat", reason: "the account was deleted" }

export class DepartureBilling extends Context.Service<DepartureBilling, {
  /** Returns how many people's billing has ended. */
  readonly end: Effect.Effect<number>
}>()("@dchat/domain/billing/DepartureBilling") {
  static readonly layer = Layer.effect(
    DepartureBilling,
    Effect.gen(function*() {
      const departures = yield* Departures
      const billing = yield* Billing
      const administration = yield* SubscriptionAdministration
      const repository = yield* SubscriptionRepository

      const endOf = Effect.fnUntraced(function*(userId: UserId) {
        const { memberships, subscriptions } = yield* repository.load(userId)
        const pending = [...subscriptions, ...memberships].filter(({ method, state }) =>
          state === "pending" && method === "stripe"
        )
        // What nobody can pay any more needs not be given back: as long as it can be paid, this is tried again.
        yield* Effect.forEach(
          pending,
          ({ id }) => Effect.catchTag(billing.close(userId, id), "StripeNotConfigured", () => Effect.void),
          { discard: true }
        )
        yield* administration.endBilling(userId, by)
      }, Effect.catchCause((cause) => Effect.logWarning("could not end the billing of somebody who is gone", cause)))

      return DepartureBilling.of({
        end: Effect.gen(function*() {
          const gone = yield* departures.billed(batch)
          yield* Effect.forEach(gone, endOf, { concurrency: 4, discard: true })
          return gone.length
        }).pipe(Effect.withSpan("DepartureBilling.end"))
      })
    })
  )

  /** Every minute for as long as the layer lives. */
  static readonly layerEnding = Layer.effectDiscard(
    Effect.gen(function*() {
      const { end } = yield* DepartureBilling
      yield* end.pipe(
        Effect.catchCause((cause) => Effect.logWarning("could not look for people who are gone", cause)),
        Effect.repeat(Schedule.spaced("1 minute")),
        Effect.forkScoped
      )
    })
  ).pipe(Layer.provide(DepartureBilling.layer))
}
