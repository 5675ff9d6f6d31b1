/**
 * Implements `LinkedIn` by OpenID Connect, with oauth4webapi. LinkedIn supports neither PKCE nor a nonce for ordinary
 * applications, so `state` alone binds a callback to a browser.
 */
import { LinkedIn, type LinkedInClientId, LinkedInNotConfigured } from "@dchat/domain/identity"
import { DateTime, Duration, Effect, Layer, Option, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import * as BoundedFetch from "./BoundedFetch.ts"
import * as LinkedInMetadata from "./LinkedInMetadata.ts"
import { checkedUrls } from "./LinkedInUrl.ts"
import { fail, failureOf, type Stage } from "./OpenIdFailure.ts"
import { profileOf } from "./ProfileClaims.ts"
import { withoutQuirks } from "./TokenQuirks.ts"

export { LinkedInUrlRefused } from "./LinkedInUrl.ts"

export interface Options extends Partial<LinkedInMetadata.LinkedInUrls> {
  readonly clientId: LinkedInClientId
  readonly clientSecret: Redacted.Redacted<string>
  /** Allows plain HTTP for URLs of this computer. */
  readonly allowInsecure?: boolean
  /** The timeout of each request with its whole answer. */
  readonly timeout?: Duration.Input
}

/** The tolerated difference between the clocks of LinkedIn and of this host, in seconds. */
const clockTolerance = 120

/** The maximum size of a response body, in bytes. LinkedIn's have a few thousand. */
const answerSize = 64 * 1024

/** The maximum length of a code, in characters. LinkedIn's have a few hundred. */
const codeLength = 2048

/** Longer than any token lives, in seconds; a later date would be a mistake. */
const longestLife = 10 * 366 * 24 * 60 * 60

const attempt = <A>(stage: Stage, run: (signal: AbortSignal) => Promise<A>) =>
  Effect.tryPromise({ try: run, catch: (error) => failureOf(stage, error) }).pipe(Effect.catch(fail))

/** As oauth4webapi compares times, by the clock of this machine. */
const isIssuedInFuture = ({ iat }: oauth.IDToken): boolean => iat > Date.now() / 1000 + clockTolerance

/** The audience may be this application and no other besides, not even one for which LinkedIn names us as `azp`. */
const isForOthersToo = ({ aud }: oauth.IDToken): boolean => Array.isArray(aud) && aud.length !== 1

/** Missing where it is as requested (RFC 6749, 5.1). LinkedIn separates by commas. */
const scopesOf = (scope: string | undefined): ReadonlyArray<string> =>
  scope === undefined ? LinkedInMetadata.scopes : scope.split(/[\s,]+/).filter((each) => each !== "")

const expiryOf = (now: DateTime.Utc, seconds: number | undefined): Option.Option<DateTime.Utc> =>
  seconds !== undefined && seconds > 0 && seconds <= longestLife
    ? Option.some(DateTime.addDuration(now, Duration.seconds(seconds)))
    : Option.none()

const make = Effect.fnUntraced(function*(options: Options) {
  const { clientId, clientSecret, timeout = "5 seconds" } = options
  const urls = yield* checkedUrls({ ...LinkedInMetadata.urls, ...options }, options.allowInsecure === true)
  // oauth4webapi caches the published keys by this very object.
  let server: oauth.AuthorizationServer = {
    issuer: urls.issuer,
    authorization_endpoint: urls.authorizationUrl,
    token_endpoint: urls.tokenUrl,
    jwks_uri: urls.jwksUrl,
    userinfo_endpoint: urls.userinfoUrl
  }
  const client: oauth.Client = {
    client_id: clientId,
    id_token_signed_response_alg: "RS256",
    [oauth.clockTolerance]: clockTolerance
  }
  const authentication = oauth.ClientSecretPost(Redacted.value(clientSecret))
  const requests = {
    // Which URLs may be asked has been decided above.
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: BoundedFetch.make({ timeout: Duration.fromInputUnsafe(timeout), size: answerSize })
  }

  const parametersOf = (callback: URLSearchParams, state: string) =>
    Effect.try({
      try: () => oauth.validateAuthResponse(server, client, callback, state),
      catch: (error) => failureOf("callback", error)
    }).pipe(
      Effect.filterOrFail(
        (parameters) => {
          const code = parameters.get("code") ?? ""
          return code !== "" && code.length <= codeLength && new Set(parameters.keys()).size === parameters.size
        },
        () => failureOf("callback", "malformed")
      ),
      Effect.catch(fail)
    )

  /** Verifies by the cached keys, and by the current ones when the token's key is not cached. */
  const verifySignature = async (response: Response): Promise<void> => {
    const known = server
    try {
      await oauth.validateApplicationLevelSignature(known, response, requests)
    } catch (error) {
      if (!(error instanceof oauth.OperationProcessingError && error.code === oauth.KEY_SELECTION)) throw error
      if (server === known) server = { ...known }
      await oauth.validateApplicationLevelSignature(server, response, requests)
    }
  }

  const userinfo = Effect.fnUntraced(function*(
    accessToken: string,
    subject: string,
    whenDead: "invalid_response" | "reauthorization_required"
  ) {
    const response = yield* attempt(
      "userinfo",
      (signal) => oauth.userInfoRequest(server, client, accessToken, { ...requests, signal })
    )
    if (response.status === 401) {
      return yield* fail({ stage: "userinfo", reason: whenDead, code: "token_refused" })
    }
    const claims = yield* attempt("userinfo", () => oauth.processUserInfoResponse(server, client, subject, response))
    const profile = profileOf(claims)
    if (Option.isNone(profile)) {
      return yield* fail({ stage: "userinfo", reason: "invalid_response", code: "subject" })
    }
    return profile.value
  })

  return LinkedIn.of({
    clientId: Option.some(clientId),

    authorizationUrl: Effect.fn("LinkedIn.authorizationUrl")(function*({ redirectUri, state }) {
      const url = new URL(urls.authorizationUrl)
      const parameters = {
        response_type: "code",
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: LinkedInMetadata.scopes.join(" "),
        state
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url
    }),

    redeem: Effect.fn("LinkedIn.redeem")(function*({ callback, redirectUri, state }) {
      const parameters = yield* parametersOf(callback, state)
      const now = yield* DateTime.now
      const response = yield* attempt(
        "token",
        (signal) =>
          oauth.authorizationCodeGrantRequest(server, client, authentication, parameters, redirectUri, oauth.nopkce, {
            ...requests,
            signal
          })
      )
      const answer = yield* attempt("token", () => withoutQuirks(response))
      const tokens = yield* attempt(
        "token",
        () => oauth.processAuthorizationCodeResponse(server, client, answer, { requireIdToken: true })
      )
      // The step before looks at the claims only.
      yield* attempt("id_token", () => verifySignature(answer))
      const claims = oauth.getValidatedIdTokenClaims(tokens)
      if (claims === undefined || isForOthersToo(claims) || isIssuedInFuture(claims)) {
        return yield* fail({ stage: "id_token", reason: "invalid_response", code: "claims" })
      }
      return {
        profile: yield* userinfo(tokens.access_token, claims.sub, "invalid_response"),
        accessToken: Redacted.make(tokens.access_token),
        tokenExpiresAt: expiryOf(now, tokens.expires_in),
        scopes: scopesOf(tokens.scope)
      }
    }),

    profile: Effect.fn("LinkedIn.profile")((accessToken, subject) =>
      userinfo(Redacted.value(accessToken), subject, "reauthorization_required")
    )
  })
})

/** LinkedIn, or what stands in for it at other URLs. */
export const layer = (options: Options) => Layer.effect(LinkedIn, make(options))

/** The layer of an installation without an application at LinkedIn. */
export const layerNotConfigured = Layer.succeed(
  LinkedIn,
  LinkedIn.of({
    clientId: Option.none(),
    authorizationUrl: () => Effect.fail(new LinkedInNotConfigured()),
    redeem: () => Effect.fail(new LinkedInNotConfigured()),
    profile: () => Effect.fail(new LinkedInNotConfigured())
  })
)
