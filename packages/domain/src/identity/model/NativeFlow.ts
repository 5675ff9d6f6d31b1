/**
 * Signing in an application of the machine itself, through the system's browser (RFC 8252) with PKCE (RFC 7636).
 */
import { Duration, Schema } from "effect"
import { Credential } from "./Credential.ts"
import { TokenHash } from "./TokenHash.ts"
import { UserId } from "./UserId.ts"
import { UuidV7 } from "./UuidV7.ts"

export const NativeFlowId = UuidV7.pipe(Schema.brand("NativeFlowId"))
export type NativeFlowId = typeof NativeFlowId.Type

/** BASE64URL(SHA-256(verifier)), the method `S256`. */
export const CodeChallenge = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{43}$/u)).pipe(
  Schema.brand("CodeChallenge")
)
export type CodeChallenge = typeof CodeChallenge.Type

/** Of the characters that RFC 6749 (appendix A.5) allows. */
export const NativeState = Schema.String.check(Schema.isPattern(/^[\x20-\x7e]{0,512}$/u))

/** What an application has asked for, until somebody has signed in. */
export const NativeFlow = Schema.Struct({
  id: NativeFlowId,
  /** Hash of the cookie of the browser in which somebody is to sign in. */
  cookieHash: TokenHash,
  redirectUri: Schema.String.check(Schema.isMaxLength(2048)),
  codeChallenge: CodeChallenge,
  /** Handed back to the application as it is. */
  state: NativeState,
  expiresAt: Schema.DateTimeUtc
})
export type NativeFlow = typeof NativeFlow.Type

/** A code that the application trades for a session. */
export const NativeCode = Schema.Struct({
  hash: TokenHash,
  userId: UserId,
  /** The proof that earned it. While the person no longer holds this, the code is worth nothing. */
  proved: Credential,
  /** When that was proved. */
  provedAt: Schema.DateTimeUtc,
  redirectUri: Schema.String,
  codeChallenge: CodeChallenge,
  expiresAt: Schema.DateTimeUtc
})
export type NativeCode = typeof NativeCode.Type

export const nativeFlowLifetime = Duration.minutes(10)
export const nativeCodeLifetime = Duration.seconds(60)
