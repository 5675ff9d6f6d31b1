/**
 * The delay of a host: the time for which its work waits, from measurements at a steady interval.
 */

/** The number of measurements in a row. The least of them is the delay, so that a single pause refuses nothing. */
const measured = 4

export class WorkDelay {
  #last: ReadonlyArray<number> = [0]

  /** Adds a measurement in milliseconds: how late the event loop is, and how long the oldest command has waited. */
  measure(late: number, oldestWait: number): void {
    this.#last = [...this.#last, Math.max(0, late, oldestWait)].slice(-measured)
  }

  /** The delay in milliseconds. */
  get behind(): number {
    return Math.min(...this.#last)
  }
}
