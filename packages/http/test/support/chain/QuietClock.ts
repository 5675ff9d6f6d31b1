/**
 * A clock that a test moves. A sleep of a second or more never ends, so the loops of a host run once, and the test does
 * their work.
 */
import { AdjustableClock } from "@dchat/doubles/stripe"
import { Clock, Context, Duration, Effect, Layer } from "effect"

export class QuietClock extends Context.Service<QuietClock, AdjustableClock.AdjustableClock>()("test/QuietClock") {
  static readonly layer = Layer.effectContext(Effect.sync(() => {
    const adjustable = AdjustableClock.make(Date.now(), true)
    const quiet: Clock.Clock = {
      currentTimeMillisUnsafe: adjustable.now,
      currentTimeMillis: Effect.sync(adjustable.now),
      currentTimeNanosUnsafe: () => BigInt(adjustable.now()) * 1_000_000n,
      currentTimeNanos: Effect.sync(() => BigInt(adjustable.now()) * 1_000_000n),
      monotonicTimeNanosUnsafe: () => process.hrtime.bigint(),
      monotonicTimeNanos: Effect.sync(() => process.hrtime.bigint()),
      sleep: (duration) =>
        Duration.toMillis(duration) >= 1000 ? Effect.never : Effect.callback<void>((resume) => {
          const timer = setTimeout(() => resume(Effect.void), Duration.toMillis(duration))
          return Effect.sync(() => clearTimeout(timer))
        })
    }
    return Context.make(Clock.Clock, quiet).pipe(Context.add(QuietClock, adjustable))
  }))
}
