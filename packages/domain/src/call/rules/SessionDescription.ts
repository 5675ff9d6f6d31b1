/**
 * Refuses session descriptions that no browser could use, in one pass over the text.
 */
import { Result } from "effect"
import { InvalidSdp } from "../model/CallErrors.ts"

/** Maximum size of a session description in bytes. */
export const maxSdpBytes = 64 * 1024

/** A line of a text: the index of its first character, and the index after its last character. */
interface Line {
  readonly from: number
  readonly to: number
}

const lineFeed = 10
const carriageReturn = 13

/**
 * The lines of a session description. Each character is read once. CRLF, LF and CR end a line; parsers should accept LF
 * and CR alone (RFC 8866, 5).
 */
export function* linesOf(sdp: string): Generator<Line> {
  let from = 0
  for (let at = 0; at < sdp.length; at += 1) {
    const code = sdp.charCodeAt(at)
    if (code !== lineFeed && code !== carriageReturn) continue
    yield { from, to: at }
    if (code === carriageReturn && sdp.charCodeAt(at + 1) === lineFeed) at += 1
    from = at + 1
  }
  if (from < sdp.length) yield { from, to: sdp.length }
}

const fingerprint = "a=fingerprint:"

/** The name of a hash function, a space, the digest (RFC 8122, 5). */
const isFingerprint = (sdp: string, { from, to }: Line): boolean => {
  if (!sdp.startsWith(fingerprint, from)) return false
  return /^\S* /.test(sdp.slice(from + fingerprint.length, to))
}

/**
 * Checks the parts that a browser needs: at most 64 KiB, a version line first, a media or data section (RFC 8866, 5.1
 * and 5.14), and a DTLS fingerprint of the session or of a section (RFC 8122, 5; RFC 8827, 6.5). Candidates and all
 * other lines (RFC 8839) are passed on unread: the browsers judge them.
 */
export const checkSdp = (sdp: string): Result.Result<void, InvalidSdp> => {
  // A character takes at least one byte, so a text that is too long need not be encoded first.
  if (sdp.length > maxSdpBytes || new TextEncoder().encode(sdp).length > maxSdpBytes) {
    return invalid(`larger than ${maxSdpBytes} bytes`)
  }
  if (!sdp.startsWith("v=0")) return invalid("does not start with v=0")
  let hasSection = false
  let hasFingerprint = false
  for (const line of linesOf(sdp)) {
    hasSection ||= sdp.startsWith("m=", line.from)
    hasFingerprint ||= isFingerprint(sdp, line)
    if (hasSection && hasFingerprint) return Result.succeed(undefined)
  }
  return invalid(hasSection ? "has no fingerprint" : "has no media or data section")
}

const invalid = (detail: string): Result.Result<never, InvalidSdp> => Result.fail(new InvalidSdp({ detail }))
