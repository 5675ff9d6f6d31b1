/**
 * An attempt to prove who somebody is at LinkedIn: begun by one browser, finished once, by the same.
 */
import { Duration, Schema } from "effect"
import { NativeFlowId } from "./NativeFlow.ts"
import { SessionId } from "./Session.ts"
import { TokenHash } from "./TokenHash.ts"
import { UserId } from "./UserId.ts"
import { UuidV7 } from "./UuidV7.ts"

export const OAuthFlowId = UuidV7.pipe(Schema.brand("OAuthFlowId"))
export type OAuthFlowId = typeof OAuthFlowId.Type

/** Why somebody proves an identity: to sign in, to add it to who they are, or to show that they are still there. */
export const ProofPurpose = Schema.Literals(["login", "link", "reauth"])
export type ProofPurpose = typeof ProofPurpose.Type

export const OAuthFlow = Schema.Struct({
  id: OAuthFlowId,
  purpose: ProofPurpose,
  /** Hash of the cookie of the browser that began it. */
  cookieHash: TokenHash,
  /** Who began it, unless it is for signing in. */
  sessionId: Schema.optionalKey(SessionId),
  /** The person of that session. */
  userId: Schema.optionalKey(UserId),
  /** Of the token that began it, with which it ends. */
  generation: Schema.optionalKey(Schema.Int),
  /**
   * Hash of the token under which the session goes on once something is linked, for a client that has it already: one
   * with a bearer token, which a redirect could not hand over.
   */
  nextTokenHash: Schema.optionalKey(TokenHash),
  /** Where the browser goes afterwards: a path, or a URL of an allowed origin. */
  returnTo: Schema.String.check(Schema.isMaxLength(2048)),
  /** The application that waits for a code, if one does. */
  nativeFlowId: Schema.optionalKey(NativeFlowId),
  expiresAt: Schema.DateTimeUtc
})
export type OAuthFlow = typeof OAuthFlow.Type

/** `taken`: the browser has come back, and what the flow is for is being done; `over`: that has ended, well or not. */
export const OAuthFlowState = Schema.Literals(["waiting", "taken", "over"])

/** A flow as it stands. */
export const KnownOAuthFlow = Schema.Struct({
  ...OAuthFlow.fields,
  state: OAuthFlowState,
  /** The session that the flow has opened or changed; it is there when the flow ended well in one. */
  finishedBy: Schema.optionalKey(SessionId),
  /** The code of why the flow failed, as the browser was told. */
  failure: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(64)))
})
export type KnownOAuthFlow = typeof KnownOAuthFlow.Type

/** How a flow has ended. */
export type OAuthFlowEnd = Pick<KnownOAuthFlow, "finishedBy" | "failure">

export const oauthFlowLifetime = Duration.minutes(10)
