/**
 * One call of several users in which each has a connection to each: for every pair an offer, an answer and two
 * candidates of each side, one a message.
 */
import type { Phone } from "../phones/Phone.ts"
import { type Faults, type Outcome, type Party, Received, runCall, trickle } from "./Party.ts"

/** Candidates of one side of a connection. */
const candidates = 2

/** The connection of one user to another, as the user sees it. */
class Side {
  readonly received = new Received(candidates)
  hasDescription = false

  get isComplete() {
    return this.hasDescription && this.received.isComplete
  }
}

const begin = (phones: ReadonlyArray<Phone>, faults: Faults) => (end: (outcome: Outcome) => void) => {
  const [initiator, ...others] = phones
  if (initiator === undefined) return
  const sides = new Map(
    phones.map((phone) => [
      phone.user,
      new Map(phones.flatMap(({ user }) => user === phone.user ? [] : [[user, new Side()] as const]))
    ])
  )
  /** Pairs that one of them has offered to. */
  const offered = new Set<string>()
  const isIn = new Set([initiator.user])
  let incomplete = phones.length * others.length
  let isHangingUp = false
  let left = others.length

  const finish = () => {
    if (left === 0 && phones.every((phone) => phone.isIdle())) end("finished")
  }

  for (const phone of phones) {
    const elsewhere = phones.map(({ user }) => user).filter((user) => user !== phone.user)
    const describe = (word: "offer" | "answer", to: string) => {
      phone.say(word, [to])
      trickle(phone, to, candidates)
    }
    const change = (from: string, take: (side: Side) => void) => {
      const side = sides.get(phone.user)?.get(from)
      if (side === undefined || side.isComplete) return
      take(side)
      if (side.isComplete) incomplete -= 1
      if (incomplete > 0 || isHangingUp) return
      isHangingUp = true
      initiator.say("end", others.map(({ user }) => user))
    }
    phone.hear = (word, from, number) => {
      switch (word) {
        case "ring":
          return phone.say("alert", [initiator.user])
        case "accept": {
          const pair = [phone.user, from].toSorted().join(" ")
          // Users behind a relay who have not accepted yet get no connection before they do.
          if (!isIn.has(phone.user) || offered.has(pair)) return
          offered.add(pair)
          return describe("offer", from)
        }
        case "offer":
          describe("answer", from)
          return change(from, (side) => side.hasDescription = true)
        case "answer":
          return change(from, (side) => side.hasDescription = true)
        case "candidate":
          return change(from, (side) => side.received.take(number, faults))
        case "end":
          if (!isHangingUp) return end("refused: ended")
          if (phone !== initiator) left -= 1
          return finish()
        default:
          return
      }
    }
    phone.answered = (word) => {
      if (word === "alert") {
        isIn.add(phone.user)
        phone.say("accept", elsewhere)
      }
      finish()
    }
  }
  initiator.say("ring", others.map(({ user }) => user))
}

export const meshCall = (phones: ReadonlyArray<Phone>): Party => ({
  phones,
  call: (limit, faults) => runCall(phones, limit, begin(phones, faults))
})
