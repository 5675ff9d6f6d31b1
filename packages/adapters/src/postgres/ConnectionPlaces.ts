/**
 * The queue for the connections of a pool. A statement or a transaction uses one connection. If all connections are in
 * use, further ones wait in the order of their arrival.
 */

/** A place, or a wait for one. */
export interface ConnectionPlace {
  isWaiting: boolean
  /** Called when the wait ends. */
  onFree: () => void
}

export class ConnectionPlaces {
  readonly #size: number
  #inUse = 0
  readonly #waiting = new Set<ConnectionPlace>()

  constructor(size: number) {
    this.#size = size
  }

  /** Whether no connection is in use. */
  get isIdle(): boolean {
    return this.#inUse === 0
  }

  /** Takes a place. The caller has to give the place back, also after the end of a wait without a connection. */
  take(): ConnectionPlace {
    const isWaiting = this.#inUse === this.#size
    const place: ConnectionPlace = { isWaiting, onFree: () => {} }
    if (isWaiting) this.#waiting.add(place)
    else this.#inUse += 1
    return place
  }

  giveBack(place: ConnectionPlace): void {
    if (this.#waiting.delete(place)) return
    const [next] = this.#waiting
    if (next === undefined) {
      this.#inUse -= 1
      return
    }
    this.#waiting.delete(next)
    next.isWaiting = false
    next.onFree()
  }
}
