/**
 * The endpoints of LinkedIn: signing in, linking, reading the profile again, and unlinking.
 */
import {
  LastLoginMethod,
  LinkedInNotConfigured,
  LinkedInNotLinked,
  LinkedInReauthorizationRequired,
  NativeFlowId,
  NativeFlowInvalid,
  ProofPurpose,
  ReauthRequired,
  TokenReplaced
} from "@dchat/domain/identity"
import { StorableText } from "@dchat/domain/storable"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { MeWithToken } from "./AuthApi.ts"
import { Authentication } from "./Authentication.ts"
import { LinkedInInvalidResponse, LinkedInUnavailable, ReturnToNotAllowed } from "./LinkedInErrors.ts"
import { problem } from "./Problems.ts"
import { PersonLimited, RateLimit, ratePolicies } from "./RateLimited.ts"
import { AmbiguousCredentials, Unauthenticated } from "./RequestErrors.ts"
import { LinkedInView } from "./UserView.ts"

export class LinkedInApi extends HttpApiGroup.make("linkedin")
  .add(
    HttpApiEndpoint.get("profile", "/profile", {
      success: LinkedInView,
      error: problem(LinkedInNotLinked)
    }),
    HttpApiEndpoint.post("sync", "/sync", {
      success: LinkedInView,
      error: [
        problem(LinkedInNotLinked),
        problem(LinkedInNotConfigured),
        problem(LinkedInReauthorizationRequired),
        problem(LinkedInUnavailable),
        problem(LinkedInInvalidResponse)
      ]
    }).annotate(RateLimit, ratePolicies.account),
    /** 204 for browsers, which get a new cookie; 200 with the new token for clients that send one. */
    HttpApiEndpoint.post("unlink", "/unlink", {
      success: [MeWithToken, HttpApiSchema.NoContent],
      error: [problem(ReauthRequired), problem(LastLoginMethod), problem(LinkedInNotLinked)]
    }).annotate(RateLimit, ratePolicies.account)
  )
  .middleware(PersonLimited)
  .middleware(Authentication)
  .add(
    /**
     * Returns the URL to which the client sends the browser. The browser that opens the URL must receive this answer,
     * because the answer sets a cookie.
     */
    HttpApiEndpoint.get("authUrl", "/auth-url", {
      query: {
        /** A path, or a URL of the public origin or an allowed one; `/` unless given. */
        returnTo: Schema.optionalKey(StorableText.check(Schema.isMaxLength(2048))),
        /** The default is `login`. The other modes need a session. */
        mode: Schema.optionalKey(ProofPurpose),
        /** The sign-in of a native application that waits for this browser (see `/auth/native/start`). */
        native: Schema.optionalKey(NativeFlowId)
      },
      success: Schema.Struct({
        url: Schema.String,
        expiresIn: Schema.Int,
        /** For linking with a bearer token: the token under which the session goes on from the moment of linking. */
        nextToken: Schema.optionalKey(Schema.String)
      }),
      error: [
        problem(LinkedInNotConfigured),
        problem(ReturnToNotAllowed),
        problem(NativeFlowInvalid),
        problem(Unauthenticated),
        problem(TokenReplaced),
        problem(AmbiguousCredentials)
      ]
    }).annotate(RateLimit, ratePolicies.begin),
    /**
     * Where LinkedIn sends the browser back to. Always answers by a redirect: to `returnTo`, with `error` in its query
     * when something went wrong, or to `/?error=...` when it is not known where the browser came from. Only a flow that
     * was begun gets further than its signature.
     */
    HttpApiEndpoint.get("callback", "/callback", {
      success: Schema.Void.pipe(HttpApiSchema.status(303))
    }).annotate(RateLimit, ratePolicies.callback)
  )
  .prefix("/auth/linkedin")
{}
