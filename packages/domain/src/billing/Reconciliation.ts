/**
 * Finds missed changes: asks about every purchase that should have changed by now, and step by step about every purchase
 * that was not read for a day.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { SyncRequests } from "./ports/SyncRequests.ts"

/** For how many days a payment can be disputed: card networks allow 120, some banks more. */
export const disputeDays = 180

/** After how many hours a purchase that may still change is read again. */
export const lookHours = 24

/**
 * Purchases a turn, of which all hosts together have one a second: 170,000 a day. A question is some five requests, so that is a tenth of the 100 a second that Stripe
 * allows, and half of the 25 in a sandbox (https://docs.stripe.com/rate-limits).
 */
const aTurn = 2

/** After how many hours an unanswered question is requested again. */
const restHours = 1

export class Reconciliation extends Context.Service<Reconciliation, {
  /** Requests every purchase that should have changed by now; returns how many. */
  readonly due: Effect.Effect<number>
  /** Requests a few purchases that were not read for a day; returns how many. */
  readonly unseen: Effect.Effect<number>
}>()("@dchat/domain/billing/Reconciliation") {
  static readonly layer = Layer.effect(
    Reconciliation,
    Effect.gen(function*() {
      const syncs = yield* SyncRequests

      return Reconciliation.of({
        due: Effect.flatMap(DateTime.now, (now) => syncs.requestDue(now)).pipe(
          Effect.withSpan("Reconciliation.due")
        ),
        unseen: Effect.flatMap(DateTime.now, (now) =>
          syncs.requestUnseen({
            now,
            restUntil: DateTime.add(now, { hours: restHours }),
            limit: aTurn
          })).pipe(
            Effect.withSpan("Reconciliation.unseen")
          )
      })
    })
  )
}
