/**
 * What two devices tell each other to connect: session descriptions and candidates. Kept apart from the events, for
 * their addressee only, and deleted when the call ends.
 */
import { Schema } from "effect"
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
