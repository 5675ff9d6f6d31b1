/**
 * Keeps answers about users and calls out of caches: everything that does not say how long it may be kept.
 */
import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"
import type { Middleware } from "./Middleware.ts"

export const noStore: Middleware = (app) =>
  Effect.map(app, (response) =>
    response.headers["cache-control"] === undefined
      ? HttpServerResponse.setHeader(response, "cache-control", "no-store")
      : response)
