/**
 * Drives the deadlines of accounts. They are rows: any host applies them, and a restart applies what is overdue. What a
 * late sweep finds has been true since it was due, because whoever reads an account applies its deadlines first.
 */
import { Array, Context, DateTime, Effect, Layer, Schedule } from "effect"
import { SecureRandom } from "effect/crypto"
import { decide } from "./AccountMachine.ts"
import { appendOf } from "./AccountSteps.ts"
import type { SubscriptionAccount } from "./SubscriptionAccount.ts"
import { SubscriptionBus } from "./SubscriptionBus.ts"
import { SubscriptionRepository } from "./SubscriptionRepository.ts"

/** How many accounts a sweep takes at once. */
const batch = 1000

/** How many batches are under way at once when there are many. */
const lanes = 4

/** How long an account rests that is due and cannot be moved on, in seconds. */
const restSeconds = 60

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

      const step = Effect.fnUntraced(
        function*(before: SubscriptionAccount, now: DateTime.Utc) {
          const decided = yield* Effect.fromResult(decide({ _tag: "Tick" }, before, now, { _tag: "Clock" }))
          const append = yield* appendOf(random, before, decided)
          return append === undefined ? [] : [append]
        },
        // A tick is never refused: whatever goes wrong here is a mistake of ours, and holds up nobody else.
        Effect.orDie,
        (effect, { userId }) =>
          Effect.catchDefect(
            effect,
            (defect) =>
              Effect.as(Effect.logError("the deadlines of an account cannot be applied", { userId }, defect), [])
          )
      )

      const sweepBatch = Effect.gen(function*() {
        const now = yield* DateTime.now
        const due = { now, retryAt: DateTime.add(now, { seconds: restSeconds }), limit: batch }
        const { found, moved } = yield* repository.moveDue(
          due,
          (accounts) => Effect.map(Effect.forEach(accounts, (account) => step(account, now)), (steps) => steps.flat())
        )
        yield* Effect.forEach(moved, (userId) => bus.publish({ userId }), { discard: true })
        return { found, moved: moved.size }
      })

      const drain = (swept: number): Effect.Effect<number> =>
        Effect.flatMap(
          sweepBatch,
          ({ found, moved }) => found < batch ? Effect.succeed(swept + moved) : drain(swept + moved)
        )

      /** While the database writes one batch, others are decided. */
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
      yield* clock.sweep.pipe(
        Effect.catchCause((cause) => Effect.logWarning("could not sweep subscriptions", cause)),
        Effect.repeat(Schedule.spaced("10 seconds")),
        Effect.forkScoped
      )
    })
  )
}
