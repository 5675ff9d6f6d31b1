/**
 * Users who call each other, and what becomes of their calls.
 */
import { type Phone, silence } from "../phones/Phone.ts"

export interface Faults {
  /** Candidates that came twice. */
  repeated: number
  /** Candidates that came after a later one. */
  outOfOrder: number
}

export type Outcome = "finished" | "unfinished" | `refused: ${string}`

export interface Party {
  readonly phones: ReadonlyArray<Phone>
  /** Makes one call. Without an end of its own, the call is `unfinished` after `limit` milliseconds. */
  readonly call: (limit: number, faults: Faults) => Promise<Outcome>
}

/** The candidates that one user receives from another in one call: `expected`, with the numbers from 0. */
export class Received {
  readonly #expected: number
  readonly #numbers = new Set<number>()
  #highest = -1

  constructor(expected: number) {
    this.#expected = expected
  }

  take(number: number, faults: Faults) {
    if (this.#numbers.has(number)) faults.repeated += 1
    else if (number < this.#highest) faults.outOfOrder += 1
    this.#numbers.add(number)
    this.#highest = Math.max(this.#highest, number)
  }

  get size() {
    return this.#numbers.size
  }

  get isComplete() {
    return this.size === this.#expected
  }
}

/** Says all candidates of a user, one a message. */
export const trickle = (from: Phone, to: string, count: number): void => {
  for (let number = 0; number < count; number += 1) from.say("candidate", [to], number)
}

/** Runs a call until its end, its refusal or the limit. */
export const runCall = (
  phones: ReadonlyArray<Phone>,
  limit: number,
  begin: (end: (outcome: Outcome) => void) => void
): Promise<Outcome> =>
  new Promise((done) => {
    const end = (outcome: Outcome) => {
      clearTimeout(timer)
      for (const phone of phones) {
        silence(phone)
        if (outcome !== "finished") phone.giveUp()
      }
      done(outcome)
    }
    const timer = setTimeout(() => end("unfinished"), limit)
    for (const phone of phones) phone.refused = (code) => end(`refused: ${code}`)
    begin(end)
  })
