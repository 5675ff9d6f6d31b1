/**
 * A limited number of places for each key.
 */
export class Places {
  readonly #limit: number
  readonly #taken = new Map<string, number>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether a place was free. A caller that took a place leaves it once. */
  take(key: string): boolean {
    const taken = this.#taken.get(key) ?? 0
    if (taken >= this.#limit) return false
    this.#taken.set(key, taken + 1)
    return true
  }

  leave(key: string) {
    const taken = this.#taken.get(key) ?? 0
    if (taken <= 1) this.#taken.delete(key)
    else this.#taken.set(key, taken - 1)
  }
}
