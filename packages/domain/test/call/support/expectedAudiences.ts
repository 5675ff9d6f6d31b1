/**
 * The expected audiences, derived from the events alone, independently of the state of the call.
 */
import type { CallEvent, CallRecord } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"

type EntryState = "active" | "pending" | "unseen" | "left"

/** The audience that each record should have: the users, and the number of what they saw before. */
export const expectedAudiences = (
  records: ReadonlyArray<Pick<CallRecord, "event" | "seq">>
): ReadonlyArray<Readonly<Record<string, number>>> => {
  const states = new Map<UserId, EntryState>()
  const lastSeen = new Map<UserId, number>()
  const told = () => [...states].filter(([, state]) => state === "active" || state === "pending")
  return records.map(({ event, seq }) => {
    const before = told().map(([user]) => user)
    changeStates(states, event)
    const after = told().map(([user]) => user)
    const users = new Set(intended(event, [...before, ...after], states))
    const audience = Object.fromEntries([...users].map((user) => [user, lastSeen.get(user) ?? 0]))
    for (const user of users) lastSeen.set(user, seq)
    return audience
  })
}

const intended = (
  event: CallEvent,
  all: ReadonlyArray<UserId>,
  states: ReadonlyMap<UserId, EntryState>
): ReadonlyArray<UserId> => {
  switch (event._tag) {
    case "Offer":
    case "Answer":
    case "Candidates":
      return states.get(event.to) === "unseen" ? [] : [event.to]
    case "LinkUp":
    case "LinkDown":
    case "LinkFailed":
    case "NegotiationExpired":
      return [event.a, event.b]
    case "DeviceBound":
      return [event.userId]
    case "CandidatesKept":
    case "DeadlinesPostponed":
      return []
    default:
      return all
  }
}

const changeStates = (states: Map<UserId, EntryState>, event: CallEvent): void => {
  switch (event._tag) {
    case "CallInitiated":
      states.set(event.initiatorId, "active")
      return
    case "Invited":
      states.set(event.userId, event.suppressed ? "unseen" : "pending")
      return
    case "Accepted":
      states.set(event.userId, "active")
      return
    case "Left":
      states.set(event.userId, "left")
      return
    case "CallEnded":
      for (const user of states.keys()) states.set(user, "left")
  }
}
