/**
 * The frames that one connection may send. Every frame takes a token from three buckets: that of the connection, of the
 * user and of the address. A smaller bucket limits the refused frames that are answered.
 */
import { frameRate } from "../api/FrameLimits.ts"
import { TokenBuckets } from "../limits/TokenBuckets.ts"

/** Carry the frame out; refuse it, for so many seconds; or close the connection. */
export type FrameVerdict = "carryOut" | "close" | { readonly retryAfterSeconds: number }

/** The owner against whom the frames of a connection count. */
export interface FrameOwner {
  readonly person: string
  readonly address: string
}

export class FrameBudget {
  readonly #own = new TokenBuckets()
  readonly #shared: TokenBuckets
  readonly #owner: FrameOwner

  /** `shared` counts for all connections of the host. */
  constructor(shared: TokenBuckets, owner: FrameOwner) {
    this.#shared = shared
    this.#owner = owner
  }

  /** Takes a frame of so many characters or bytes. `now` is in milliseconds. */
  take(size: number, now: number): FrameVerdict {
    const tokens = 1 + Math.floor(size / frameRate.charactersPerFrame)
    const { address, person } = this.#owner
    const wait = waitFor(this.#own, "frames", frameRate, tokens, now) ??
      waitFor(this.#shared, `person:${person}`, frameRate.ofUser, tokens, now) ??
      waitFor(this.#shared, `address:${address}`, frameRate.ofAddress, tokens, now)
    if (wait === undefined) return "carryOut"
    const { refusedPerMinute } = frameRate
    const refused = { perSecond: refusedPerMinute / 60, atOnce: refusedPerMinute }
    if (waitFor(this.#own, "refused", refused, 1, now) !== undefined) return "close"
    return { retryAfterSeconds: Math.max(1, Math.ceil(wait / 1000)) }
  }
}

/** Milliseconds until there is enough in a bucket; nothing where there was. */
const waitFor = (
  buckets: TokenBuckets,
  key: string,
  { atOnce, perSecond }: { readonly atOnce: number; readonly perSecond: number },
  tokens: number,
  now: number
): number | undefined => {
  const interval = 1000 / perSecond
  const [left, since] = buckets.take({ key, tokens, limit: atOnce, interval, allowOverflow: false }, now)
  return left >= 0 ? undefined : -left * interval - since
}
