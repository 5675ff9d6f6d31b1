/**
 * The audience of an event: users, never devices.
 */
import type { UserId } from "../../identity/model/UserId.ts"
import { type Call, isVisibleTo } from "../model/Call.ts"
import type { CallEvent } from "../model/CallEvent.ts"
import { isActive, isPending } from "../model/Participation.ts"

/**
 * The audience of an event: the addressees of signalling, both ends of a link, or every user who is active or pending
 * just before or just after the event. A user who leaves therefore receives the event as well. A suppressed invitee
 * receives nothing.
 */
export const audienceOf = (before: Call | undefined, event: CallEvent, after: Call): ReadonlyArray<UserId> =>
  intended(before, event, after).filter((user) => isVisibleTo(after, user))

const intended = (before: Call | undefined, event: CallEvent, after: Call): ReadonlyArray<UserId> => {
  switch (event._tag) {
    case "Offer":
    case "Answer":
    case "Candidates":
      return [event.to]
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
      return after.participants
        .filter((person, index) => isConcerned(person) || isConcerned(before?.participants[index]))
        .map(({ userId }) => userId)
  }
}

const isConcerned = (person: Call["participants"][number] | undefined): boolean =>
  person !== undefined && (isActive(person) || isPending(person))
