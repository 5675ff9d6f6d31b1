/**
 * Texts of calls: placing, answering, ending and reading them.
 */
import type { CallsApi } from "../../CallsApi.ts"
import {
  answeredCall,
  declinedCall,
  endedCall,
  events,
  groupCall,
  groupCallOfTwo,
  inbox,
  recordedCall,
  ringingCall
} from "../examples/Calls.ts"
import { ids } from "../examples/Ids.ts"
import type { GroupDocs } from "../OperationDocs.ts"
import { signallingDocs } from "./SignallingDocs.ts"

const members = "Only a participant of the call may send this request."

const repeat = "Repeating the request is safe: the answer is the same as to the first request."

export const callDocs: GroupDocs<typeof CallsApi> = {
  description:
    "Calls between two users and in groups. The host carries the signalling of WebRTC; media flows between the devices. Every command here is also a frame of the realtime protocol. Clients with a realtime connection learn of changes at once; clients without one read `GET /api/webrtc/call/{id}` at least every `leaseSeconds` seconds.",
  operations: {
    ...signallingDocs,
    initiate: {
      summary: "Place a call",
      description:
        "Rings the named users and makes the sender the initiator of the call. A request with one user and without a group places a direct call; any other request places a group call. A user is active in at most one call. If the callee is calling the sender at the same moment, the request accepts the callee's call instead of placing another call. Each named user counts towards the limits of ringing.",
      body: {
        fields: {
          type: "The media that the initiator offers: `audio`, `video` or `screen`.",
          participants: "The ids of the users to ring, 1 to 64 of them.",
          groupId:
            "The chat group of the call, as the embedding application names the group. The host does not interpret it."
        },
        example: { type: "audio", participants: [ids.bob] }
      },
      answers: {
        200: {
          description: "The request answered the callee's own call, or the idempotency key placed this call before.",
          example: answeredCall
        },
        201: { description: "The new call. The host rings the named users.", example: ringingCall }
      }
    },
    get: {
      summary: "Retrieve a call",
      description:
        `Returns the call as it is now, with the signals that wait for the signed-in user. A client without a realtime connection sends this request at least every \`leaseSeconds\` seconds; otherwise the host considers the user disconnected. ${members} For a call of other users, the host returns \`call_not_found\`.`,
      answers: {
        200: {
          description: "The call and its waiting signals.",
          fields: {
            inbox:
              "The offers, answers and candidates for the signed-in user with a `seq` above `after`, in their order. Signals of a former negotiation are left out."
          },
          example: { ...ringingCall, inbox }
        }
      }
    },
    events: {
      summary: "List the events of a call",
      description:
        `Returns the events of the call after the event number \`after\`. Use this operation to fill a gap in the events of a realtime connection, or to follow a call without a realtime connection. Half a minute after the end of a call, the host deletes its offers, answers and candidates. \`after\` of each other event then names the previous event that remains. ${members}`,
      answers: {
        200: {
          description: "The events that the signed-in user may see, oldest first.",
          fields: { items: "The events, oldest first.", seq: "The value for `after` in the next request." },
          example: { items: events, seq: 6 }
        }
      }
    },
    end: {
      summary: "End a call",
      description:
        `Removes the sender from the call, as leaving does. A direct call then ends. With \`forEveryone\` the host of a group call ends the call for all participants. ${repeat}`,
      body: {
        fields: {
          forEveryone: "Whether a group call ends for all participants. Only the host of the call may set `true`."
        },
        example: { forEveryone: true }
      },
      answers: {
        200: { description: "The call after the command.", example: { ...endedCall, endReason: "ended_by_host" } }
      }
    },
    alert: {
      summary: "Report that a device rings",
      description:
        `Tells the caller that a device of the sender rings. Without this report, the caller sees the user as unreachable if the user does not answer. ${repeat}`,
      answers: { 200: { description: "The call after the command.", example: ringingCall } }
    },
    accept: {
      summary: "Accept a call",
      description:
        `Accepts the call on this device and binds the sender to the device. The other devices of the sender stop ringing. The sender is \`busy\` in all other calls that ring for the sender, unless the installation has call waiting. ${repeat}`,
      answers: { 200: { description: "The call after the command.", example: answeredCall } }
    },
    decline: {
      summary: "Decline a call",
      description: `Declines the call on all devices of the sender. A direct call then ends. ${repeat}`,
      body: {
        fields: { reason: "What the caller sees: `declined`, which is the default, or `busy`." },
        example: { reason: "busy" }
      },
      answers: { 200: { description: "The call after the command.", example: declinedCall } }
    },
    leave: {
      summary: "Leave a call",
      description:
        `Removes the sender from the call. The initiator cancels an unanswered call, an invited user declines the call, and any other participant hangs up. A group call continues for the other participants. ${repeat}`,
      answers: { 200: { description: "The call after the command.", example: endedCall } }
    },
    join: {
      summary: "Join a group call",
      description:
        `Adds the sender to a group call. The sender must have been in the call before, or the policy of the installation must open the call to the sender. A user whom the host of the call removed can return only with a new invitation. ${repeat}`,
      answers: { 200: { description: "The call after the command.", example: answeredCall } }
    },
    invite: {
      summary: "Invite a user into a call",
      description:
        `Rings one more user. The call must be answered. A direct call becomes a group call permanently. Only an active participant may invite, and only the host of the call may invite a user whom the host removed. The invitation counts towards the limits of ringing.`,
      body: { fields: { userId: "The user to invite." }, example: { userId: ids.carol } },
      answers: { 200: { description: "The call after the command.", example: groupCall } }
    },
    kick: {
      summary: "Remove a user from a group call",
      description:
        `Removes another user from the call, or withdraws the invitation of a user who has not answered. Only the host of a group call may send this request. ${repeat}`,
      body: { fields: { userId: "The user to remove." }, example: { userId: ids.carol } },
      answers: { 200: { description: "The call after the command.", example: groupCallOfTwo } }
    },
    media: {
      summary: "Report the media of a participant",
      description:
        "Tells the other participants which media the sender sends now. The host passes the report on and does not change any media. Members that are left out stay as they are.",
      body: {
        fields: {
          audio: "Whether the sender sends sound.",
          video: "Whether the sender sends a picture of a camera.",
          screen: "Whether the sender shares a screen.",
          hold: "Whether the sender put the call on hold."
        },
        example: { audio: false, hold: true }
      },
      answers: { 200: { description: "The call after the command.", example: answeredCall } }
    },
    startRecording: {
      summary: "Mark the start of a recording",
      description:
        `Tells the other participants that the sender records the call. The server sees no media and records nothing. The plan of the initiator must include recording. ${repeat}`,
      answers: { 200: { description: "The call after the command.", example: recordedCall } }
    },
    stopRecording: {
      summary: "Mark the end of a recording",
      description:
        `Tells the other participants that the sender has stopped recording. Leaving the call has the same effect. ${repeat}`,
      answers: { 200: { description: "The call after the command.", example: answeredCall } }
    },
    active: {
      summary: "List the open calls",
      description: "Returns the calls in which the signed-in user is active or is asked to answer.",
      answers: {
        200: {
          description: "The open calls.",
          fields: { items: "The calls, oldest first." },
          example: { items: [ringingCall] }
        }
      }
    },
    history: {
      summary: "List past calls",
      description:
        "Returns the calls of the signed-in user page by page, with their outcome for this user. A call is returned only if all filters match.",
      answers: {
        200: {
          description: "One page of the history.",
          fields: {
            items: "The calls, newest first.",
            nextCursor: "The `cursor` of the next page. Absent on the last page."
          },
          example: { items: [{ ...endedCall, outcome: "answered" }] }
        }
      }
    },
    iceServers: {
      summary: "List the ICE servers",
      description:
        "Returns the STUN servers of the installation, in the form that `RTCPeerConnection` takes (W3C WebRTC).",
      answers: {
        200: {
          description: "The configuration for `RTCPeerConnection`.",
          fields: { iceServers: "The servers. Empty if the installation has none." },
          example: { iceServers: [{ urls: ["stun:stun.example.com:3478"] }] }
        }
      }
    }
  }
}
