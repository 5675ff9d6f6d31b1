/**
 * What happens in a call. Facts only; the time, the number and the audience are in the record of the event.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { CallKind, CallType } from "./Call.ts"
import { CallId, DeviceId, GroupId } from "./CallIds.ts"
import { CallLimits } from "./CallLimits.ts"
import { EndReason, LeftReason } from "./CallReasons.ts"
import { Digest } from "./Link.ts"
import { MediaChanges } from "./Participation.ts"

/** A link as it opens: the other end, and who makes the first offer. */
export const OpenedLink = Schema.Struct({ with: UserId, offerer: UserId })
export type OpenedLink = typeof OpenedLink.Type

const description = { from: UserId, to: UserId, negotiation: Schema.Int, digest: Digest }
const link = { a: UserId, b: UserId, negotiation: Schema.Int }

export const CallEvent = Schema.TaggedUnion({
  CallInitiated: {
    callId: CallId,
    initiatorId: UserId,
    callType: CallType,
    kind: CallKind,
    groupId: Schema.optionalKey(GroupId),
    device: Schema.optionalKey(DeviceId),
    reportsMedia: Schema.Boolean,
    limits: CallLimits
  },
  /** `suppressed`: for the caller's eyes only; it is never told to anybody. */
  Invited: {
    userId: UserId,
    by: UserId,
    kind: CallKind,
    ringUntil: Schema.DateTimeUtc,
    suppressed: Schema.optionalKey(Schema.Literal(true))
  },
  Ringing: { userId: UserId },
  /** `links` opens the acceptor's links to everybody active; in a direct call the link is open already. */
  Accepted: {
    userId: UserId,
    device: Schema.optionalKey(DeviceId),
    reportsMedia: Schema.Boolean,
    links: Schema.Array(OpenedLink),
    /** With the first answer, where the initiator's plan gives something else than when they placed the call. */
    limits: Schema.optionalKey(CallLimits)
  },
  /** A participation that was started without naming a device gets one. */
  DeviceBound: { userId: UserId, device: DeviceId },
  Offer: description,
  Answer: description,
  /** `keptAt`: the number of the event that kept these candidates until now, with their payload. */
  Candidates: {
    from: UserId,
    to: UserId,
    negotiation: Schema.Int,
    digests: Schema.Array(Digest),
    endOfCandidates: Schema.optionalKey(Schema.Literal(true)),
    keptAt: Schema.optionalKey(Schema.Int)
  },
  /** The candidates came ahead of the description of their sender. Nobody is told before that comes. */
  CandidatesKept: {
    from: UserId,
    to: UserId,
    device: Schema.optionalKey(DeviceId),
    negotiation: Schema.Int,
    digests: Schema.Array(Digest),
    endOfCandidates: Schema.optionalKey(Schema.Literal(true))
  },
  LinkUp: link,
  LinkDown: link,
  LinkFailed: link,
  NegotiationExpired: link,
  /** `signedOut`: the session of the device has ended, so that media gives it no more time. */
  Reconnecting: { userId: UserId, signedOut: Schema.optionalKey(Schema.Literal(true)) },
  /** `fresh`: the client lost its memory; its links start anew and it makes the offers. */
  Resumed: { userId: UserId, fresh: Schema.Boolean },
  MediaChanged: { userId: UserId, changes: MediaChanges },
  RecordingStarted: { by: UserId },
  RecordingStopped: { by: UserId },
  /** `device`: the one that declined, where it is known. */
  Left: {
    userId: UserId,
    reason: LeftReason,
    by: Schema.optionalKey(UserId),
    device: Schema.optionalKey(DeviceId)
  },
  /** The callee called the caller: the two calls became this one. */
  GlareMerged: { by: UserId },
  /** The end by limit is near: it comes at `at`. */
  CallEnding: { at: Schema.DateTimeUtc },
  /** The initiator's plan gives more than before. The length limit ends the call at `endsAt` now. */
  LimitsRaised: { limits: CallLimits, endsAt: Schema.DateTimeUtc },
  CallEnded: { reason: EndReason, by: Schema.optionalKey(UserId) },
  /** After an outage: no deadline of a person or link falls before `until`. Nobody is told. */
  DeadlinesPostponed: { until: Schema.DateTimeUtc }
})
export type CallEvent = typeof CallEvent.Type
