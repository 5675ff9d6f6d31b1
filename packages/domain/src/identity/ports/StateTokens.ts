/**
 * Port: the `state` of an OAuth flow as a signed token, so that a foreign state is refused without a look-up.
 */
import { Context, type DateTime, type Effect, type Redacted, Schema } from "effect"
import type { OAuthFlowId } from "../model/OAuthFlow.ts"
import type { TokenHash } from "../model/TokenHash.ts"

/** The state is missing, altered, expired, of another installation or no state at all. */
export class StateInvalid extends Schema.TaggedError<StateInvalid>()("StateInvalid", {}) {
  override get message() {
    return "the sign-in attempt is unknown, expired or already used"
  }
}

export interface OAuthState {
  readonly flowId: OAuthFlowId
  /** Hash of the cookie that binds the flow to a browser. */
  readonly cookieHash: TokenHash
  readonly issuedAt: DateTime.Utc
  readonly expiresAt: DateTime.Utc
}

export class StateTokens extends Context.Service<StateTokens, {
  /** A compact JWS (RFC 7515) of type `oauth-state+jwt`, signed with the newest secret. */
  sign(state: OAuthState): Effect.Effect<string>
  /** The state, if any of the secrets signed this exact text and the state has not expired. */
  verify(token: Redacted.Redacted<string>): Effect.Effect<OAuthState, StateInvalid>
}>()("@dchat/domain/identity/StateTokens") {}
