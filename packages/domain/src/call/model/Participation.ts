/**
 * One person's presence in one call.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { DeviceId } from "./CallIds.ts"
import { LeftReason } from "./CallReasons.ts"

export const ParticipationState = Schema.Literals(["invited", "ringing", "joining", "joined", "reconnecting", "left"])
export type ParticipationState = typeof ParticipationState.Type

/** What a person sends at the moment, as they report it. */
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
  /** 1 for the first presence of this person in the call; `left` is final, so coming back counts on. */
  ordinal: Schema.Int,
  state: ParticipationState,
  /** Bound from accepting on; commands of other devices are refused. */
  device: Schema.optionalKey(DeviceId),
  /** Whether the device tells when a link goes up or down. */
  reportsMedia: Schema.Boolean,
  media: Media,
  /** Invited for the caller's eyes only: nothing is delivered to this person. */
  suppressed: Schema.optionalKey(Schema.Literal(true)),
  /** Who asked this person; the initiator, and who joined unasked, were asked by nobody. */
  invitedBy: Schema.optionalKey(UserId),
  /** Whether some device of this person has rung. */
  alerted: Schema.Boolean,
  /** Whether this person ever accepted or joined, in this presence or an earlier one. */
  answered: Schema.Boolean,
  /** Order of accepting among the people of the call; the initiator's is 0. */
  acceptedSeq: Schema.optionalKey(Schema.Int),
  joinedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** While reconnecting: what they were before, since when, and whether because their session has ended. */
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
  /** Number of the last event visible to this person; 0 before the first. */
  lastSeq: Schema.Int
})
export type Participation = typeof Participation.Type

/** In the call: joining, joined or reconnecting. */
export const isActive = ({ state }: Participation): boolean =>
  state === "joining" || state === "joined" || state === "reconnecting"

/** Asked, not yet answered: invited or ringing. */
export const isPending = ({ state }: Participation): boolean => state === "invited" || state === "ringing"
