/**
 * The rules of candidates: each candidate is passed on once, and after the description of its sender (JSEP, RFC 9429).
 */
import { Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import type { UserId } from "../../identity/model/UserId.ts"
import { participation } from "../model/Call.ts"
import type { CallCommandOf } from "../model/CallCommand.ts"
import { NotInCall, NotOfferer, TooManyCandidates } from "../model/CallErrors.ts"
import type { Link } from "../model/Link.ts"
import { isPending } from "../model/Participation.ts"
import type { CallDraft } from "./CallDraft.ts"
import {
  awaitsAnswerOf,
  earlyOf,
  endMark,
  findLink,
  isAskedToAnswer,
  marked,
  pairOf,
  peer,
  stale
} from "./LinkMachine.ts"
import { speak } from "./ParticipantMachine.ts"

/** Maximum number of candidates on a link in one negotiation, for both sides together. */
export const maxCandidates = 512

/** A callee who is about to answer an open offer may send candidates before the answer. */
export const candidates = rule((command: CallCommandOf<"Candidates">, draft: CallDraft) => {
  const person = participation(draft.call, command.by)
  if (person !== undefined && isPending(person)) {
    return Result.flatMap(
      pairOf(draft.call, command.by, command.to),
      rule((link: Link) => awaitsAnswerOf(link, command) ? pass(command, link, draft) : Result.fail(new NotInCall()))
    )
  }
  return speak(draft, command.by, command.device).pipe(
    Result.flatMap(() => findLink(draft.call, command.by, command.to)),
    Result.flatMap((link) => pass(command, link, draft))
  )
})

/** Passes candidates on, or keeps them until the description of their sender arrives. */
const pass = rule((command: CallCommandOf<"Candidates">, link: Link, draft: CallDraft) => {
  const { by: from, device } = command
  const isUnused = link.negotiation === link.openedAtNegotiation
  const negotiation = command.negotiation ?? (isUnused ? link.negotiation + 1 : link.negotiation)
  if (negotiation < 1 || negotiation > link.negotiation + 1) return stale(link)
  if (negotiation <= link.openedAtNegotiation || negotiation < link.negotiation - 1) return Result.void
  if (isUnused && link.offerer !== from) return Result.fail(new NotOfferer({ offerer: link.offerer }))

  const early = earlyOf(link).filter((each) => each.negotiation === negotiation)
  const kept = early.filter((each) => each.from === from && each.device === device).flatMap(marked)
  const isSent = memberOf([sentIn(link, negotiation), kept], command.digests.length)
  const different = command.digests.length === 1 ? command.digests : [...new Set(command.digests)]
  const digests = different.filter((digest) => !isSent(digest))
  const endOfCandidates = command.endOfCandidates === true && !isSent(endMark(from))
  if (digests.length === 0 && !endOfCandidates) return Result.void
  if (sentIn(link, negotiation).length + early.flatMap(marked).length + digests.length > maxCandidates) {
    return Result.fail(new TooManyCandidates({ limit: maxCandidates }))
  }
  const waits = isEarly(link, from, negotiation)
  draft.emit({
    _tag: waits ? "CandidatesKept" : "Candidates",
    from,
    to: peer(link, from),
    negotiation,
    digests,
    ...(endOfCandidates ? { endOfCandidates } : {}),
    ...(waits && device ? { device } : {})
  })
  return Result.void
})

/** Passes on kept candidates whose description has arrived. */
export const release = (draft: CallDraft): void => {
  for (const link of draft.call.links) {
    for (const { digests, endOfCandidates, from, negotiation, seq } of earlyOf(link)) {
      if (isEarly(link, from, negotiation)) continue
      const candidates = { digests, ...(endOfCandidates ? { endOfCandidates } : {}) }
      draft.emit({ _tag: "Candidates", from, to: peer(link, from), negotiation, ...candidates, keptAt: seq })
    }
  }
}

/** Whether the sender has sent no description in this negotiation yet. */
const isEarly = (link: Link, from: UserId, negotiation: number): boolean =>
  negotiation > link.negotiation || (negotiation === link.negotiation && isAskedToAnswer(link, from))

/** Whether a text is in one of the lists, for this many questions. A set pays off for several questions. */
const memberOf = (
  lists: ReadonlyArray<ReadonlyArray<string>>,
  questions: number
): (text: string) => boolean => {
  if (questions <= 2) return (text) => lists.some((list) => list.includes(text))
  const members = new Set(lists.flat())
  return (text) => members.has(text)
}

const sentIn = (link: Link, negotiation: number): ReadonlyArray<string> => {
  if (negotiation > link.negotiation) return []
  return negotiation === link.negotiation ? link.candidates : link.previousCandidates
}
