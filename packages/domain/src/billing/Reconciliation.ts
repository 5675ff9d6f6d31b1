/**
 * Finds what nobody told: asks about everything that should have changed by now, and little by little about what nobody
 * has looked at for a day.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { SyncRequests } from "./ports/SyncRequests.ts"

/** For how long money may still be taken back by a dispute, in days: card networks allow 120, some banks more. */
export const disputeDays = 180

/** What may still change is looked at so often, in hours. */
export const lookHours = 24

/**
 * Purchases a turn, of which all hosts together have one a second: 170,000 a day. A question is some five requests, so that is a tenth of the 100 a second that Stripe
 * allows, and half of the 25 in a sandbox (https://docs.stripe.com/rate-limits).
 */
const aTurn = 2

/** What was asked about, and was not answered, is asked about again after so many hours. */
const restHours = 1

export class Reconciliation extends Context.Service<Reconciliation, {
  /** Has everything asked whose state at the provider should have changed by now; returns how many purchases. */
  readonly due: Effect.Effect<number>
  /** Has a little asked that nobody has looked at for a day; returns how many. */
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
