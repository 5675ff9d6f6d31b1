/**
 * Texts of the signalling between two devices in a call.
 */
import { answeredCall, candidate, ringingCall } from "../examples/Calls.ts"
import { ids, sdp } from "../examples/Ids.ts"
import type { OperationDocs } from "../OperationDocs.ts"

const to = "The other user of the link. The member is optional in a direct call."

const negotiation = (otherwise: string) => `The number of the negotiation between the two users. ${otherwise}`

const current = negotiation("The default is the current one.")

export const signallingDocs = {
  offer: {
    summary: "Send an offer",
    description:
      "Passes a session description (JSEP, RFC 9429) to the other user of a link. The `offerer` of the link makes the first offer. When both users offer at once, the host accepts one offer; the other user gets `offer_conflict` and rolls back. A link allows five offers a minute.",
    body: {
      fields: {
        sdp: "The session description (RFC 8866). The host passes it on unchanged.",
        to,
        negotiation: negotiation("The default is the next one.")
      },
      example: { sdp, to: ids.bob, negotiation: 1 }
    },
    answers: { 202: { description: "The call. The host passes the offer on.", example: ringingCall } }
  },
  answer: {
    summary: "Send an answer",
    description:
      "Passes the answer to an open offer to the other user of a link. An answer from an invited user also accepts the call.",
    body: {
      fields: { sdp: "The session description (RFC 8866). The host passes it on unchanged.", to, negotiation: current },
      example: { sdp, to: ids.ann, negotiation: 1 }
    },
    answers: { 202: { description: "The call. The host passes the answer on.", example: answeredCall } }
  },
  candidates: {
    summary: "Send ICE candidates",
    description:
      "Passes ICE candidates to the other user of a link, in the form in which browsers give candidates to scripts. The host keeps candidates that arrive before their offer or answer, and delivers them afterwards. One request carries at most 64 candidates; one negotiation of a link at most 512. The body needs `candidates`, `candidate` or `endOfCandidates`.",
    body: {
      fields: {
        candidates: "The candidates. `null` in the list marks the end of the candidates.",
        candidate: "One candidate. `null` without `candidates` marks the end of the candidates.",
        endOfCandidates: "Whether there are no more candidates.",
        to,
        negotiation: current
      },
      example: { candidates: [candidate], to: ids.bob, negotiation: 1 }
    },
    answers: { 202: { description: "The call. The host passes the candidates on.", example: answeredCall } }
  },
  link: {
    summary: "Report the state of a link",
    description:
      "Tells the host whether media flows to another participant. A device that announced `reportsMedia` in `hello` sends this report whenever the state changes. If media never flows, the host removes the participant from the call.",
    body: {
      fields: {
        with: "The other user of the link. The member is optional in a direct call.",
        state: "`up` when media flows, `down` when media has stopped."
      },
      example: { with: ids.bob, state: "up" }
    },
    answers: { 200: { description: "The call after the report.", example: answeredCall } }
  }
} satisfies Record<string, OperationDocs>
