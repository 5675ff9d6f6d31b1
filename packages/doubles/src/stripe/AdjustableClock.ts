/**
 * A clock that runs like any other and can be put forward: the double and the hosts beside it read the same one.
 */
import { Clock, Duration, Effect, Layer } from "effect"

export interface AdjustableClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Never back. */
  advanceTo(milliseconds: number): void
  /** Makes Effect read this clock. It sleeps as long as it ever did. */
  readonly layer: Layer.Layer<never>
}

/** `frozen`: it stands still but for being put forward. */
export const make = (startAt: number = Date.now(), frozen = false): AdjustableClock => {
  let offset = startAt - Date.now()
  let frozenAt = startAt
  const now = () => frozen ? frozenAt : Date.now() + offset
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
    currentTimeNanosUnsafe: () => BigInt(now()) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(now()) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => process.hrtime.bigint(),
    monotonicTimeNanos: Effect.sync(() => process.hrtime.bigint()),
    sleep: (duration) =>
      Effect.callback<void>((resume) => {
        const timer = setTimeout(() => resume(Effect.void), Duration.toMillis(duration))
        return Effect.sync(() => clearTimeout(timer))
      })
  }
  return {
    now,
    advanceTo: (milliseconds) => {
      if (milliseconds <= now()) return
      offset += milliseconds - now()
      frozenAt = milliseconds
    },
    layer: Layer.succeed(Clock.Clock, clock)
  }
}
