/**
 * Limits the TCP connections of one peer: the number of open connections, and the rate of new ones.
 */
import { Places } from "./Places.ts"
import { TokenBuckets } from "./TokenBuckets.ts"

export interface PeerLimits {
  /** Connections of one peer that are open at once. */
  readonly openPerPeer: number
  /** New connections of one peer a second. */
  readonly newPerSecond: number
  /** New connections of one peer that may come at once. */
  readonly newAtOnce: number
}

export class PeerConnections {
  readonly #limits: PeerLimits
  readonly #open: Places
  readonly #begun = new TokenBuckets()

  constructor(limits: PeerLimits) {
    this.#limits = limits
    this.#open = new Places(limits.openPerPeer)
  }

  /** Whether a connection may begin. One that does has to leave. `now` is in milliseconds. */
  enter(peer: string, now: number): boolean {
    const { newAtOnce, newPerSecond } = this.#limits
    const [left] = this.#begun.take(
      { key: peer, tokens: 1, limit: newAtOnce, interval: 1000 / newPerSecond, allowOverflow: false },
      now
    )
    return left >= 0 && this.#open.take(peer)
  }

  leave(peer: string) {
    this.#open.leave(peer)
  }
}
