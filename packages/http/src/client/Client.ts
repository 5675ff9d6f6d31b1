/**
 * A typed client of the REST API, for programs that use Effect.
 */
import { Effect, type Redacted } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient, HttpApiMiddleware } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { Authentication } from "../api/Authentication.ts"

/** The session is added to each request by `makeClient`. */
export const layerAuthentication = HttpApiMiddleware.layerClient(Authentication, ({ next, request }) => next(request))

/** A client of the host at `baseUrl`, as the user of the token; without a token, for signing in. */
export const makeClient = (options: {
  readonly baseUrl: string | URL
  readonly token?: Redacted.Redacted<string> | undefined
}) =>
  HttpApiClient.make(Api, {
    baseUrl: options.baseUrl,
    transformClient: HttpClient.mapRequest((request) =>
      options.token === undefined ? request : HttpClientRequest.bearerToken(request, options.token)
    )
  }).pipe(Effect.provide(layerAuthentication))
