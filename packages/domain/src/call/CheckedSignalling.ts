/**
 * Checks and digests signalling. The check runs once for all attempts of a step, before the call is looked up.
 */
import { Effect, Result } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import { type InvalidSdp, TooManyCandidates } from "./model/CallErrors.ts"
import { type IceCandidate, maxCandidatesPerMessage } from "./model/Signal.ts"
import { SignalDigest } from "./ports/SignalDigest.ts"
import { checkSdp } from "./rules/SessionDescription.ts"

export const makeCheckedSignalling = Effect.map(SignalDigest, (digest) => {
  const digestOf = (from: UserId, content: string) => digest.of(`${from}\n${content}`)
  return {
    /** The digest of a usable session description. */
    description: (from: UserId, sdp: string): Result.Result<string, InvalidSdp> =>
      Result.map(checkSdp(sdp), () => digestOf(from, sdp)),

    /** The candidates of a message by their digests, in the order of sending. */
    candidates: (
      from: UserId,
      candidates: ReadonlyArray<IceCandidate>
    ): Result.Result<ReadonlyMap<string, IceCandidate>, TooManyCandidates> =>
      candidates.length > maxCandidatesPerMessage
        ? Result.fail(new TooManyCandidates({ limit: maxCandidatesPerMessage }))
        : Result.succeed(new Map(candidates.map((candidate) => [digestOf(from, canonical(candidate)), candidate])))
  }
})

const canonical = ({ candidate, sdpMLineIndex, sdpMid, usernameFragment }: IceCandidate): string =>
  JSON.stringify([candidate, sdpMid ?? null, sdpMLineIndex ?? null, usernameFragment ?? null])
