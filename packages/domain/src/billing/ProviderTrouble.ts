/**
 * Says in the log what the payment provider did not do. A key that it does not accept concerns every request, and is
 * said once a minute for all of them.
 */
import { Clock, Context, Effect, Layer } from "effect"

/** The time between two lines about the key, in nanoseconds. */
const pause = 60_000_000_000n

/** What went wrong, and whether the key is to blame. */
export interface Trouble {
  readonly message: string
  readonly isShutOut?: boolean | undefined
}

export class ProviderTrouble extends Context.Service<ProviderTrouble, {
  /** Logs what went wrong, in these words; but what the key is to blame for in its own. */
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
