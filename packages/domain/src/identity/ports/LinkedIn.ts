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
 * - `denied`: the person cancelled at LinkedIn.
 * - `code_rejected`: LinkedIn does not take the code (used, expired, made up), or the callback is not one of its own.
 * - `invalid_response`: LinkedIn's answer cannot be trusted: signature, issuer, audience, times, subject, shape, size.
 * - `unavailable`: no answer in time, a server error, throttling.
 * - `reauthorization_required`: the access token is dead: expired or revoked by the person.
 */
export const LinkedInFailureReason = Schema.Literals([
  "denied",
  "code_rejected",
  "invalid_response",
  "unavailable",
  "reauthorization_required"
])
export type LinkedInFailureReason = typeof LinkedInFailureReason.Type

/** What LinkedIn was asked for did not come about. It holds nothing that LinkedIn or the browser said. */
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

/** Who somebody is at LinkedIn, and the right to ask again. */
export interface LinkedInGrant {
  readonly profile: LinkedInProfile
  readonly accessToken: Redacted.Redacted<string>
  readonly tokenExpiresAt: Option.Option<DateTime.Utc>
  readonly scopes: ReadonlyArray<string>
}

export class LinkedIn extends Context.Service<LinkedIn, {
  /** The application that this installation is at LinkedIn; none where it is not set up. */
  readonly clientId: Option.Option<LinkedInClientId>
  /** Where to send the browser. `state` comes back with it (RFC 6749, 4.1.1). */
  authorizationUrl(request: {
    readonly state: string
    readonly redirectUri: string
  }): Effect.Effect<URL, LinkedInNotConfigured>
  /**
   * Turns what came back with the browser into who the person is. `state` has been verified already; it must be the
   * one in `callback`, each of whose parameters may be there once only. Before it answers, the ID token's signature,
   * issuer, audience and times have been verified and the profile is of the same subject.
   */
  redeem(request: {
    readonly callback: URLSearchParams
    readonly state: string
    readonly redirectUri: string
  }): Effect.Effect<LinkedInGrant, LinkedInNotConfigured | LinkedInFailed>
  /** The profile as it is now; refused (`invalid_response`) when it is of another subject. */
  profile(
    accessToken: Redacted.Redacted<string>,
    subject: LinkedInSubject
  ): Effect.Effect<LinkedInProfile, LinkedInNotConfigured | LinkedInFailed>
}>()("@dchat/domain/identity/LinkedIn") {}
