/**
 * Keeps pages of other origins from acting for their visitors (cross-site request forgery).
 */
import { Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import { OriginNotAllowed, UnsupportedMediaType } from "../api/RequestErrors.ts"
import { type HostSettingsShape, isAllowedOrigin, sessionCookieName } from "../config/HostSettings.ts"
import type { Middleware } from "./Middleware.ts"
import { problemResponse } from "./ProblemResponse.ts"

const safeMethods = new Set(["GET", "HEAD", "OPTIONS", "TRACE"])

/** Ignores the path, because the router accepts several spellings of a path. */
const isUnsafe = ({ method }: HttpServerRequest.HttpServerRequest) => !safeMethods.has(method)

/** A present Origin has to be allowed; a cookie needs one, or a browser that says the page is of this origin. */
export const mayAct = (settings: HostSettingsShape, request: HttpServerRequest.HttpServerRequest): boolean => {
  const origin = request.headers["origin"]
  if (origin !== undefined) return isAllowedOrigin(settings, origin)
  return request.cookies[sessionCookieName(settings)] === undefined ||
    request.headers["sec-fetch-site"] === "same-origin"
}

const hasBody = ({ headers }: HttpServerRequest.HttpServerRequest) =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0

/** Types that a form of another page can send are not JSON, whatever the body is. */
const isJson = ({ headers }: HttpServerRequest.HttpServerRequest) =>
  /^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "")

export const checkOrigin = (settings: HostSettingsShape): Middleware => (app) =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (isUnsafe(request)) {
      if (!mayAct(settings, request)) return yield* problemResponse(new OriginNotAllowed())
      if (hasBody(request) && !isJson(request)) return yield* problemResponse(new UnsupportedMediaType())
    }
    return yield* app
  })
