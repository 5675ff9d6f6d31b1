/**
 * Keeps answers about people and calls out of caches.
 */
import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import type { Middleware } from "./Middleware.ts"

export const noStore: Middleware = (app) =>
  Effect.gen(function*() {
    const { url } = yield* HttpServerRequest.HttpServerRequest
    const response = yield* app
    return /^\/(api|auth)\//.test(url) ? HttpServerResponse.setHeader(response, "cache-control", "no-store") : response
  })
