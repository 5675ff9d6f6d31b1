/**
 * Prevents caches from storing answers without a caching header, such as answers about users and calls.
 */
import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"
import type { Middleware } from "./Middleware.ts"

export const noStore: Middleware = (app) =>
  Effect.map(app, (response) =>
    response.headers["cache-control"] === undefined
      ? HttpServerResponse.setHeader(response, "cache-control", "no-store")
      : response)
