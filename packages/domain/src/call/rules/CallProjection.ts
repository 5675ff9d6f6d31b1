/**
 * What is kept beside the events for finding calls: each is a fold of the call's state.
 */
import { DateTime, Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { active, type Call, CallKind, CallType, isOver, participation, pending } from "../model/Call.ts"
import { CallId } from "../model/CallIds.ts"
import { isActive, isPending } from "../model/Participation.ts"

/** How a call went, as one of its people sees it in their history. */
export const Outcome = Schema.Literals(["ongoing", "answered", "declined", "cancelled", "missed"])
export type Outcome = typeof Outcome.Type

/** One person's entry for one call. At most one `active` entry per person exists at a time, over all calls. */
export const UserCall = Schema.Struct({
  userId: UserId,
  callId: CallId,
  state: Schema.Literals(["active", "pending", "left"]),
  initiatedAt: Schema.DateTimeUtc,
  type: CallType,
  kind: CallKind,
  outcome: Outcome,
  /** Everybody else in the call. */
  peers: Schema.Array(UserId)
})
export type UserCall = typeof UserCall.Type

/** The entries of everybody who may know of the call. */
export const userCalls = (call: Call): ReadonlyArray<UserCall> => {
  const visible = call.participants.filter(({ suppressed }) => suppressed === undefined)
  return visible.map((person) => ({
    userId: person.userId,
    callId: call.id,
    state: isActive(person) ? "active" : isPending(person) ? "pending" : "left",
    initiatedAt: call.initiatedAt,
    type: call.type,
    kind: call.kind,
    outcome: outcomeFor(call, person.userId),
    peers: call.participants.map(({ userId }) => userId).filter((userId) => userId !== person.userId)
  }))
}

/** The pair, lower id first, that has this direct call open; two people have at most one. */
export const openPair = (call: Call): readonly [UserId, UserId] | undefined => isOver(call) ? undefined : pairOf(call)

/** The pair of a direct call. A new call needs that they have none open, even if the new one is over at once. */
export const pairOf = (call: Call): readonly [UserId, UserId] | undefined => {
  if (call.kind !== "direct") return undefined
  const [one, other] = call.participants.map(({ userId }) => userId)
  if (one === undefined || other === undefined) return undefined
  return one < other ? [one, other] : [other, one]
}

/** Those who hold a lease: a connection that proves they are there. */
export const leaseholders = (call: Call): ReadonlyArray<UserId> => active(call).map(({ userId }) => userId)

const present = (call: Call): ReadonlyArray<UserId> => [...active(call), ...pending(call)].map(({ userId }) => userId)

/** Users who were in the call or asked into it, and are neither any more: nobody connects by what they sent. */
export const departed = (before: Call, call: Call): ReadonlyArray<UserId> => {
  const here = new Set(present(call))
  return present(before).filter((user) => !here.has(user))
}

/**
 * A callee: answered if they accepted, declined if they declined, else missed. The caller: answered, cancelled,
 * declined, else missed.
 */
export const outcomeFor = (call: Call, user: UserId): Outcome => {
  const person = participation(call, user)
  if (user === call.initiatorId) {
    if (call.answeredAt !== undefined) return "answered"
    if (!isOver(call)) return "ongoing"
    return call.endReason === "cancelled" || call.endReason === "declined" ? call.endReason : "missed"
  }
  if (person?.answered) return "answered"
  if (person?.leftReason === "declined") return "declined"
  return isOver(call) || person?.state === "left" ? "missed" : "ongoing"
}

/** Which calls of one's history to show. Times bound `initiatedAt`: `from` inclusive, `to` exclusive. */
export const HistoryFilter = Schema.Struct({
  type: Schema.optionalKey(CallType),
  kind: Schema.optionalKey(CallKind),
  outcome: Schema.optionalKey(Outcome),
  peer: Schema.optionalKey(UserId),
  from: Schema.optionalKey(Schema.DateTimeUtc),
  to: Schema.optionalKey(Schema.DateTimeUtc)
})
export type HistoryFilter = typeof HistoryFilter.Type

/** A place in a history that is ordered by (initiatedAt, id), newest first: what comes after it is older. */
export interface HistoryCursor {
  readonly initiatedAt: DateTime.Utc
  readonly callId: CallId
}

/** Whether an entry belongs into a filtered history. */
export const matches = (filter: HistoryFilter, entry: UserCall): boolean =>
  (filter.type === undefined || filter.type === entry.type) &&
  (filter.kind === undefined || filter.kind === entry.kind) &&
  (filter.outcome === undefined || filter.outcome === entry.outcome) &&
  (filter.peer === undefined || entry.peers.includes(filter.peer)) &&
  (filter.from === undefined || DateTime.isGreaterThanOrEqualTo(entry.initiatedAt, filter.from)) &&
  (filter.to === undefined || DateTime.isLessThan(entry.initiatedAt, filter.to))
