/**
 * Recognises a signal that is sent again.
 */
import { Context } from "effect"

export class SignalDigest extends Context.Service<SignalDigest, {
  /** The first 22 characters of the SHA-256 of a text in UTF-8, in base64url (RFC 4648, 5): 132 bits. */
  of(text: string): string
}>()("@dchat/domain/call/SignalDigest") {}
