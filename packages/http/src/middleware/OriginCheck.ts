/**
 * Keeps pages of other origins from acting for their visitors (cross-site request forgery).
 */
import type { HttpServerRequest } from "effect/http"
import { OriginNotAllowed, UnsupportedMediaType } from "../api/RequestErrors.ts"
import { type HostSettingsShape, isAllowedOrigin, sessionCookieName } from "../config/HostSettings.ts"
import type { Refusal } from "./Refusals.ts"

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

export const checkOrigin =
  (settings: HostSettingsShape) => (request: HttpServerRequest.HttpServerRequest): Refusal | undefined => {
    if (!isUnsafe(request)) return undefined
    if (!mayAct(settings, request)) return new OriginNotAllowed()
    return hasBody(request) && !isJson(request) ? new UnsupportedMediaType() : undefined
  }
