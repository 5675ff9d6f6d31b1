/**
 * Signing in an application of the machine itself, through the system's browser (RFC 8252) with PKCE (RFC 7636).
 */
import { Duration, Schema } from "effect"
import { UuidV7 } from "../../storable/UuidV7.ts"
import { Credential } from "./Credential.ts"
import type { SingleUseKind } from "./SingleUseKind.ts"
import { TokenHash } from "./TokenHash.ts"
import { UserId } from "./UserId.ts"

export const NativeFlowId = UuidV7.pipe(Schema.brand("NativeFlowId"))
export type NativeFlowId = typeof NativeFlowId.Type

/** BASE64URL(SHA-256(verifier)), the method `S256`. */
export const CodeChallenge = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{43}$/u)).pipe(
  Schema.brand("CodeChallenge")
)
export type CodeChallenge = typeof CodeChallenge.Type

/** The characters that RFC 6749 (appendix A.5) allows. */
export const NativeState = Schema.String.check(Schema.isPattern(/^[\x20-\x7e]{0,512}$/u))

/** The request of an application, stored until a user has signed in. */
export const NativeFlow = Schema.Struct({
  id: NativeFlowId,
  /** Hash of the cookie of the browser in which the user signs in. */
  cookieHash: TokenHash,
  redirectUri: Schema.String.check(Schema.isMaxLength(2048)),
  codeChallenge: CodeChallenge,
  /** Returned to the application unchanged. */
  state: NativeState,
  expiresAt: Schema.DateTimeUtc
})
export type NativeFlow = typeof NativeFlow.Type

export const nativeFlows: SingleUseKind<NativeFlow, NativeFlowId> = {
  name: "native_flow",
  record: NativeFlow,
  keyOf: ({ id }) => id
}

/** A code that the application exchanges for a session. */
export const NativeCode = Schema.Struct({
  hash: TokenHash,
  userId: UserId,
  /** The proof that earned the code. The code is worthless once the user no longer holds this credential. */
  proved: Credential,
  /** The time of the proof. */
  provedAt: Schema.DateTimeUtc,
  redirectUri: Schema.String,
  codeChallenge: CodeChallenge,
  expiresAt: Schema.DateTimeUtc
})
export type NativeCode = typeof NativeCode.Type

export const nativeCodes: SingleUseKind<NativeCode, TokenHash> = {
  name: "native_code",
  record: NativeCode,
  keyOf: ({ hash }) => hash,
  usersOf: ({ userId }) => [userId]
}

export const nativeFlowLifetime = Duration.minutes(10)
export const nativeCodeLifetime = Duration.seconds(60)
