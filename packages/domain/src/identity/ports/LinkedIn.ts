/**
 * Port: LinkedIn as an OpenID provider.
 */
import { Context, type DateTime, type Effect, type Option, type Redacted, Schema } from "effect"
import type { LinkedInClientId, LinkedInProfile, LinkedInSubject } from "../model/LinkedInProfile.ts"

/** This installation has no application at LinkedIn. */
export class LinkedInNotConfigured extends Schema.TaggedError<LinkedInNotConfigured>()("LinkedInNotConfigured", {}) {
  override get message() {
    return "sign-in with LinkedIn is not set up on this host"
  }
}

/**
 * - `denied`: the user cancelled at LinkedIn.
 * - `code_rejected`: LinkedIn does not take the code (used, expired, made up), or the callback is not one of its own.
 * - `invalid_response`: LinkedIn's answer cannot be trusted: signature, issuer, audience, times, subject, shape, size.
 * - `unavailable`: no answer in time, a server error, throttling.
 * - `reauthorization_required`: the access token is dead: expired or revoked by the user.
 */
export const LinkedInFailureReason = Schema.Literals([
  "denied",
  "code_rejected",
  "invalid_response",
  "unavailable",
  "reauthorization_required"
])
export type LinkedInFailureReason = typeof LinkedInFailureReason.Type

/** A request to LinkedIn failed. The error holds no text of LinkedIn or of the browser. */
export class LinkedInFailed extends Schema.TaggedError<LinkedInFailed>()("LinkedInFailed", {
  reason: LinkedInFailureReason
}) {
  override get message() {
    return `LinkedIn: ${this.reason}`
  }
  /** Whether the same request may succeed later. */
  get isRetryable(): boolean {
    return this.reason === "unavailable"
  }
}

/** The identity of a user at LinkedIn, and the right to read the profile again. */
export interface LinkedInGrant {
  readonly profile: LinkedInProfile
  readonly accessToken: Redacted.Redacted<string>
  readonly tokenExpiresAt: Option.Option<DateTime.Utc>
  readonly scopes: ReadonlyArray<string>
}

export class LinkedIn extends Context.Service<LinkedIn, {
  /** The application of this installation at LinkedIn; none if not configured. */
  readonly clientId: Option.Option<LinkedInClientId>
  /** The URL to send the browser to. `state` returns with the callback (RFC 6749, 4.1.1). */
  authorizationUrl(request: {
    readonly state: string
    readonly redirectUri: string
  }): Effect.Effect<URL, LinkedInNotConfigured>
  /**
   * Exchanges a callback for the user's LinkedIn identity. The caller has verified `state`, which must equal the one in
   * `callback`. Each parameter of `callback` may occur only once. Before the method returns, the ID token's signature,
   * issuer, audience and times are verified, and the profile has the same subject.
   */
  redeem(request: {
    readonly callback: URLSearchParams
    readonly state: string
    readonly redirectUri: string
  }): Effect.Effect<LinkedInGrant, LinkedInNotConfigured | LinkedInFailed>
  /** The current profile. Refused (`invalid_response`) if the profile has another subject. */
  profile(
    accessToken: Redacted.Redacted<string>,
    subject: LinkedInSubject
  ): Effect.Effect<LinkedInProfile, LinkedInNotConfigured | LinkedInFailed>
}>()("@dchat/domain/identity/LinkedIn") {}
