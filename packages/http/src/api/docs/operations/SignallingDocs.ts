/**
 * Texts of the signalling between two devices in a call.
 */
import { answeredCall, candidate, ringingCall } from "../examples/Calls.ts"
import { ids, sdp } from "../examples/Ids.ts"
import type { OperationDocs } from "../OperationDocs.ts"

const to = "The user on the other side. May be left out in a direct call."

const negotiation = (otherwise: string) => `The number of the negotiation between the two users. ${otherwise}`

const current = negotiation("The default is the current one.")

export const signallingDocs = {
  offer: {
    summary: "Send an offer",
    description:
      "Passes a session description (JSEP, RFC 9429) to the other side of a link. The `offerer` of the link makes the first offer. When both sides offer at once, the host takes one; the other side gets `offer_conflict` and rolls back. A link takes five offers a minute.",
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
      "Passes the answer to an open offer to the other side of a link. An answer of a user who is asked to answer the call accepts the call as well.",
    body: {
      fields: { sdp: "The session description (RFC 8866). The host passes it on unchanged.", to, negotiation: current },
      example: { sdp, to: ids.ann, negotiation: 1 }
    },
    answers: { 202: { description: "The call. The host passes the answer on.", example: answeredCall } }
  },
  candidates: {
    summary: "Send ICE candidates",
    description:
      "Passes ICE candidates to the other side of a link, in the form in which browsers give candidates to scripts. The host keeps candidates that arrive before their offer or answer, and delivers them afterwards. One request carries at most 64 candidates; one negotiation of a link at most 512. The body needs `candidates`, `candidate` or `endOfCandidates`.",
    body: {
      fields: {
        candidates: "The candidates. `null` in the list says that there are no more candidates.",
        candidate: "One candidate. `null` without `candidates` says that there are no more candidates.",
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
      "Tells the host whether media gets through to another participant. A device that promised `reportsMedia` in `hello` sends this report whenever the state changes. The host ends participations whose media never gets through.",
    body: {
      fields: {
        with: "The user on the other side. May be left out in a direct call.",
        state: "`up` when media gets through, `down` when media stopped."
      },
      example: { with: ids.bob, state: "up" }
    },
    answers: { 200: { description: "The call after the report.", example: answeredCall } }
  }
} satisfies Record<string, OperationDocs>
