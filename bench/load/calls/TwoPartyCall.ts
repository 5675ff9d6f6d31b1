/**
 * One call of two users, from ringing to hanging up: 22 commands, with an offer, an answer and eight candidates of each
 * user, one a message.
 */
import type { Phone } from "../phones/Phone.ts"
import { type Faults, type Party, Received, runCall, trickle } from "./Party.ts"

/** Candidates of one user. */
const candidates = 8

const begin = (caller: Phone, callee: Phone, faults: Faults) => (end: Parameters<Parameters<typeof runCall>[2]>[0]) => {
  const fromCaller = new Received(candidates)
  const fromCallee = new Received(candidates)
  let hasOffer = false
  let hasAnswer = false
  let isHangingUp = false
  let hasEnded = false

  const hangUp = () => {
    if (isHangingUp || !hasOffer || !hasAnswer || !fromCaller.isComplete || !fromCallee.isComplete) return
    isHangingUp = true
    caller.say("end", [callee.user])
  }
  const finish = () => {
    if (hasEnded && caller.isIdle() && callee.isIdle()) end("finished")
  }

  callee.hear = (word, _, number) => {
    switch (word) {
      case "ring":
        return callee.say("alert", [caller.user])
      case "offer":
        hasOffer = true
        callee.say("answer", [caller.user])
        return trickle(callee, caller.user, candidates)
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
  callee.answered = (word) => {
    if (word === "alert") callee.say("accept", [caller.user])
    finish()
  }
  caller.hear = (word, _, number) => {
    switch (word) {
      case "accept":
        caller.say("offer", [callee.user])
        return trickle(caller, callee.user, candidates)
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
  caller.say("ring", [callee.user])
}

export const twoPartyCall = (caller: Phone, callee: Phone): Party => {
  const phones = [caller, callee]
  return { phones, call: (limit, faults) => runCall(phones, limit, begin(caller, callee, faults)) }
}
