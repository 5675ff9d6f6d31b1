/**
 * Logs failures of the payment provider. A key that the provider does not accept makes every request fail, and is logged
 * once a minute for all of them.
 */
import { Clock, Context, Effect, Layer } from "effect"

/** The time between two lines about the key, in nanoseconds. */
const pause = 60_000_000_000n

/** A failure, and whether the key is the cause. */
export interface Trouble {
  readonly message: string
  readonly isShutOut?: boolean | undefined
}

export class ProviderTrouble extends Context.Service<ProviderTrouble, {
  /** Logs a failure with `words`. A failure because of the key is logged with its own message. */
  report(trouble: Trouble, words?: string): Effect.Effect<void>
}>()("@dchat/domain/billing/ProviderTrouble") {
  static readonly layer = Layer.sync(ProviderTrouble, () => {
    let saidAt: bigint | undefined

    return ProviderTrouble.of({
      report: Effect.fnUntraced(function*({ isShutOut = false, message }, words = message) {
        if (!isShutOut) return yield* Effect.logWarning(words)
        const now = yield* Clock.monotonicTimeNanos
        if (saidAt !== undefined && now - saidAt < pause) return
        saidAt = now
        yield* Effect.logError(message)
      })
    })
  })
}
