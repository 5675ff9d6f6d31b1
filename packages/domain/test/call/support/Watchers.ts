/**
 * The expected audiences, derived from the events alone, independently of the state of the call.
 */
import type { CallEvent, CallRecord } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"

type EntryState = "active" | "pending" | "unseen" | "left"

/** The users of a call, and the number of the newest event that each of them has seen. */
export class Watchers {
  private readonly states: Map<UserId, EntryState>
  private readonly lastSeen: Map<UserId, number>

  constructor(earlier?: Watchers) {
    this.states = new Map(earlier?.states)
    this.lastSeen = new Map(earlier?.lastSeen)
  }

  /** The audience that the next record should have: the users, and the number of what they saw before. */
  see({ event, seq }: Pick<CallRecord, "event" | "seq">): Readonly<Record<string, number>> {
    const before = this.told()
    changeStates(this.states, event)
    const users = new Set(intended(event, [...before, ...this.told()], this.states))
    const audience = Object.fromEntries([...users].map((user) => [user, this.lastSeen.get(user) ?? 0]))
    for (const user of users) this.lastSeen.set(user, seq)
    return audience
  }

  private told(): ReadonlyArray<UserId> {
    return [...this.states].filter(([, state]) => state === "active" || state === "pending").map(([user]) => user)
  }
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
