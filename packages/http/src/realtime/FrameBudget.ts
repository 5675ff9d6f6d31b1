/**
 * What one connection may say: a bucket of frames, and a smaller one of frames that are refused with an answer.
 */
import { frameRate } from "../api/FrameLimits.ts"
import { TokenBuckets } from "../TokenBuckets.ts"

/** Carry the frame out; refuse it, for so many seconds; or close the connection. */
export type FrameVerdict = "carryOut" | "close" | { readonly retryAfterSeconds: number }

export class FrameBudget {
  readonly #buckets = new TokenBuckets()

  /** Takes a frame of so many characters or bytes. `now` is in milliseconds. */
  take(size: number, now: number): FrameVerdict {
    const interval = 1000 / frameRate.perSecond
    const [remaining, since] = this.#buckets.take({
      key: "frames",
      tokens: 1 + Math.floor(size / frameRate.charactersPerFrame),
      limit: frameRate.atOnce,
      interval,
      allowOverflow: false
    }, now)
    if (remaining >= 0) return "carryOut"
    const [answers] = this.#buckets.take({
      key: "refused",
      tokens: 1,
      limit: frameRate.refusedPerMinute,
      interval: 60_000 / frameRate.refusedPerMinute,
      allowOverflow: false
    }, now)
    if (answers < 0) return "close"
    return { retryAfterSeconds: Math.max(1, Math.ceil((-remaining * interval - since) / 1000)) }
  }
}
