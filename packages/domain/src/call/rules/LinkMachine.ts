/**
 * The rules of a link: offers and answers in the order of the server, candidates, and whether media gets through.
 */
import { DateTime, Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import type { UserId } from "../../identity/model/UserId.ts"
import { type Call, isOver, participation } from "../model/Call.ts"
import type { CallCommandOf } from "../model/CallCommand.ts"
import {
  NoOpenOffer,
  NotConnected,
  NotInCall,
  NotOfferer,
  OfferConflict,
  StaleNegotiation,
  TooManyOffers,
  UnknownParticipant
} from "../model/CallErrors.ts"
import { connects, type EarlyCandidates, hasEnd, isOpen, type Link } from "../model/Link.ts"
import { isActive } from "../model/Participation.ts"
import type { CallDraft } from "./CallDraft.ts"

/** Maximum number of offers on a link within a minute. */
export const maxOffersPerMinute = 5

export const offer = (command: CallCommandOf<"Offer">, draft: CallDraft) =>
  Result.flatMap(
    findLink(draft.call, command.by, command.to),
    rule((link: Link) => {
      const { by: from, digest } = command
      const next = link.negotiation + 1
      if (isRepeat(link.offer, command, link.negotiation)) return Result.void
      if (link.signalling === "offering") return Result.fail(new OfferConflict({ negotiation: link.negotiation }))
      if ((command.negotiation ?? next) !== next) return stale(link)
      if (link.negotiation === link.openedAtNegotiation && link.offerer !== from) {
        return Result.fail(new NotOfferer({ offerer: link.offerer }))
      }
      const fifthNewest = link.offeredAt.at(-maxOffersPerMinute)
      const retryAt = fifthNewest && DateTime.add(fifthNewest, { minutes: 1 })
      if (retryAt && DateTime.isGreaterThan(retryAt, draft.at)) return Result.fail(new TooManyOffers({ retryAt }))
      draft.emit({ _tag: "Offer", from, to: peer(link, from), negotiation: next, digest })
      return Result.void
    })
  )

/** Whether this user could answer now. The check precedes the acceptance that an answer of a pending callee implies. */
export const canAnswer = rule((command: CallCommandOf<"Answer">, call: Call) =>
  Result.match(pairOf(call, command.by, command.to), {
    onFailure: () => noOpenOffer,
    onSuccess: (link) => awaitsAnswerOf(link, command) ? Result.void : noOpenOffer
  })
)

export const answer = (command: CallCommandOf<"Answer">, draft: CallDraft) =>
  Result.flatMap(
    findLink(draft.call, command.by, command.to),
    rule((link: Link) => {
      const { by: from, digest } = command
      if (isRepeat(link.answer, command, link.negotiation)) return Result.void
      if (!awaitsAnswerOf(link, command)) return noOpenOffer
      draft.emit({ _tag: "Answer", from, to: peer(link, from), negotiation: link.negotiation, digest })
      return Result.void
    })
  )

export const report = (command: CallCommandOf<"ReportLink">, draft: CallDraft) =>
  Result.flatMap(
    findLink(draft.call, command.by, command.with),
    rule((link: Link) => {
      const other = participation(draft.call, peer(link, command.by))
      if (other === undefined || !isActive(other)) return Result.fail(new NotInCall())
      if (!link.answered) return Result.fail(new NotConnected())
      const fact = { a: link.a, b: link.b, negotiation: link.negotiation }
      if (command.state === "up" && link.transport !== "up") draft.emit({ _tag: "LinkUp", ...fact })
      if (command.state === "down" && link.transport === "up") draft.emit({ _tag: "LinkDown", ...fact })
      return Result.void
    })
  )

export const negotiationExpired = (link: Link, draft: CallDraft): void =>
  draft.emit({ _tag: "NegotiationExpired", a: link.a, b: link.b, negotiation: link.negotiation })

/** A direct call ends with its only link; a group call continues without the link. */
export const transportTimedOut = (link: Link, draft: CallDraft): void => {
  draft.emit({ _tag: "LinkFailed", a: link.a, b: link.b, negotiation: link.negotiation })
  if (draft.call.kind === "direct" && !isOver(draft.call)) draft.emit({ _tag: "CallEnded", reason: "media_failed" })
}

/** The open link from an active user to another user. */
export const findLink = rule((call: Call, by: UserId, to: UserId | undefined) => {
  const person = participation(call, by)
  return person !== undefined && isActive(person) ? pairOf(call, by, to) : Result.fail(new NotInCall())
})

export const pairOf = rule((call: Call, by: UserId, to: UserId | undefined) => {
  if (to === undefined && call.kind === "group") return Result.fail(new UnknownParticipant({ userIds: [] }))
  const link = call.links.find((each) => isOpen(each) && (to === undefined ? hasEnd(each, by) : connects(each, by, to)))
  return link === undefined ? Result.fail(new NotInCall()) : Result.succeed(link)
})

export const awaitsAnswerOf = (link: Link, { by, negotiation }: CallCommandOf<"Answer" | "Candidates">): boolean =>
  isAskedToAnswer(link, by) && (negotiation ?? link.negotiation) === link.negotiation

export const isAskedToAnswer = (link: Link, user: UserId): boolean =>
  link.signalling === "offering" && link.offer?.from !== user

const isRepeat = (
  last: Link["offer"],
  { by, digest, negotiation }: CallCommandOf<"Offer"> | CallCommandOf<"Answer">,
  current: number
): boolean => last?.from === by && last.digest === digest && (negotiation ?? current) === current

export const peer = (link: Link, user: UserId): UserId => link.a === user ? link.b : link.a

export const earlyOf = ({ early = [] }: Link): ReadonlyArray<EarlyCandidates> => early

/** The stored facts of sent candidates: their digests, and whether they were the last. */
export const marked = (
  { digests, endOfCandidates, from }: Pick<EarlyCandidates, "digests" | "endOfCandidates" | "from">
) => endOfCandidates ? [...digests, endMark(from)] : digests

export const endMark = (from: UserId): string => `end:${from}`

const noOpenOffer = Result.fail(new NoOpenOffer())
export const stale = (link: Link) => Result.fail(new StaleNegotiation({ negotiation: link.negotiation }))
