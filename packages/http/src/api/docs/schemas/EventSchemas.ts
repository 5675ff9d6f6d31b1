/**
 * Texts of the events of calls.
 */
import type { FieldTexts } from "../OperationDocs.ts"
import type { SchemaDocs } from "../SchemaDocs.ts"

/** The members of events, by name. A member means the same in all events. */
const members: FieldTexts = {
  type: "The name of the event.",
  a: "The participant with the lower id.",
  at: "The time at which the call will end.",
  b: "The participant with the higher id.",
  by: "The user who caused the event. Absent if the host caused the event.",
  callType: "The media with which the call was placed.",
  candidates: "The candidates. Present only for the addressee, and only until the call ends.",
  changes: "The members that changed.",
  device: "The device that caused the event.",
  endOfCandidates: "Present when there are no more candidates.",
  endsAt: "The time at which the length limit ends the call.",
  fresh: "Whether the device lost its peer connections. Its links then start again.",
  from: "The sender.",
  groupId: "The chat group of the call.",
  initiatorId: "The user who placed the call.",
  kind: "`direct` or `group`.",
  limits: "The limits of the call from now on.",
  links: "The links that opened to other participants.",
  negotiation: "The number of the negotiation.",
  reason: "The reason, as in `leftReason` and `endReason` of the call.",
  reportsMedia: "Whether the device reports that media flows.",
  ringUntil: "The time until which the invitation rings.",
  sdp: "The session description. Present only for the addressee, and only until the call ends.",
  to: "The addressee.",
  userId: "The user."
}

const descriptions = {
  CallInitiated: "A user placed the call.",
  Invited: "A user was invited into the call.",
  Ringing: "A device of the user rings.",
  Accepted: "The user accepted the call or joined it.",
  AnsweredElsewhere: "Another device of the signed-in user accepted the call. This device stops ringing.",
  DeclinedElsewhere: "Another device of the signed-in user declined the call. This device stops ringing.",
  DeviceBound: "The user takes part in the call on this device.",
  Offer: "A participant sent an offer.",
  Answer: "A participant sent an answer.",
  Candidates: "A participant sent ICE candidates.",
  LinkUp: "Media flows between two participants.",
  LinkDown: "Media stopped between two participants.",
  LinkFailed: "The connection between two participants failed.",
  NegotiationExpired: "An offer was not answered in time.",
  Reconnecting: "The user lost the signalling connection.",
  Resumed: "The user has a signalling connection again.",
  MediaChanged: "A participant changed the media that the participant sends.",
  RecordingStarted: "A participant started to record the call.",
  RecordingStopped: "A participant stopped recording.",
  Left: "The user left the call.",
  GlareMerged: "Two users called each other at the same time. This call continues for both users.",
  CallEnding: "The length limit will end the call soon.",
  LimitsRaised: "The limits of the call have risen with the plan of the initiator.",
  CallEnded: "The call ended."
} as const

export const eventSchemas: Readonly<Record<string, SchemaDocs>> = {
  CallEvent: { description: "An event of a call. Ignore types that you do not know." },
  CallEnvelope: {
    description: "An event with its place in the call.",
    fields: {
      callId: "The call.",
      seq: "The number of the event, from 1. Events for other users leave gaps.",
      after:
        "The number of the previous event that the signed-in user received; 0 for the first event. If the client does not have that event, the client missed an event.",
      at: "The time of the event.",
      event: "The event."
    }
  },
  ...Object.fromEntries(
    Object.entries(descriptions).map(([type, description]) => [`${type}Event`, { description, fields: members }])
  )
}
