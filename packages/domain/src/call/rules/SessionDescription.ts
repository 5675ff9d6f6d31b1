/**
 * Refuses session descriptions that no browser could use, in time that is linear in the length of the text.
 */
import { Result } from "effect"
import { InvalidSdp } from "../model/CallErrors.ts"

/** Maximum size of a session description in bytes. */
export const maxSdpBytes = 64 * 1024

// A line begins after LF or CR: CRLF ends a line, and parsers should accept LF alone (RFC 8866, 5).

/** The line that begins a section (RFC 8866, 5.14). */
const section = /[\r\n]m=/

/** The name of a hash function, a space, the digest (RFC 8122, 5). */
const fingerprint = /[\r\n]a=fingerprint:\S* /

/** A UTF-16 code unit takes from one to three bytes in UTF-8, so most texts need not be encoded. */
const isTooLarge = (sdp: string): boolean =>
  sdp.length > maxSdpBytes ||
  (sdp.length * 3 > maxSdpBytes && new TextEncoder().encode(sdp).length > maxSdpBytes)

/**
 * Checks the parts that a browser needs: at most 64 KiB, a version line first, a media or data section (RFC 8866, 5.1
 * and 5.14), and a DTLS fingerprint of the session or of a section (RFC 8122, 5; RFC 8827, 6.5). Candidates and all
 * other lines (RFC 8839) are passed on unread: the browsers judge them.
 */
export const checkSdp = (sdp: string): Result.Result<void, InvalidSdp> => {
  if (isTooLarge(sdp)) return invalid(`larger than ${maxSdpBytes} bytes`)
  if (!sdp.startsWith("v=0")) return invalid("does not start with v=0")
  if (!section.test(sdp)) return invalid("has no media or data section")
  if (!fingerprint.test(sdp)) return invalid("has no fingerprint")
  return Result.succeed(undefined)
}

const invalid = (detail: string): Result.Result<never, InvalidSdp> => Result.fail(new InvalidSdp({ detail }))
