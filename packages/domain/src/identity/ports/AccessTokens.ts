/**
 * Port: short-lived signed tokens (JWT, RFC 7519) by which other services identify a user without a request here.
 */
import { Context, type Effect, type Redacted, Schema } from "effect"
import type { SessionId } from "../model/Session.ts"
import type { UserId } from "../model/UserId.ts"

/** This installation issues no access tokens. */
export class AccessTokensNotConfigured extends Schema.TaggedError<AccessTokensNotConfigured>()(
  "AccessTokensNotConfigured",
  {}
) {}

/** No configured audience has this name. */
export class AudienceUnknown extends Schema.TaggedError<AudienceUnknown>()("AudienceUnknown", {}) {}

/** A JWK Set (RFC 7517) of public keys. */
export const JsonWebKeySet = Schema.Struct({
  keys: Schema.Array(Schema.Struct({
    kty: Schema.Literal("OKP"),
    crv: Schema.Literal("Ed25519"),
    x: Schema.String,
    kid: Schema.String,
    alg: Schema.Literal("EdDSA"),
    use: Schema.Literal("sig")
  }))
})
export type JsonWebKeySet = typeof JsonWebKeySet.Type

export class AccessTokens extends Context.Service<AccessTokens, {
  /**
   * Issues a token for one audience (`aud`), signed by EdDSA with the newest secret's key. `sub` is the user, `sid` the
   * session. `expiresIn` is in seconds; the token cannot be revoked before it expires.
   */
  issue(request: {
    readonly userId: UserId
    readonly sessionId: SessionId
    readonly audience: string
  }): Effect.Effect<
    { readonly accessToken: Redacted.Redacted<string>; readonly expiresIn: number },
    AccessTokensNotConfigured | AudienceUnknown
  >
  /** The keys of all secrets, the newest first; empty if no tokens are issued. */
  readonly keys: Effect.Effect<JsonWebKeySet>
}>()("@dchat/domain/identity/AccessTokens") {}
