/**
 * The call aggregate: its state, and the queries on that state.
 */
import { DateTime, Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { CallId, GroupId } from "./CallIds.ts"
import { CallLimits } from "./CallLimits.ts"
import { EndReason } from "./CallReasons.ts"
import { connects, hasEnd, isOpen as isLinkOpen, Link } from "./Link.ts"
import { isActive, isPending, Participation } from "./Participation.ts"
import { Recorder } from "./Recorder.ts"

export const CallType = Schema.Literals(["audio", "video", "screen"])
export type CallType = typeof CallType.Type

/** `direct`: one callee and no group. Inviting a third person makes it a `group` for good. */
export const CallKind = Schema.Literals(["direct", "group"])
export type CallKind = typeof CallKind.Type

/** `connected` means answered, not that media flows. */
export const CallPhase = Schema.Literals(["initiated", "ringing", "connected", "disconnected"])
export type CallPhase = typeof CallPhase.Type

/**
 * The form in which the state of a call is stored. It is raised with every change that a host of the release before
 * would get wrong or lose: such a host then leaves these calls alone.
 */
export const callStateVersion = 2

export const Call = Schema.Struct({
  id: CallId,
  phase: CallPhase,
  kind: CallKind,
  type: CallType,
  groupId: Schema.optionalKey(GroupId),
  initiatorId: UserId,
  limits: CallLimits,
  /** One per user, in order of appearance. */
  participants: Schema.Array(Participation),
  links: Schema.Array(Link),
  /** Number of the newest event; 1 for the first. The number is also the version of the aggregate. */
  seq: Schema.Int,
  initiatedAt: Schema.DateTimeUtc,
  answeredAt: Schema.optionalKey(Schema.DateTimeUtc),
  mediaConnectedAt: Schema.optionalKey(Schema.DateTimeUtc),
  endedAt: Schema.optionalKey(Schema.DateTimeUtc),
  endReason: Schema.optionalKey(EndReason),
  /** Time of the newest event. */
  updatedAt: Schema.DateTimeUtc,
  /** The users who record, in the order in which their recordings began. */
  recorders: Schema.optionalKey(Schema.NonEmptyArray(Recorder)),
  aloneUntil: Schema.optionalKey(Schema.DateTimeUtc),
  /** Whether the length limit was announced. The first answer moves the end of the call. */
  warned: Schema.Boolean
})
export type Call = typeof Call.Type

export const isOver = (call: Call): boolean => call.phase === "disconnected"

export const participation = (call: Call, user: UserId): Participation | undefined =>
  call.participants.find(({ userId }) => userId === user)

export const active = (call: Call): ReadonlyArray<Participation> => call.participants.filter(isActive)

export const pending = (call: Call): ReadonlyArray<Participation> => call.participants.filter(isPending)

/**
 * Whether this user may know of the call. Every participant and every invited user may, unless the invitation is
 * suppressed.
 */
export const isVisibleTo = (call: Call, user: UserId): boolean => {
  const person = participation(call, user)
  return person !== undefined && person.suppressed === undefined
}

/** The host: the initiator while active, otherwise the active user who accepted first. */
export const hostOf = (call: Call): UserId | undefined => {
  const people = active(call)
  return (people.find(({ userId }) => userId === call.initiatorId) ??
    people.toSorted((one, other) => (one.acceptedSeq ?? 0) - (other.acceptedSeq ?? 0))[0])?.userId
}

export const linkBetween = (call: Call, one: UserId, other: UserId): Link | undefined =>
  call.links.find((link) => connects(link, one, other))

export const openLinksOf = (call: Call, user: UserId): ReadonlyArray<Link> =>
  call.links.filter((link) => isLinkOpen(link) && hasEnd(link, user))

/** The time at which the length limit ends the call. */
export const endsAt = (call: Call): DateTime.Utc =>
  DateTime.add(call.answeredAt ?? call.initiatedAt, { seconds: call.limits.callSeconds })

/** Whole seconds from the answer to the end; 0 for a call that was never answered or is still open. */
export const durationSeconds = ({ answeredAt, endedAt }: Call): number =>
  answeredAt === undefined || endedAt === undefined
    ? 0
    : Math.round((DateTime.toEpochMillis(endedAt) - DateTime.toEpochMillis(answeredAt)) / 1000)
