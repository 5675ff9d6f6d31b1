/**
 * The rules of a link: offers and answers in the order of the server, candidates, and whether media gets through.
 */
import { DateTime, Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import type { UserId } from "../../identity/model/UserId.ts"
import { active, type Call, isOver, linkBetween, participation } from "../model/Call.ts"
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
import type { CallEvent } from "../model/CallEvent.ts"
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

export const evolve = (call: Call, event: CallEvent, at: DateTime.Utc): Call => {
  switch (event._tag) {
    case "Offer":
      return update(
        call,
        event.from,
        event.to,
        (link) => withEarly(offered(link, event, at), (each) => belongsTo(call, event, each))
      )
    case "Answer":
      return update(
        call,
        event.from,
        event.to,
        (link) =>
          withEarly(
            answered(link, event),
            (each) => each.negotiation > event.negotiation || belongsTo(call, event, each)
          )
      )
    case "Candidates":
      return update(call, event.from, event.to, (link) => {
        const before = withEarly(link, ({ seq }) => seq !== event.keptAt)
        return event.negotiation === link.negotiation
          ? { ...before, candidates: [...link.candidates, ...marked(event)] }
          : { ...before, previousCandidates: [...link.previousCandidates, ...marked(event)] }
      })
    case "CandidatesKept": {
      const { _tag, to, ...kept } = event
      return update(
        call,
        event.from,
        to,
        (link) => ({ ...link, early: [...earlyOf(link), { ...kept, seq: call.seq + 1 }] })
      )
    }
    case "LinkUp":
      return update(joined(call, [event.a, event.b], at), event.a, event.b, (link) => ({ ...link, transport: "up" }))
    case "LinkDown":
      return update(call, event.a, event.b, (link) => ({ ...link, transport: "down" }))
    case "LinkFailed":
      return update(call, event.a, event.b, (link) => ({ ...link, transport: "failed" }))
    case "NegotiationExpired":
      return update(call, event.a, event.b, ({ offer: _, ...link }) => ({
        ...withEarly(link, ({ negotiation }) => negotiation > event.negotiation),
        signalling: "stable",
        transport: link.transport === "new" ? "failed" : link.transport
      }))
    default:
      return call
  }
}

/** Opens or reopens the link of a pair: new and stable, with the next negotiation number. */
export const opened = (call: Call, one: UserId, other: UserId, offerer: UserId): Call => {
  const existing = linkBetween(call, one, other)
  const [a, b] = one < other ? [one, other] : [other, one]
  const negotiation = existing?.negotiation ?? 0
  const link: Link = {
    a,
    b,
    offerer,
    signalling: "stable",
    transport: "new",
    negotiation,
    openedAtNegotiation: negotiation,
    answered: false,
    offeredAt: existing?.offeredAt ?? [],
    candidates: [],
    previousCandidates: []
  }
  return existing === undefined
    ? { ...call, links: [...call.links, link] }
    : { ...call, links: call.links.map((each) => each === existing ? link : each) }
}

/** Closes every link of a user, or of every user. */
export const closed = (call: Call, user?: UserId): Call => ({
  ...call,
  links: call.links.map((link) =>
    isOpen(link) && (user === undefined || hasEnd(link, user))
      ? { ...withEarly(link, () => false), signalling: "stable", transport: "closed" }
      : link
  )
})

const offered = (link: Link, event: Extract<CallEvent, { _tag: "Offer" }>, at: DateTime.Utc): Link => {
  const { answer: _, ...rest } = link
  return {
    ...rest,
    signalling: "offering",
    negotiation: event.negotiation,
    offer: { from: event.from, digest: event.digest },
    offeredAt: [...link.offeredAt, at].slice(-maxOffersPerMinute),
    candidates: [],
    previousCandidates: link.candidates
  }
}

const answered = (link: Link, event: Extract<CallEvent, { _tag: "Answer" }>): Link => ({
  ...link,
  signalling: "stable",
  answered: true,
  answer: { from: event.from, digest: event.digest },
  transport: link.transport === "up" ? "up" : "checking"
})

const joined = (call: Call, ends: ReadonlyArray<UserId>, at: DateTime.Utc): Call => ({
  ...call,
  mediaConnectedAt: call.mediaConnectedAt ?? at,
  participants: call.participants.map((person) => {
    if (!ends.includes(person.userId)) return person
    if (person.state === "joining") return { ...person, state: "joined" }
    return person.reconnecting?.from === "joining"
      ? { ...person, reconnecting: { ...person.reconnecting, from: "joined" } }
      : person
  })
})

/** The open link from an active user to another user. */
export const findLink = rule((call: Call, by: UserId, to: UserId | undefined) =>
  active(call).some(({ userId }) => userId === by) ? pairOf(call, by, to) : Result.fail(new NotInCall())
)

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

/** Keeps the early candidates in `stays`. A link without early candidates has no key for them. */
const withEarly = <A extends Pick<Link, "early">>(
  { early = [], ...link }: A,
  stays: (candidates: EarlyCandidates) => boolean
) => {
  const left = early.filter(stays)
  return left.length === 0 ? link : { ...link, early: left }
}

/** Whether early candidates belong to this description: same sender, same number and same device. */
const belongsTo = (
  call: Call,
  { from, negotiation }: { readonly from: UserId; readonly negotiation: number },
  early: EarlyCandidates
): boolean => {
  const device = participation(call, from)?.device
  return early.from === from && early.negotiation === negotiation &&
    (early.device === undefined || device === undefined || early.device === device)
}

/** The stored facts of sent candidates: their digests, and whether they were the last. */
export const marked = (
  { digests, endOfCandidates, from }: Pick<EarlyCandidates, "digests" | "endOfCandidates" | "from">
) => endOfCandidates ? [...digests, endMark(from)] : digests

export const endMark = (from: UserId): string => `end:${from}`

const update = (call: Call, one: UserId, other: UserId, change: (link: Link) => Link): Call => ({
  ...call,
  links: call.links.map((link) => connects(link, one, other) ? change(link) : link)
})

const noOpenOffer = Result.fail(new NoOpenOffer())
export const stale = (link: Link) => Result.fail(new StaleNegotiation({ negotiation: link.negotiation }))
