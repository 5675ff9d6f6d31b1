/**
 * Texts of calls and their parts.
 */
import type { SchemaDocs } from "../SchemaDocs.ts"

const leftReason =
  "The reason for which the participation ended: a reason of the participant (`hangup`, `cancelled`, `declined`, `busy`, `no_answer`, `unreachable`, `connection_lost`, `media_failed`, `kicked`), or the reason for which the call ended."

const endReason =
  "The reason for which the call ended: a participant hung up, cancelled or declined; no user answered (`busy`, `no_answer`, `unreachable`); the connection or the media failed; the length limit of the plan (`plan_limit`) or of the installation (`max_duration`) was reached; one participant was left (`alone`) or none (`empty`); the host of the call or an administrator ended the call."

const call = {
  id: "The id of the call (UUIDv7).",
  kind:
    "`direct` for one callee without a group. `group` for every other call. A direct call becomes a group call when a third participant is invited.",
  type: "The media with which the call was placed.",
  state:
    "`initiated`: placed. `ringing`: a device rings. `connected`: answered; media may not flow yet. `disconnected`: over.",
  initiatorId: "The user who placed the call.",
  hostId:
    "The host of the call: the initiator while active, otherwise the participant who accepted first. Absent while no participant is active.",
  groupId: "The chat group of the call, as the embedding application names the group.",
  participants: "The participants, in order of appearance; the initiator is the first.",
  links: "The connections between pairs of participants.",
  recording: "The participants who record. Absent while no participant records.",
  limits: "The limits of the call.",
  seq: "The number of the newest event.",
  initiatedAt: "The time at which the call was placed.",
  answeredAt: "The time of the first answer.",
  mediaConnectedAt: "The time at which media first flowed.",
  endedAt: "The time at which the call ended.",
  endReason,
  durationSeconds:
    "The seconds from the answer to the end. 0 for a call that was never answered, and while the call runs.",
  endsBy: "The time at which the length limit ends the open call.",
  leaseSeconds:
    "The maximum number of seconds between two reads of the open call by a client without a realtime connection. After a longer pause, the host considers the user disconnected."
}

export const callSchemas: Readonly<Record<string, SchemaDocs>> = {
  Call: { description: "A call in the view of its participants.", fields: call },
  CallWithInbox: {
    description: "A call with the signals that wait for the signed-in user.",
    fields: {
      ...call,
      inbox: "The waiting offers, answers and candidates with a `seq` above `after`, in their order."
    }
  },
  CallSummary: {
    description: "A past or open call in the history of a user.",
    fields: {
      ...call,
      outcome:
        "The outcome of the call for the signed-in user: `ongoing`, `answered`, `declined`, `cancelled` or `missed`."
    }
  },
  CallParticipant: {
    description: "A user in a call.",
    fields: {
      userId: "The user.",
      state:
        "`invited`: asked to answer. `ringing`: a device rings. `joining`: accepted, without media yet. `joined`: in the call. `reconnecting`: without signalling for the moment. `left`: no longer in the call.",
      device: "The device that is in the call.",
      media: "The media that the participant sends now.",
      joinedAt: "The time at which the participant accepted or joined.",
      leftAt: "The time at which the participant left.",
      leftReason,
      invitedBy:
        "The user who invited the participant. Absent for the initiator and for users who joined by themselves.",
      ringUntil: "The time until which the invitation rings."
    }
  },
  CallLink: {
    description: "The connection between two participants.",
    fields: {
      a: "The participant with the lower id.",
      b: "The participant with the higher id.",
      state:
        "The transport of the media: `new`, `checking` after an answer, `up`, `down`, `failed`, or `closed` once a participant left.",
      signalling: "`offering` while an offer waits for its answer, otherwise `stable`.",
      negotiation: "The number of the newest offer; 0 before the first.",
      offerer: "The participant who makes the first offer."
    }
  },
  CallRecording: {
    description: "A recording that a participant has reported.",
    fields: { by: "The participant who records.", since: "The time at which the recording began." }
  },
  CallLimits: {
    description: "The limits of a call, by the plan of its initiator.",
    fields: {
      people: "The highest number of active and invited participants at the same time.",
      callSeconds: "The seconds from the answer after which the call ends.",
      reason: "The `endReason` of a call that reaches `callSeconds`.",
      recording: "Whether participants may record.",
      timeouts: "The timers of the call."
    }
  },
  CallTimeouts: {
    description: "The timers of a call, in seconds.",
    fields: {
      ring: "The time for which an invitation rings.",
      resume: "The time within which a participant who lost signalling can return.",
      resumeWithMedia: "The time within which a participant who lost signalling can return while media flows.",
      media: "The time within which a participant who accepted must have a working link.",
      negotiation: "The time for which an offer waits for its answer.",
      transport: "The time for which a link may be `down` or `checking`.",
      alone: "The time for which the last participant of a group call waits for others.",
      warning: "The time between the event `CallEnding` and the end by `callSeconds`."
    }
  },
  Media: {
    description: "The media that a participant sends, as the participant reports them.",
    fields: {
      audio: "Whether the participant sends sound.",
      video: "Whether the participant sends a picture of a camera.",
      screen: "Whether the participant shares a screen.",
      hold: "Whether the participant put the call on hold."
    }
  },
  MediaChanges: {
    description: "The changed members of the media of a participant.",
    fields: {
      audio: "Whether the participant sends sound.",
      video: "Whether the participant sends a picture of a camera.",
      screen: "Whether the participant shares a screen.",
      hold: "Whether the participant put the call on hold."
    }
  },
  IceCandidate: {
    description: "An ICE candidate in the form of browsers (W3C WebRTC, `RTCIceCandidateInit`), at most 1024 bytes.",
    fields: {
      candidate: "The candidate. An empty text ends the candidates of one media section.",
      sdpMid: "The media section.",
      sdpMLineIndex: "The index of the media section.",
      usernameFragment: "The username fragment of the ICE session."
    }
  },
  IceServer: {
    description: "A server for `RTCPeerConnection` (W3C WebRTC, `RTCIceServer`).",
    fields: { urls: "The URLs of the server." }
  },
  OpenedLink: {
    description: "A link that opened to another participant.",
    fields: { with: "The other participant.", offerer: "The participant who makes the first offer." }
  },
  InboxItem: { description: "A signal that waits for the signed-in user." },
  DescriptionInboxItem: {
    description: "An offer or an answer that waits for the signed-in user.",
    fields: {
      seq: "The number of its event.",
      type: "`offer` or `answer`.",
      from: "The sender.",
      negotiation: "The number of the negotiation.",
      sdp: "The session description."
    }
  },
  CandidatesInboxItem: {
    description: "Candidates that wait for the signed-in user.",
    fields: {
      seq: "The number of their event.",
      type: "Always `candidates`.",
      from: "The sender.",
      negotiation: "The number of the negotiation.",
      candidates: "The candidates.",
      endOfCandidates: "Present when there are no more candidates."
    }
  }
}
