/**
 * One call of two users, from ringing to hanging up: 22 commands, with an offer, an answer and eight candidates of each
 * user, one a message.
 */
import type { Phone, Word } from "./Phone.ts"
import { candidatesOfUser } from "./signals.ts"

export interface Faults {
  /** Candidates that came twice. */
  repeated: number
  /** Candidates that came before an earlier one. */
  outOfOrder: number
}

/** The candidates that one user has received in one call. */
class Received {
  #numbers = new Set<number>()
  #highest = -1

  take(number: number, faults: Faults) {
    if (this.#numbers.has(number)) faults.repeated += 1
    else if (number < this.#highest) faults.outOfOrder += 1
    this.#numbers.add(number)
    this.#highest = Math.max(this.#highest, number)
  }

  get isComplete() {
    return this.#numbers.size === candidatesOfUser
  }
}

export type Outcome = "finished" | "unfinished" | `refused: ${string}`

export interface Pair {
  readonly caller: Phone
  readonly callee: Phone
}

const trickle = (from: Phone, to: Phone) => {
  for (let number = 0; number < candidatesOfUser; number += 1) from.say("candidate", to.user, number)
}

/** Makes one call. Without an end of its own, it is `unfinished` after `limit` milliseconds. */
export const makeCall = ({ callee, caller }: Pair, limit: number, faults: Faults): Promise<Outcome> =>
  new Promise((done) => {
    const fromCaller = new Received()
    const fromCallee = new Received()
    let hasOffer = false
    let hasAnswer = false
    let isHangingUp = false
    let hasEnded = false

    const end = (outcome: Outcome) => {
      clearTimeout(timer)
      for (const phone of [caller, callee]) {
        phone.hear = phone.answered = phone.refused = () => undefined
        if (outcome !== "finished") phone.giveUp(phone === caller ? callee.user : caller.user)
      }
      done(outcome)
    }
    const timer = setTimeout(() => end("unfinished"), limit)

    const hangUp = () => {
      if (isHangingUp || !hasOffer || !hasAnswer || !fromCaller.isComplete || !fromCallee.isComplete) return
      isHangingUp = true
      caller.say("end", callee.user)
    }
    const finish = () => {
      if (hasEnded && caller.isIdle() && callee.isIdle()) end("finished")
    }

    callee.hear = (word: Word, number: number) => {
      switch (word) {
        case "ring":
          return callee.say("alert", caller.user)
        case "offer":
          hasOffer = true
          callee.say("answer", caller.user)
          return trickle(callee, caller)
        case "candidate":
          fromCaller.take(number, faults)
          return hangUp()
        case "end":
          if (!isHangingUp) return end("refused: ended")
          hasEnded = true
          return finish()
        default:
          return
      }
    }
    callee.answered = (word: Word) => {
      if (word === "alert") callee.say("accept", caller.user)
      finish()
    }
    caller.hear = (word: Word, number: number) => {
      switch (word) {
        case "accept":
          caller.say("offer", callee.user)
          return trickle(caller, callee)
        case "answer":
          hasAnswer = true
          return hangUp()
        case "candidate":
          fromCallee.take(number, faults)
          return hangUp()
        case "end":
          return isHangingUp ? undefined : end("refused: ended")
        default:
          return
      }
    }
    caller.answered = finish
    caller.refused = callee.refused = (code: string) => end(`refused: ${code}`)
    caller.say("ring", callee.user)
  })
