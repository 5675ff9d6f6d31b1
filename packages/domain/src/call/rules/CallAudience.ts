/**
 * Who gets to see an event: users, never devices.
 */
import type { UserId } from "../../identity/model/UserId.ts"
import { type Call, isVisibleTo } from "../model/Call.ts"
import type { CallEvent } from "../model/CallEvent.ts"
import { isActive, isPending } from "../model/Participation.ts"

/**
 * The addressees of signalling, both ends of a link, or everybody active or pending just before or just after the
 * event, so that the one who leaves hears of it as well. A suppressed invitation hears nothing.
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
