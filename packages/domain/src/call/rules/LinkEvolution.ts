/**
 * The links of a call after an event.
 */
import type { DateTime } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import { type Call, linkBetween, participation } from "../model/Call.ts"
import type { CallEvent } from "../model/CallEvent.ts"
import { connects, type EarlyCandidates, hasEnd, isOpen, type Link } from "../model/Link.ts"
import { earlyOf, marked, maxOffersPerMinute } from "./LinkMachine.ts"

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

/** Keeps the early candidates in `stays`. A link without early candidates has no key for them. */
const withEarly = <A extends Pick<Link, "early">>(
  from: A,
  stays: (candidates: EarlyCandidates) => boolean
): A | Omit<A, "early"> => {
  if (from.early === undefined) return from
  const { early, ...link } = from
  const left = early.filter(stays)
  return left.length === 0 ? link : { ...from, early: left }
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

const update = (call: Call, one: UserId, other: UserId, change: (link: Link) => Link): Call => {
  const index = call.links.findIndex((link) => connects(link, one, other))
  const link = call.links[index]
  return link === undefined ? call : { ...call, links: call.links.with(index, change(link)) }
}
