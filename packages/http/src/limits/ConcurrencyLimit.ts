/**
 * The number of calls that may have work on a host at the same time before the host refuses new calls. The limit
 * follows from Little's law: calls in the system = throughput x time in the system.
 */

/** The commands of a one-to-one call, from ringing to hanging up. */
const commandsOfCall = 22

/** Seconds that all commands of a call together may spend on the host. */
const mostSeconds = 1

/** A host that has just been idle has no throughput to measure, and takes so many calls at once. */
const least = 100

/** The time in milliseconds over which the throughput is averaged, as the time constant of an exponential average. */
const averagedOver = 1000

export class ConcurrencyLimit {
  #perSecond = 0

  /** Adds a measurement: the number of commands that were carried out in so many milliseconds. */
  measure(commands: number, milliseconds: number): void {
    if (milliseconds <= 0) return
    const share = 1 - Math.exp(-milliseconds / averagedOver)
    this.#perSecond += share * ((commands * 1000) / milliseconds - this.#perSecond)
  }

  /** The limit in calls. */
  get calls(): number {
    return Math.max(least, (this.#perSecond / commandsOfCall) * mostSeconds)
  }
}
