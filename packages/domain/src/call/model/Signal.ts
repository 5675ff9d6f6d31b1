/**
 * The signals between two devices: session descriptions and candidates. Signals are stored apart from the events, reach
 * their addressee only, and are deleted when the call ends.
 */
import { Schema } from "effect"
import { StorableText } from "../../storable/Storable.ts"

/** A session description (SDP, RFC 8866), passed on unchanged. */
export const Sdp = StorableText

/** Maximum lengths of the texts of a candidate, in UTF-16 code units. */
export const candidateLengths = { candidate: 1024, sdpMid: 64, usernameFragment: 256 } as const

/** Whether the whole candidate is at most 1 KiB of JSON. */
export const isShortCandidate = (candidate: object): boolean => JSON.stringify(candidate).length <= 1024

const candidateWith = (Text: Schema.String) =>
  Schema.Struct({
    candidate: Text.check(Schema.isMaxLength(candidateLengths.candidate)),
    sdpMid: Schema.optionalKey(Schema.NullOr(Text.check(Schema.isMaxLength(candidateLengths.sdpMid)))),
    sdpMLineIndex: Schema.optionalKey(Schema.NullOr(Schema.Natural)),
    usernameFragment: Schema.optionalKey(
      Schema.NullOr(Text.check(Schema.isMaxLength(candidateLengths.usernameFragment)))
    )
  }).check(
    Schema.makeFilter((candidate) => isShortCandidate(candidate) || "a candidate has at most 1024 bytes")
  )

/** An ICE candidate in the format of browsers (W3C WebRTC, RTCIceCandidateInit): at most 1 KiB in total. */
export const IceCandidate = candidateWith(StorableText)
export type IceCandidate = typeof IceCandidate.Type

/** Maximum number of candidates in one message. */
export const maxCandidatesPerMessage = 64

/** The stored form. Signals that were stored before the stricter text check stay valid. */
export const Signal = Schema.Union([
  Schema.Struct({ sdp: Schema.String }),
  Schema.Struct({
    candidates: Schema.Array(candidateWith(Schema.String)),
    endOfCandidates: Schema.optionalKey(Schema.Literal(true))
  })
])
export type Signal = typeof Signal.Type
