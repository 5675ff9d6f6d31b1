/**
 * Counts what becomes of the calls of a load.
 */
import type { Faults, Outcome, Party } from "./Party.ts"

export interface CallFigures {
  readonly offered: number
  readonly finished: number
  readonly unfinished: number
  /** Calls that were refused, by the code of the refusal. */
  readonly refused: Readonly<Record<string, number>>
  /** Seconds of the measured part. */
  readonly seconds: number
  /** Milliseconds of CPU of the servers in the measured part. */
  readonly cpu: number
  /** Milliseconds from ringing to the end of a call. */
  readonly p50: number
  readonly p99: number
  /** Milliseconds from ringing to a refusal. */
  readonly refusedP99: number
  readonly faults: Readonly<Record<string, number>>
}

export const quantile = (values: ReadonlyArray<number>, part: number): number =>
  values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN

export class Tally {
  readonly faults: Faults = { repeated: 0, outOfOrder: 0 }
  offered = 0
  finished = 0
  unfinished = 0
  #refused = new Map<string, number>()
  #times: Array<number> = []
  #refusedTimes: Array<number> = []

  take(outcome: Outcome, milliseconds: number) {
    if (outcome === "finished") {
      this.finished += 1
      this.#times.push(milliseconds)
    } else if (outcome === "unfinished") this.unfinished += 1
    else {
      const code = outcome.slice("refused: ".length)
      this.#refusedTimes.push(milliseconds)
      this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1)
    }
  }

  figures(seconds: number, cpu: number, parties: ReadonlyArray<Party>): CallFigures {
    const { faults, finished, offered, unfinished } = this
    const events = parties.flatMap(({ phones }) => phones.map((phone) => phone.faults()))
    return {
      offered,
      finished,
      unfinished,
      refused: Object.fromEntries(this.#refused),
      seconds,
      cpu,
      p50: quantile(this.#times, 0.5),
      p99: quantile(this.#times, 0.99),
      refusedP99: quantile(this.#refusedTimes, 0.99),
      faults: {
        ...faults,
        repeatedEvents: events.reduce((sum, { repeated }) => sum + repeated, 0),
        missedEvents: events.reduce((sum, { missed }) => sum + missed, 0)
      }
    }
  }
}
