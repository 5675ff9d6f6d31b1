/**
 * Token buckets in memory, of which only those are remembered that are not full.
 */

interface Bucket {
  readonly tokens: number
  readonly refilledAt: number
  /** When it is full again, if nobody takes anything: then it need not be remembered. */
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

export class TokenBuckets {
  /** In the order of last use. */
  readonly #buckets = new Map<string, Bucket>()

  /** How many are remembered. */
  get size(): number {
    return this.#buckets.size
  }

  /** What is left after taking, negative where it was too much; and for how long the next token has been coming. */
  take({ allowOverflow, interval, key, limit, tokens }: Taking, now: number): readonly [number, number] {
    const { refilledAt, tokens: held } = this.#buckets.get(key) ?? { refilledAt: now, tokens: limit }
    const refills = Math.max(0, Math.floor((now - refilledAt) / interval))
    const isFull = held + refills >= limit
    const available = isFull ? limit : held + refills
    const boundary = isFull ? now : refilledAt + refills * interval
    const remaining = available - tokens
    const kept = allowOverflow || remaining >= 0 ? remaining : available
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens: kept, refilledAt: boundary, fullAt: boundary + (limit - kept) * interval })
    this.#forget(now)
    return [remaining, Math.max(0, now - boundary)]
  }

  #forget(now: number): void {
    for (const [key, { fullAt }] of this.#buckets) {
      if (fullAt > now) return
      this.#buckets.delete(key)
    }
  }
}
