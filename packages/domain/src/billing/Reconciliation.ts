/**
 * Finds what nobody told: asks about everything that should have changed by now, and once a day about everything.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { SyncRequests } from "./SyncRequests.ts"

/** For how long money may still be taken back by a dispute, in days: card networks allow 120, some banks more. */
const disputeDays = 180

export class Reconciliation extends Context.Service<Reconciliation, {
  /** Has everything asked whose standing depends on what should have happened; returns how many purchases. */
  readonly due: Effect.Effect<number>
  /** Has everything asked that may still change; returns how many purchases. */
  readonly all: Effect.Effect<number>
}>()("@dchat/domain/billing/Reconciliation") {
  static readonly layer = Layer.effect(
    Reconciliation,
    Effect.gen(function*() {
      const syncs = yield* SyncRequests

      return Reconciliation.of({
        due: Effect.flatMap(DateTime.now, (now) => syncs.requestDue(now)).pipe(
          Effect.withSpan("Reconciliation.due")
        ),
        all: Effect.flatMap(DateTime.now, (now) => syncs.requestAll(now, DateTime.subtract(now, { days: disputeDays })))
          .pipe(
            Effect.withSpan("Reconciliation.all")
          )
      })
    })
  )
}
