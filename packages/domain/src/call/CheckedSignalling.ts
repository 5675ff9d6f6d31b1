/**
 * Checks and digests signalling. The check runs once for all attempts of a step, before the call is looked up.
 */
import { Effect } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import { TooManyCandidates } from "./model/CallErrors.ts"
import { type IceCandidate, maxCandidatesPerMessage } from "./model/Signal.ts"
import { checkSdp } from "./rules/SessionDescription.ts"
import { digestOf } from "./SignalDigest.ts"

/** The digest of a usable session description. */
export const checkDescription = Effect.fnUntraced(function*(from: UserId, sdp: string) {
  yield* Effect.fromResult(checkSdp(sdp))
  return yield* digestOf(from, sdp)
})

/** The candidates of a message by their digests, in the order of sending. */
export const checkCandidates = Effect.fnUntraced(function*(from: UserId, candidates: ReadonlyArray<IceCandidate>) {
  if (candidates.length > maxCandidatesPerMessage) {
    return yield* new TooManyCandidates({ limit: maxCandidatesPerMessage })
  }
  const digested = yield* Effect.forEach(
    candidates,
    (candidate) => Effect.map(digestOf(from, canonical(candidate)), (digest) => [digest, candidate] as const)
  )
  return new Map(digested)
})

const canonical = ({ candidate, sdpMLineIndex, sdpMid, usernameFragment }: IceCandidate): string =>
  JSON.stringify([candidate, sdpMid ?? null, sdpMLineIndex ?? null, usernameFragment ?? null])
