/**
 * Translates a failed step with LinkedIn into its reason, and decides which part of the failure may be logged.
 */
import { LinkedInFailed, type LinkedInFailureReason } from "@dchat/domain/identity"
import { Effect } from "effect"
import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from "oauth4webapi"
import { NoUsableAnswer } from "./BoundedFetch.ts"

export type Stage = "callback" | "token" | "id_token" | "userinfo"

export interface OpenIdFailure {
  readonly stage: Stage
  readonly reason: LinkedInFailureReason
  /** A word of ours or of oauth4webapi's. Nothing that LinkedIn or a browser sent may stand here. */
  readonly code: string
  /** The operator has to fix the configuration. */
  readonly misconfigured?: boolean
}

/** The user's own decision: LinkedIn's two errors, and the one of RFC 6749, 4.1.2.1. */
const denials: ReadonlySet<string> = new Set(["user_cancelled_login", "user_cancelled_authorize", "access_denied"])

/** About the application and not about the code (RFC 6749, 5.2). */
const clientErrors: ReadonlySet<string> = new Set([
  "invalid_client",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope"
])

/** About the code. LinkedIn does not keep to `invalid_grant` for one that is used, expired or of another callback. */
const codeErrors: ReadonlySet<string> = new Set(["invalid_grant", "invalid_request", "invalid_redirect_uri"])

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" && /^OAUTH_[A-Z_]+$/.test(error.code)
    ? error.code
    : "unexpected"

const refusedClient: OpenIdFailure = {
  stage: "token",
  reason: "unavailable",
  code: "client_refused",
  misconfigured: true
}

const ofTokenError = (error: ResponseBodyError): OpenIdFailure =>
  clientErrors.has(error.error) ? refusedClient : {
    stage: "token",
    reason: codeErrors.has(error.error) ? "code_rejected" : "invalid_response",
    code: error.code
  }

export const failureOf = (stage: Stage, error: unknown): OpenIdFailure => {
  const code = codeOf(error)
  if (error instanceof NoUsableAnswer) {
    return { stage, reason: error.isTemporary ? "unavailable" : "invalid_response", code: error.code }
  }
  if (stage === "callback") {
    const isDenial = error instanceof AuthorizationResponseError && denials.has(error.error)
    return { stage, reason: isDenial ? "denied" : "code_rejected", code }
  }
  if (stage === "token" && error instanceof ResponseBodyError) return ofTokenError(error)
  if (stage === "token" && error instanceof WWWAuthenticateChallengeError && error.status === 401) return refusedClient
  return { stage, reason: "invalid_response", code }
}

const report = ({ code, misconfigured = false, reason, stage }: OpenIdFailure): Effect.Effect<void> => {
  if (misconfigured) {
    return Effect.logError("LinkedIn refuses this application: check its client id and client secret")
  }
  // Decisions of users and values from browsers are not faults of the host.
  const isOrdinary = stage === "callback" || reason === "reauthorization_required"
  const text = `LinkedIn: ${reason} (${stage}, ${code})`
  return isOrdinary ? Effect.logDebug(text) : Effect.logWarning(text)
}

/** Fails with the reason, after writing down what may be. */
export const fail = (failure: OpenIdFailure): Effect.Effect<never, LinkedInFailed> =>
  Effect.andThen(report(failure), Effect.fail(new LinkedInFailed({ reason: failure.reason })))
