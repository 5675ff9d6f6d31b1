/**
 * The events of a call. An event holds facts only; its record holds the time, the number and the audience.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { CallKind, CallType } from "./Call.ts"
import { CallId, DeviceId, GroupId } from "./CallIds.ts"
import { CallLimits } from "./CallLimits.ts"
import { EndReason, LeftReason } from "./CallReasons.ts"
import { Digest } from "./Link.ts"
import { MediaChanges } from "./Participation.ts"

/** A newly opened link: the user at the other end, and the user who makes the first offer. */
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
  /** `suppressed`: only the caller sees this invitation. No event reaches the callee. */
  Invited: {
    userId: UserId,
    by: UserId,
    kind: CallKind,
    ringUntil: Schema.DateTimeUtc,
    suppressed: Schema.optionalKey(Schema.Literal(true))
  },
  Ringing: { userId: UserId },
  /** `links` opens the links between the acceptor and every active user. In a direct call the link is already open. */
  Accepted: {
    userId: UserId,
    device: Schema.optionalKey(DeviceId),
    reportsMedia: Schema.Boolean,
    links: Schema.Array(OpenedLink),
    /** Set with the first answer if the limits of the initiator's plan have changed since the call was placed. */
    limits: Schema.optionalKey(CallLimits)
  },
  /** Binds a device to a participation that was started without one. */
  DeviceBound: { userId: UserId, device: DeviceId },
  Offer: description,
  Answer: description,
  /** `keptAt`: the number of the event that kept these candidates, with their payload, until now. */
  Candidates: {
    from: UserId,
    to: UserId,
    negotiation: Schema.Int,
    digests: Schema.Array(Digest),
    endOfCandidates: Schema.optionalKey(Schema.Literal(true)),
    keptAt: Schema.optionalKey(Schema.Int)
  },
  /**
   * The candidates arrived before the description of their sender. No user receives them before the description
   * arrives.
   */
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
  /** `signedOut`: the session of the device has ended, so working media does not extend the resume deadline. */
  Reconnecting: { userId: UserId, signedOut: Schema.optionalKey(Schema.Literal(true)) },
  /** `fresh`: the client lost its memory of the call. Its links start again, and the client makes the offers. */
  Resumed: { userId: UserId, fresh: Schema.Boolean },
  MediaChanged: { userId: UserId, changes: MediaChanges },
  RecordingStarted: { by: UserId },
  RecordingStopped: { by: UserId },
  /** `device`: the device that declined, if known. */
  Left: {
    userId: UserId,
    reason: LeftReason,
    by: Schema.optionalKey(UserId),
    device: Schema.optionalKey(DeviceId)
  },
  /** The callee called the caller: the two calls became this one. */
  GlareMerged: { by: UserId },
  /** The length limit will end the call at `at`. */
  CallEnding: { at: Schema.DateTimeUtc },
  /** The limits of the initiator's plan have risen. The length limit now ends the call at `endsAt`. */
  LimitsRaised: { limits: CallLimits, endsAt: Schema.DateTimeUtc },
  CallEnded: { reason: EndReason, by: Schema.optionalKey(UserId) },
  /** After an outage: no deadline of a participant or link falls before `until`. No user receives this event. */
  DeadlinesPostponed: { until: Schema.DateTimeUtc }
})
export type CallEvent = typeof CallEvent.Type
