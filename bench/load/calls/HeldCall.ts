/**
 * A call of two users that goes on: each sends the other candidates, which the receiver counts.
 */
import type { Phone } from "../phones/Phone.ts"
import { type Faults, Received } from "./Party.ts"

/** dchat takes at most 512 candidates in one negotiation of two users, so the caller offers anew before that. */
const candidatesOfNegotiation = 400

export type Side = 0 | 1

export class HeldCall {
  readonly phones: readonly [Phone, Phone]
  /** Told of each candidate that comes the first time: the milliseconds since it was sent. */
  heard: (milliseconds: number) => void = () => undefined
  /** Refusals, by their codes. */
  readonly refusals = new Map<string, number>()
  readonly #faults: Faults
  /** When each candidate of each side was sent. */
  readonly #sentAt: readonly [Array<number>, Array<number>] = [[], []]
  readonly #received: readonly [Received, Received] = [new Received(Infinity), new Received(Infinity)]
  #sinceOffer = 0

  constructor(phones: readonly [Phone, Phone], faults: Faults) {
    this.phones = phones
    this.#faults = faults
  }

  /** Ends when both have described themselves. */
  begin(): Promise<void> {
    const [caller, callee] = this.phones
    return new Promise((done) => {
      callee.hear = (word, _, number) => {
        if (word === "ring") callee.say("accept", [caller.user])
        if (word === "offer") callee.say("answer", [caller.user])
        if (word === "candidate") this.#take(0, number)
      }
      caller.hear = (word, _, number) => {
        if (word === "accept") caller.say("offer", [callee.user])
        if (word === "answer") done()
        if (word === "candidate") this.#take(1, number)
      }
      for (const phone of this.phones) {
        phone.refused = (code) => this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1)
      }
      caller.say("ring", [callee.user])
    })
  }

  #take(side: Side, number: number) {
    const received = this.#received[side]
    const before = received.size
    received.take(number, this.#faults)
    if (received.size > before) this.heard(performance.now() - (this.#sentAt[side][number] ?? NaN))
  }

  /** Sends the next candidate of one side. */
  say(side: Side) {
    const [caller, callee] = this.phones
    if (this.#sinceOffer >= candidatesOfNegotiation) {
      this.#sinceOffer = 0
      caller.say("offer", [callee.user])
    }
    this.#sinceOffer += 1
    const number = this.#sentAt[side].push(performance.now()) - 1
    this.phones[side].say("candidate", [this.phones[side === 0 ? 1 : 0].user], number)
  }

  /** Candidates that were sent and have not come. */
  get missing(): number {
    const sent = this.#sentAt[0].length + this.#sentAt[1].length
    return sent - this.#received[0].size - this.#received[1].size
  }

  hangUp() {
    const [caller, callee] = this.phones
    caller.say("end", [callee.user])
  }
}
