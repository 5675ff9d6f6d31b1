/**
 * The projections that are stored beside the events to find calls. Each projection is a fold of the call's state.
 */
import { DateTime, Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { active, type Call, CallKind, CallType, isOver, participation, pending } from "../model/Call.ts"
import { CallId } from "../model/CallIds.ts"
import { isActive, isPending } from "../model/Participation.ts"

/** The outcome of a call in the history of one of its users. */
export const Outcome = Schema.Literals(["ongoing", "answered", "declined", "cancelled", "missed"])
export type Outcome = typeof Outcome.Type

/** A user's entry for one call. A user has at most one `active` entry at a time, over all calls. */
export const UserCall = Schema.Struct({
  userId: UserId,
  callId: CallId,
  state: Schema.Literals(["active", "pending", "left"]),
  initiatedAt: Schema.DateTimeUtc,
  type: CallType,
  kind: CallKind,
  outcome: Outcome,
  /** All other users of the call. */
  peers: Schema.Array(UserId)
})
export type UserCall = typeof UserCall.Type

/** The entries of every user who may know of the call. */
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

/** The pair of an open direct call, lower id first. Two users have at most one open direct call. */
export const openPair = (call: Call): readonly [UserId, UserId] | undefined => isOver(call) ? undefined : pairOf(call)

/**
 * The pair of a direct call. A new call requires that the pair has no open call, even if the new call is over at once.
 */
export const pairOf = (call: Call): readonly [UserId, UserId] | undefined => {
  if (call.kind !== "direct") return undefined
  const [one, other] = call.participants.map(({ userId }) => userId)
  if (one === undefined || other === undefined) return undefined
  return one < other ? [one, other] : [other, one]
}

/** The users who hold a lease. A lease is a connection that proves presence. */
export const leaseholders = (call: Call): ReadonlyArray<UserId> => active(call).map(({ userId }) => userId)

const present = (call: Call): ReadonlyArray<UserId> => [...active(call), ...pending(call)].map(({ userId }) => userId)

/** Users who were in the call or invited, and are neither now. Their signals are no longer needed to connect. */
export const departed = (before: Call, call: Call): ReadonlyArray<UserId> => {
  const here = new Set(present(call))
  return present(before).filter((user) => !here.has(user))
}

/**
 * The outcome for a callee: answered if the callee accepted, declined if the callee declined, otherwise missed. The
 * outcome for the caller: answered, cancelled or declined, otherwise missed.
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

/** The filter of a user's call history. Times bound `initiatedAt`: `from` is inclusive, `to` is exclusive. */
export const HistoryFilter = Schema.Struct({
  type: Schema.optionalKey(CallType),
  kind: Schema.optionalKey(CallKind),
  outcome: Schema.optionalKey(Outcome),
  peer: Schema.optionalKey(UserId),
  from: Schema.optionalKey(Schema.DateTimeUtc),
  to: Schema.optionalKey(Schema.DateTimeUtc)
})
export type HistoryFilter = typeof HistoryFilter.Type

/** A position in a history ordered by (initiatedAt, id), newest first. Entries after the position are older. */
export interface HistoryCursor {
  readonly initiatedAt: DateTime.Utc
  readonly callId: CallId
}

/** Whether an entry passes the filter of a history. */
export const matches = (filter: HistoryFilter, entry: UserCall): boolean =>
  (filter.type === undefined || filter.type === entry.type) &&
  (filter.kind === undefined || filter.kind === entry.kind) &&
  (filter.outcome === undefined || filter.outcome === entry.outcome) &&
  (filter.peer === undefined || entry.peers.includes(filter.peer)) &&
  (filter.from === undefined || DateTime.isGreaterThanOrEqualTo(entry.initiatedAt, filter.from)) &&
  (filter.to === undefined || DateTime.isLessThan(entry.initiatedAt, filter.to))
