/**
 * What two devices tell each other to connect: session descriptions and candidates. Kept apart from the events, for
 * their addressee only, and deleted when the call ends.
 */
import { Effect, Schema } from "effect"
import { Digest } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import type { UserId } from "../../identity/model/UserId.ts"
import { StorableText } from "../../storable/Storable.ts"

/** A session description (SDP, RFC 8866), passed on as it is. */
export const Sdp = StorableText

const candidateWith = (Text: Schema.String) =>
  Schema.Struct({
    candidate: Text.check(Schema.isMaxLength(1024)),
    sdpMid: Schema.optionalKey(Schema.NullOr(Text.check(Schema.isMaxLength(64)))),
    sdpMLineIndex: Schema.optionalKey(Schema.NullOr(Schema.Natural)),
    usernameFragment: Schema.optionalKey(Schema.NullOr(Text.check(Schema.isMaxLength(256))))
  }).check(
    Schema.makeFilter((candidate) => JSON.stringify(candidate).length <= 1024 || "a candidate has at most 1024 bytes")
  )

/** An ICE candidate as browsers write it (W3C WebRTC, RTCIceCandidateInit): at most 1 KiB altogether. */
export const IceCandidate = candidateWith(StorableText)
export type IceCandidate = typeof IceCandidate.Type

/** Candidates of one message at most. */
export const maxCandidatesPerMessage = 64

/** As it is kept: what was taken before texts were looked at closely stays. */
export const Signal = Schema.Union([
  Schema.Struct({ sdp: Schema.String }),
  Schema.Struct({
    candidates: Schema.Array(candidateWith(Schema.String)),
    endOfCandidates: Schema.optionalKey(Schema.Literal(true))
  })
])
export type Signal = typeof Signal.Type

/** Recognises a signal that is sent again: the first 128 bits of SHA-256 over the sender and the content. */
export const digestOf = Effect.fnUntraced(function*(from: UserId, content: string) {
  const { digest } = yield* Digest.Digest
  const bytes = yield* digest(Digest.sha256, new TextEncoder().encode(`${from}\n${content}`))
  return Base64Url.encode(bytes.subarray(0, 16))
})
