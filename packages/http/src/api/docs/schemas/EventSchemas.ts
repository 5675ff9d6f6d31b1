/**
 * Texts of the events of calls.
 */
import type { FieldTexts } from "../OperationDocs.ts"
import type { SchemaDocs } from "../SchemaDocs.ts"

/** A member means the same in all events. */
const members: FieldTexts = {
  type: "The name of the event.",
  a: "The participant with the lower id.",
  at: "The time at which the call will end.",
  b: "The participant with the higher id.",
  by: "The user who did this. Absent where the host did this.",
  callType: "The media with which the call was placed.",
  candidates: "The candidates. Absent for other readers than the addressee, and after the end of the call.",
  changes: "The members that changed.",
  device: "The device that did this.",
  endOfCandidates: "Present when there are no more candidates.",
  endsAt: "The time at which the length limit ends the call.",
  fresh: "Whether the device lost its peer connections, so that its links begin anew.",
  from: "The sender.",
  groupId: "The chat group of the call.",
  initiatorId: "The user who placed the call.",
  kind: "`direct` or `group`.",
  limits: "What the call may use from now on.",
  links: "The links that opened to other participants.",
  negotiation: "The number of the negotiation.",
  reason: "The reason, as in `leftReason` and `endReason` of the call.",
  reportsMedia: "Whether the device reports when media gets through.",
  ringUntil: "The time until which the invitation rings.",
  sdp: "The session description. Absent for other readers than the addressee, and after the end of the call.",
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
  DeviceBound: "The user is in the call by this device.",
  Offer: "A participant sent an offer.",
  Answer: "A participant sent an answer.",
  Candidates: "A participant sent ICE candidates.",
  LinkUp: "Media gets through between two participants.",
  LinkDown: "Media stopped between two participants.",
  LinkFailed: "The connection between two participants failed.",
  NegotiationExpired: "An offer got no answer in time.",
  Reconnecting: "The user lost the signalling connection.",
  Resumed: "The user has a signalling connection again.",
  MediaChanged: "A participant changed what it sends.",
  RecordingStarted: "A participant records the call.",
  RecordingStopped: "A participant records no longer.",
  Left: "The user left the call.",
  GlareMerged: "Two users called each other at once; this call goes on for both.",
  CallEnding: "The length limit will end the call soon.",
  LimitsRaised: "The plan of the initiator gives more than before.",
  CallEnded: "The call ended."
} as const

export const eventSchemas: Readonly<Record<string, SchemaDocs>> = {
  CallEvent: { description: "Something that happened in a call. Ignore types that you do not know." },
  CallEnvelope: {
    description: "An event with its place in the call.",
    fields: {
      callId: "The call.",
      seq: "The number of the event, from 1. Events for other users leave gaps.",
      after:
        "The number of the event that the signed-in user saw before; 0 for the first. A client that does not know that event missed something.",
      at: "The time of the event.",
      event: "The event."
    }
  },
  ...Object.fromEntries(
    Object.entries(descriptions).map(([type, description]) => [`${type}Event`, { description, fields: members }])
  )
}
