/**
 * The delay of a host: the time for which its work waits, from measurements at a steady interval.
 */

/** The number of measurements in a row. The least of them is the delay, so that a single pause refuses nothing. */
const measured = 4

/** Milliseconds by which the event loop of a busy host is late. */
const busyFrom = 5

/** The share of one command in the average. */
const share = 1 / 32

export class WorkDelay {
  #average = 0
  #hasFinished = false
  #last: ReadonlyArray<number> = [0]

  /** Records the time in milliseconds from the arrival of a command to its end. */
  readonly took = (milliseconds: number): void => {
    this.#average += (milliseconds - this.#average) * share
    this.#hasFinished = true
  }

  /**
   * Adds a measurement in milliseconds: how late the event loop is, and how long the oldest command has waited. Beside a
   * slow database, commands take long on an idle host too. Therefore the time of commands counts only on a busy host.
   */
  measure(late: number, oldestWait: number): void {
    if (!this.#hasFinished) this.#average /= 2
    this.#hasFinished = false
    const commands = late >= busyFrom ? this.#average : 0
    this.#last = [...this.#last, Math.max(0, late, oldestWait, commands)].slice(-measured)
  }

  /** The delay in milliseconds. */
  get behind(): number {
    return Math.min(...this.#last)
  }
}
