/**
 * The time for which work of a host waits, from measurements at a steady interval.
 */

/** Measurements in a row that count: a host is as far behind as it was all the time, so that one pause refuses nothing. */
const measured = 4

/** Milliseconds by which the event loop of a busy host is late. */
const busyFrom = 5

/** The share of one command in the average. */
const share = 1 / 32

export class WorkDelay {
  #average = 0
  #hasFinished = false
  #last: ReadonlyArray<number> = [0]

  /** A command was carried out, this many milliseconds after it arrived. */
  readonly took = (milliseconds: number): void => {
    this.#average += (milliseconds - this.#average) * share
    this.#hasFinished = true
  }

  /**
   * Adds a measurement: the milliseconds by which the event loop is late, and those for which the oldest command waits.
   * Commands take long also where the database is far away. Therefore the time that commands take counts only on a busy
   * host.
   */
  measure(late: number, oldestWait: number): void {
    if (!this.#hasFinished) this.#average /= 2
    this.#hasFinished = false
    const commands = late >= busyFrom ? this.#average : 0
    this.#last = [...this.#last, Math.max(0, late, oldestWait, commands)].slice(-measured)
  }

  /** In milliseconds. */
  get behind(): number {
    return Math.min(...this.#last)
  }
}
