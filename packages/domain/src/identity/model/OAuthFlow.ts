/**
 * An attempt to prove an identity at LinkedIn. The browser that began the flow finishes it once.
 */
import { Duration, Schema } from "effect"
import { UuidV7 } from "../../storable/UuidV7.ts"
import { NativeFlowId } from "./NativeFlow.ts"
import { SessionId } from "./Session.ts"
import type { TracedKind } from "./SingleUseKind.ts"
import { TokenHash } from "./TokenHash.ts"
import { UserId } from "./UserId.ts"

export const OAuthFlowId = UuidV7.pipe(Schema.brand("OAuthFlowId"))
export type OAuthFlowId = typeof OAuthFlowId.Type

/** The purpose of a proof: sign in, link a credential, or confirm a recent presence. */
export const ProofPurpose = Schema.Literals(["login", "link", "reauth"])
export type ProofPurpose = typeof ProofPurpose.Type

export const OAuthFlow = Schema.Struct({
  id: OAuthFlowId,
  purpose: ProofPurpose,
  /** Hash of the cookie of the browser that began the flow. */
  cookieHash: TokenHash,
  /** The session that began the flow; missing for a sign-in. */
  sessionId: Schema.optionalKey(SessionId),
  /** The user of that session. */
  userId: Schema.optionalKey(UserId),
  /** The generation of the token that began the flow. The flow ends with that token. */
  generation: Schema.optionalKey(Schema.Int),
  /**
   * Hash of the session's next token after a link, for a client that already has that token: a client with a bearer
   * token, which a redirect could not deliver.
   */
  nextTokenHash: Schema.optionalKey(TokenHash),
  /** The redirect target after the flow: a path, or a URL of an allowed origin. */
  returnTo: Schema.String.check(Schema.isMaxLength(2048)),
  /** The application that waits for a code, if any. */
  nativeFlowId: Schema.optionalKey(NativeFlowId),
  expiresAt: Schema.DateTimeUtc
})
export type OAuthFlow = typeof OAuthFlow.Type

/** The end of a flow whose browser has returned. */
export const OAuthFlowEnd = Schema.Struct({
  /** The session that the flow opened or changed; present if the flow succeeded in a session. */
  finishedBy: Schema.optionalKey(SessionId),
  /** The failure code of the flow, as sent to the browser. */
  failure: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(64)))
})
export type OAuthFlowEnd = typeof OAuthFlowEnd.Type

export const oauthFlows: TracedKind<OAuthFlow, OAuthFlowId, OAuthFlowEnd> = {
  name: "oauth_flow",
  record: OAuthFlow,
  keyOf: ({ id }) => id,
  usersOf: ({ userId }) => userId === undefined ? [] : [userId],
  outcome: OAuthFlowEnd
}

export const oauthFlowLifetime = Duration.minutes(10)
