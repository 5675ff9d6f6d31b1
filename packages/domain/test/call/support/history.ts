/**
 * Beginnings of histories that many tests share, and the events they are made of.
 */
import {
  type CallEvent,
  type CallLimits,
  type CallTimeouts,
  defaultTimeouts,
  type OpenedLink
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { atSecond, type Wait, wait } from "./given.ts"
import { ann, bob, cid, laptop, phone, team, thisCall } from "./people.ts"

type EventOf<Tag extends CallEvent["_tag"]> = Extract<CallEvent, { readonly _tag: Tag }>

export const limits = (
  { timeouts, ...overrides }: Partial<Omit<CallLimits, "timeouts">> & { readonly timeouts?: Partial<CallTimeouts> } = {}
): CallLimits => ({
  people: 8,
  callSeconds: 86_400,
  reason: "max_duration",
  recording: true,
  ...overrides,
  timeouts: { ...defaultTimeouts, ...timeouts }
})

export const initiated = (overrides: Partial<EventOf<"CallInitiated">> = {}): EventOf<"CallInitiated"> => ({
  _tag: "CallInitiated",
  callId: thisCall,
  initiatorId: ann,
  callType: "video",
  kind: "direct",
  device: phone,
  reportsMedia: true,
  limits: limits(),
  ...overrides
})

/** Rings until 60 s after the beginning unless told otherwise. */
export const invited = (userId: UserId, overrides: Partial<EventOf<"Invited">> = {}): EventOf<"Invited"> => ({
  _tag: "Invited",
  userId,
  by: ann,
  kind: "direct",
  ringUntil: atSecond(60),
  ...overrides
})

export const ringing = (userId: UserId): CallEvent => ({ _tag: "Ringing", userId })

/** On the phone, reporting media; the links as a direct call names them. */
export const accepted = (userId: UserId, overrides: Partial<EventOf<"Accepted">> = {}): EventOf<"Accepted"> => ({
  _tag: "Accepted",
  userId,
  device: phone,
  reportsMedia: true,
  links: [{ with: ann, offerer: ann }],
  ...overrides
})

/** In a group: the newcomer offers to all active users. */
export const acceptedAmong = (userId: UserId, ...others: ReadonlyArray<UserId>): EventOf<"Accepted"> =>
  accepted(userId, { links: others.map((other): OpenedLink => ({ with: other, offerer: userId })) })

export const offer = (from: UserId, to: UserId, negotiation = 1, digest = `offer-${negotiation}`): CallEvent => ({
  _tag: "Offer",
  from,
  to,
  negotiation,
  digest
})

export const answer = (from: UserId, to: UserId, negotiation = 1, digest = `answer-${negotiation}`): CallEvent => ({
  _tag: "Answer",
  from,
  to,
  negotiation,
  digest
})

export const linkEvent = (
  tag: "LinkUp" | "LinkDown" | "LinkFailed" | "NegotiationExpired",
  a: UserId,
  b: UserId,
  negotiation = 1
): CallEvent => ({ _tag: tag, a, b, negotiation })

export const linkUp = (a: UserId, b: UserId, negotiation = 1): CallEvent => linkEvent("LinkUp", a, b, negotiation)

export const reconnecting = (userId: UserId): CallEvent => ({ _tag: "Reconnecting", userId })

export const resumed = (userId: UserId, fresh = false): CallEvent => ({ _tag: "Resumed", userId, fresh })

export const left = (userId: UserId, reason: EventOf<"Left">["reason"], by?: UserId): CallEvent => ({
  _tag: "Left",
  userId,
  reason,
  ...(by && { by })
})

export const ended = (reason: EventOf<"CallEnded">["reason"], by?: UserId): CallEvent => ({
  _tag: "CallEnded",
  reason,
  ...(by && { by })
})

/** Ann calls Bob. */
export const annCallsBob: ReadonlyArray<CallEvent> = [initiated(), invited(bob)]

/** Ann calls Bob, and Bob answers after 10 s. */
export const annTalksToBob: ReadonlyArray<CallEvent | Wait> = [
  ...annCallsBob,
  ringing(bob),
  wait(10),
  accepted(bob)
]

/** The same, with media since 12 s. */
export const annSeesBob: ReadonlyArray<CallEvent | Wait> = [
  ...annTalksToBob,
  wait(2),
  offer(ann, bob),
  answer(bob, ann),
  linkUp(ann, bob)
]

export const groupInitiated = (overrides: Partial<EventOf<"CallInitiated">> = {}): CallEvent =>
  initiated({ kind: "group", groupId: team, ...overrides })

/** Ann calls others as a group. */
export const annCallsGroup = (...callees: ReadonlyArray<UserId>): ReadonlyArray<CallEvent> => [
  groupInitiated(),
  ...callees.map((userId) => invited(userId, { kind: "group" }))
]

/** Ann calls Bob and Cid as a group, both answer after 10 s. */
export const annBobAndCid: ReadonlyArray<CallEvent | Wait> = [
  ...annCallsGroup(bob, cid),
  wait(10),
  acceptedAmong(bob, ann),
  acceptedAmong(cid, ann, bob)
]

export const onPhone = (by: UserId) => ({ by, device: phone })
export const onLaptop = (by: UserId) => ({ by, device: laptop })
