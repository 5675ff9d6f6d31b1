/**
 * A user's presence in a call.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { DeviceId } from "./CallIds.ts"
import { LeftReason } from "./CallReasons.ts"

export const ParticipationState = Schema.Literals(["invited", "ringing", "joining", "joined", "reconnecting", "left"])
export type ParticipationState = typeof ParticipationState.Type

/** The media that a user sends now, as the user's client reports it. */
export const Media = Schema.Struct({
  audio: Schema.Boolean,
  video: Schema.Boolean,
  screen: Schema.Boolean,
  hold: Schema.Boolean
})
export type Media = typeof Media.Type

export const MediaChanges = Schema.Struct({
  audio: Schema.optionalKey(Schema.Boolean),
  video: Schema.optionalKey(Schema.Boolean),
  screen: Schema.optionalKey(Schema.Boolean),
  hold: Schema.optionalKey(Schema.Boolean)
})
export type MediaChanges = typeof MediaChanges.Type

export const Participation = Schema.Struct({
  userId: UserId,
  /** 1 for the user's first presence in the call. `left` is final, so each return increases the number. */
  ordinal: Schema.Int,
  state: ParticipationState,
  /** Bound when the user accepts. Commands of other devices are refused. */
  device: Schema.optionalKey(DeviceId),
  /** Whether the device reports when a link goes up or down. */
  reportsMedia: Schema.Boolean,
  media: Media,
  /** Only the caller sees this invitation. Nothing is delivered to the invited user. */
  suppressed: Schema.optionalKey(Schema.Literal(true)),
  /** The user who sent the invitation. Missing for the initiator and for a user who joined without an invitation. */
  invitedBy: Schema.optionalKey(UserId),
  /** Whether a device of this user has rung. */
  alerted: Schema.Boolean,
  /** Whether this user ever accepted or joined, in this presence or an earlier one. */
  answered: Schema.Boolean,
  /** Order of acceptance among the users of the call; 0 for the initiator. */
  acceptedSeq: Schema.optionalKey(Schema.Int),
  joinedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /**
   * Set while the user is reconnecting: the earlier state, the start time, and whether the user's session has ended.
   */
  reconnecting: Schema.optionalKey(
    Schema.Struct({
      from: Schema.Literals(["joining", "joined"]),
      since: Schema.DateTimeUtc,
      signedOut: Schema.optionalKey(Schema.Literal(true))
    })
  ),
  leftAt: Schema.optionalKey(Schema.DateTimeUtc),
  leftReason: Schema.optionalKey(LeftReason),
  ringUntil: Schema.optionalKey(Schema.DateTimeUtc),
  resumeUntil: Schema.optionalKey(Schema.DateTimeUtc),
  mediaUntil: Schema.optionalKey(Schema.DateTimeUtc),
  /** Number of the last event visible to this user; 0 before the first. */
  lastSeq: Schema.Int
})
export type Participation = typeof Participation.Type

/** The user is in the call: joining, joined or reconnecting. */
export const isActive = ({ state }: Participation): boolean =>
  state === "joining" || state === "joined" || state === "reconnecting"

/** The user has not answered yet: invited or ringing. */
export const isPending = ({ state }: Participation): boolean => state === "invited" || state === "ringing"
