/**
 * Token buckets in memory. Full buckets are forgotten, and the number of buckets is limited.
 */

interface Bucket {
  readonly tokens: number
  readonly refilledAt: number
  /** The time at which the bucket is full again if no token is taken. A full bucket need not be remembered. */
  readonly fullAt: number
}

export interface Taking {
  readonly key: string
  readonly tokens: number
  readonly limit: number
  /** Milliseconds in which one token comes back. */
  readonly interval: number
  /** Whether a bucket may owe tokens. */
  readonly allowOverflow: boolean
}

/** About 20 MB. An attacker with more addresses and users than this may escape the limits. */
const defaultCapacity = 131_072

export class TokenBuckets {
  /** Buckets by the time in which they fill, then by key in the order of last use, so that full ones come first. */
  readonly #buckets = new Map<number, Map<string, Bucket>>()
  readonly #capacity: number
  #size = 0

  constructor(capacity = defaultCapacity) {
    this.#capacity = capacity
  }

  /** The number of buckets in memory. */
  get size(): number {
    return this.#size
  }

  /**
   * Takes tokens from a bucket. Returns the rest, negative where too many were taken, and the milliseconds since the
   * last refill. `now` is in milliseconds. A `now` before the last call refills nothing.
   */
  take({ allowOverflow, interval, key, limit, tokens }: Taking, now: number): readonly [number, number] {
    const buckets = this.#filling(interval * limit)
    const known = buckets.get(key)
    const held = known?.tokens ?? limit
    const refilledAt = Math.min(known?.refilledAt ?? now, now)
    const refills = Math.floor((now - refilledAt) / interval)
    const isFull = held + refills >= limit
    const available = isFull ? limit : held + refills
    const boundary = isFull ? now : refilledAt + refills * interval
    const remaining = available - tokens
    const kept = allowOverflow || remaining >= 0 ? remaining : available
    if (known === undefined) this.#size += 1
    else buckets.delete(key)
    buckets.set(key, { tokens: kept, refilledAt: boundary, fullAt: boundary + (limit - kept) * interval })
    this.#forget(now)
    return [remaining, Math.max(0, now - boundary)]
  }

  #filling(window: number): Map<string, Bucket> {
    const rounded = Math.round(window)
    const known = this.#buckets.get(rounded)
    if (known !== undefined) return known
    const made = new Map<string, Bucket>()
    this.#buckets.set(rounded, made)
    return made
  }

  #forget(now: number): void {
    for (const buckets of this.#buckets.values()) {
      for (const [key, { fullAt }] of buckets) {
        if (fullAt > now) break
        buckets.delete(key)
        this.#size -= 1
      }
    }
    while (this.#size > this.#capacity) this.#forgetOldest()
  }

  /** The one of the most that was used least recently, full or not. */
  #forgetOldest(): void {
    const [most] = [...this.#buckets.values()].toSorted((one, other) => other.size - one.size)
    const [oldest] = most?.keys() ?? []
    if (oldest !== undefined) most?.delete(oldest)
    this.#size -= 1
  }
}
