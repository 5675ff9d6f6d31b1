/**
 * A call in the view of its participants.
 */
import {
  type Call,
  CallId,
  CallKind,
  CallPhase,
  CallProjection,
  CallType,
  DeviceId,
  durationSeconds,
  EndReason,
  endsAt,
  GroupId,
  hostOf,
  isOver,
  LeftReason,
  ParticipationState,
  restLeaseSeconds,
  Transport
} from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { Schema } from "effect"
import { CallLimits, Media } from "./CallParts.ts"
import { Time } from "./Time.ts"

const ParticipantView = Schema.Struct({
  userId: UserId,
  state: ParticipationState,
  device: Schema.optionalKey(DeviceId),
  media: Schema.optionalKey(Media),
  joinedAt: Schema.optionalKey(Time),
  leftAt: Schema.optionalKey(Time),
  leftReason: Schema.optionalKey(LeftReason),
  /**
   * The user who invited this participant. Absent for the user who began the call and for users who joined by
   * themselves.
   */
  invitedBy: Schema.optionalKey(UserId),
  /** The time until which the invitation rings. */
  ringUntil: Schema.optionalKey(Time)
}).annotate({ identifier: "CallParticipant" })

const LinkView = Schema.Struct({
  a: UserId,
  b: UserId,
  /** The transport of the media. */
  state: Transport,
  signalling: Schema.Literals(["stable", "offering"]),
  negotiation: Schema.Int,
  offerer: UserId
}).annotate({ identifier: "CallLink" })

const RecordingView = Schema.Struct({ by: UserId, since: Time }).annotate({ identifier: "CallRecording" })

export const CallView = Schema.Struct({
  id: CallId,
  kind: CallKind,
  type: CallType,
  state: CallPhase,
  initiatorId: UserId,
  hostId: Schema.optionalKey(UserId),
  groupId: Schema.optionalKey(GroupId),
  /** One entry per user, the initiator included, in order of appearance. */
  participants: Schema.Array(ParticipantView),
  links: Schema.Array(LinkView),
  /** Present while a user reports a recording: the user, and the start. */
  recording: Schema.optionalKey(Schema.Array(RecordingView)),
  limits: CallLimits,
  seq: Schema.Int,
  initiatedAt: Time,
  answeredAt: Schema.optionalKey(Time),
  mediaConnectedAt: Schema.optionalKey(Time),
  endedAt: Schema.optionalKey(Time),
  endReason: Schema.optionalKey(EndReason),
  /** From the answer to the end; 0 when never answered, and while the call runs. */
  durationSeconds: Schema.Int,
  /** When the length limit ends an open call. */
  endsBy: Schema.optionalKey(Time),
  /** A client that uses REST alone has to read an open call at least this often. Otherwise its user counts as lost. */
  leaseSeconds: Schema.optionalKey(Schema.Int)
}).annotate({ identifier: "Call" })
export type CallView = typeof CallView.Type

/** The view of a call for a user who may read it. */
export const viewOf = (call: Call): CallView => {
  const hostId = hostOf(call)
  return {
    id: call.id,
    kind: call.kind,
    type: call.type,
    state: call.phase,
    initiatorId: call.initiatorId,
    ...(hostId && { hostId }),
    ...(call.groupId && { groupId: call.groupId }),
    participants: call.participants.map((person) => ({
      userId: person.userId,
      state: person.state,
      ...(person.device && { device: person.device }),
      ...(person.joinedAt && { joinedAt: person.joinedAt, media: person.media }),
      ...(person.leftAt && { leftAt: person.leftAt }),
      ...(person.leftReason && { leftReason: person.leftReason }),
      ...(person.invitedBy && { invitedBy: person.invitedBy }),
      ...(person.ringUntil && { ringUntil: person.ringUntil })
    })),
    links: call.links.map(({ a, b, negotiation, offerer, signalling, transport }) => ({
      a,
      b,
      state: transport,
      signalling,
      negotiation,
      offerer
    })),
    ...(call.recorders && { recording: call.recorders }),
    limits: call.limits,
    seq: call.seq,
    initiatedAt: call.initiatedAt,
    ...(call.answeredAt && { answeredAt: call.answeredAt }),
    ...(call.mediaConnectedAt && { mediaConnectedAt: call.mediaConnectedAt }),
    ...(call.endedAt && { endedAt: call.endedAt }),
    ...(call.endReason && { endReason: call.endReason }),
    durationSeconds: durationSeconds(call),
    ...(isOver(call) ? {} : { endsBy: endsAt(call), leaseSeconds: restLeaseSeconds })
  }
}

/** An entry in the history of a user: the call, and its outcome for the user. */
export const CallSummary = Schema.Struct({
  ...CallView.fields,
  outcome: CallProjection.Outcome
}).annotate({ identifier: "CallSummary" })
export type CallSummary = typeof CallSummary.Type

export const summaryOf = (call: Call, reader: UserId): CallSummary => ({
  ...viewOf(call),
  outcome: CallProjection.outcomeFor(call, reader)
})
