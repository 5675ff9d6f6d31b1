/**
 * Who must see what, told from the events alone: an account of its own beside the state of the call.
 */
import type { CallEvent, CallRecord } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"

type Standing = "active" | "pending" | "unseen" | "left"

/** The audience that each record should have: the users, and the number of what they saw before. */
export const expectedAudiences = (
  records: ReadonlyArray<Pick<CallRecord, "event" | "seq">>
): ReadonlyArray<Readonly<Record<string, number>>> => {
  const standings = new Map<UserId, Standing>()
  const lastSeen = new Map<UserId, number>()
  const told = () => [...standings].filter(([, standing]) => standing === "active" || standing === "pending")
  return records.map(({ event, seq }) => {
    const before = told().map(([user]) => user)
    changeStandings(standings, event)
    const after = told().map(([user]) => user)
    const users = new Set(intended(event, [...before, ...after], standings))
    const audience = Object.fromEntries([...users].map((user) => [user, lastSeen.get(user) ?? 0]))
    for (const user of users) lastSeen.set(user, seq)
    return audience
  })
}

const intended = (
  event: CallEvent,
  all: ReadonlyArray<UserId>,
  standings: ReadonlyMap<UserId, Standing>
): ReadonlyArray<UserId> => {
  switch (event._tag) {
    case "Offer":
    case "Answer":
    case "Candidates":
      return standings.get(event.to) === "unseen" ? [] : [event.to]
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

const changeStandings = (standings: Map<UserId, Standing>, event: CallEvent): void => {
  switch (event._tag) {
    case "CallInitiated":
      standings.set(event.initiatorId, "active")
      return
    case "Invited":
      standings.set(event.userId, event.suppressed ? "unseen" : "pending")
      return
    case "Accepted":
      standings.set(event.userId, "active")
      return
    case "Left":
      standings.set(event.userId, "left")
      return
    case "CallEnded":
      for (const user of standings.keys()) standings.set(user, "left")
  }
}
