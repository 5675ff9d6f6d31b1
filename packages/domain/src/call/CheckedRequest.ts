/**
 * A request with checked and digested signalling. The check runs once for all attempts, before the call is looked up.
 */
import { Effect } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import { TooManyCandidates } from "./model/CallErrors.ts"
import type { CallRequest } from "./model/CallRequest.ts"
import { type IceCandidate, maxCandidatesPerMessage } from "./model/Signal.ts"
import { checkSdp } from "./rules/SessionDescription.ts"
import { digestOf } from "./SignalDigest.ts"

type Asking<Tag extends CallRequest["_tag"]> = Extract<CallRequest, { readonly _tag: Tag }>

interface Digested {
  readonly digest: string
}

export type CheckedRequest =
  | Exclude<CallRequest, Asking<"Offer" | "Answer" | "Candidates">>
  | (Asking<"Offer"> & Digested)
  | (Asking<"Answer"> & Digested)
  | (Omit<Asking<"Candidates">, "candidates"> & {
    /** By digest, in the order of sending. */
    readonly candidates: ReadonlyMap<string, IceCandidate>
  })

const describe = Effect.fnUntraced(function*(from: UserId, sdp: string) {
  yield* Effect.fromResult(checkSdp(sdp))
  return yield* digestOf(from, sdp)
})

export const checkRequest = Effect.fnUntraced(function*(from: UserId, request: CallRequest) {
  switch (request._tag) {
    case "Offer":
      return { ...request, digest: yield* describe(from, request.sdp) } satisfies CheckedRequest
    case "Answer":
      return { ...request, digest: yield* describe(from, request.sdp) } satisfies CheckedRequest
    case "Candidates": {
      if (request.candidates.length > maxCandidatesPerMessage) {
        return yield* new TooManyCandidates({ limit: maxCandidatesPerMessage })
      }
      const digested = yield* Effect.forEach(
        request.candidates,
        (candidate) => Effect.map(digestOf(from, canonical(candidate)), (digest) => [digest, candidate] as const)
      )
      return { ...request, candidates: new Map(digested) } satisfies CheckedRequest
    }
    default:
      return request
  }
})

const canonical = ({ candidate, sdpMLineIndex, sdpMid, usernameFragment }: IceCandidate): string =>
  JSON.stringify([candidate, sdpMid ?? null, sdpMLineIndex ?? null, usernameFragment ?? null])
