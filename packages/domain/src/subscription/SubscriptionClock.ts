/**
 * Applies the deadlines of accounts. Deadlines are rows: any host applies them, and a restart applies the overdue ones. A
 * late sweep changes no answer, because every reader applies the deadlines of an account first.
 */
import { Array, Context, DateTime, Effect, Layer, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import { repeat } from "../loop/index.ts"
import { appendOf, appendWith } from "./BillingAccountSteps.ts"
import type { BillingAccount } from "./model/BillingAccount.ts"
import { type Plans } from "./model/Plans.ts"
import { Catalogue } from "./ports/Catalogue.ts"
import { SubscriptionBus } from "./ports/SubscriptionBus.ts"
import { type AccountAppend, SubscriptionRepository } from "./ports/SubscriptionRepository.ts"
import { type BillingAccountStep, decide } from "./rules/BillingAccountMachine.ts"

/** How many accounts a sweep takes at once. */
const batch = 1000

/** How many batches are worked on concurrently. */
const lanes = 4

/** After how many seconds an account is tried again that could not be swept. */
const restSeconds = 60

/** A tick is never refused. A defect here must not block other accounts. */
const ticked = (before: BillingAccount, now: DateTime.Utc, plans: Plans): Result.Result<BillingAccountStep, unknown> =>
  Result.flatMap(
    Result.try({
      try: () => decide({ _tag: "Tick" }, before, now, { _tag: "Clock" }, plans),
      catch: (mistake) => mistake
    }),
    (decided) => decided
  )

export class SubscriptionClock extends Context.Service<SubscriptionClock, {
  /** Applies the deadlines that are due by now, batch by batch; returns how many accounts moved on. */
  readonly sweep: Effect.Effect<number>
}>()("@dchat/domain/subscription/SubscriptionClock") {
  static readonly layer = Layer.effect(
    SubscriptionClock,
    Effect.gen(function*() {
      const repository = yield* SubscriptionRepository
      const bus = yield* SubscriptionBus
      const random = yield* SecureRandom.SecureRandom
      const plans = yield* Catalogue

      /** Decides without an effect per account, because there may be a million accounts. */
      const stepsOf = Effect.fnUntraced(function*(accounts: ReadonlyArray<BillingAccount>, now: DateTime.Utc) {
        const steps: Array<AccountAppend> = []
        for (const before of accounts) {
          const decided = ticked(before, now, plans)
          if (Result.isFailure(decided)) {
            const { userId } = before
            yield* Effect.logError("the deadlines of an account cannot be applied", { userId }, decided.failure)
            continue
          }
          const step = decided.success.intents.length === 0
            ? appendWith(before, decided.success, [])
            : yield* appendOf(random, before, decided.success)
          if (step !== undefined) steps.push(step)
        }
        return steps
      })

      const sweepBatch = Effect.gen(function*() {
        const now = yield* DateTime.now
        const due = { now, retryAt: DateTime.add(now, { seconds: restSeconds }), limit: batch }
        const { found, moved } = yield* repository.moveDue(
          due,
          (accounts) => stepsOf(accounts, now)
        )
        yield* Effect.forEach(moved, (userId) => bus.publish({ userId }), { discard: true })
        return { found, moved: moved.size }
      })

      const drain = (swept: number): Effect.Effect<number> =>
        Effect.flatMap(
          sweepBatch,
          ({ found, moved }) => found < batch ? Effect.succeed(swept + moved) : drain(swept + moved)
        )

      /** Decides on some batches while the database writes others. */
      const drainAll = Effect.map(
        Effect.forEach(Array.range(1, lanes), () => drain(0), { concurrency: lanes }),
        (swept) => swept.reduce((sum, count) => sum + count, 0)
      )

      return SubscriptionClock.of({
        sweep: Effect.flatMap(
          sweepBatch,
          ({ found, moved }) => found < batch ? Effect.succeed(moved) : Effect.map(drainAll, (more) => moved + more)
        ).pipe(Effect.withSpan("SubscriptionClock.sweep"))
      })
    })
  )

  /** Sweeps every ten seconds for as long as the layer lives. A sweep that fails is reported and tried again. */
  static readonly layerSweeping = Layer.effectDiscard(
    Effect.gen(function*() {
      const clock = yield* SubscriptionClock
      yield* repeat(
        { name: "sweep subscriptions", every: "10 seconds", within: "5 minutes", isVital: false },
        clock.sweep
      )
    })
  )
}
