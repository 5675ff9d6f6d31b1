/**
 * Sets the headers by which browsers restrict the pages of this host. Prevents caches from storing answers without a
 * caching header, such as answers about users and calls.
 */
import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { type HostSettingsShape, isSecure } from "../config/HostSettings.ts"
import type { Middleware } from "./Middleware.ts"

const policy = (directives: Readonly<Record<string, string>>) =>
  Object.entries(directives).map(([name, value]) => `${name} ${value}`).join("; ")

const strict = {
  "default-src": "'self'",
  "connect-src": "'self' ws: wss:",
  "img-src": "'self' data:",
  "media-src": "'self' blob:",
  "object-src": "'none'",
  "base-uri": "'none'",
  "form-action": "'self'",
  "frame-ancestors": "'none'"
}

const pagePolicy = policy(strict)

/**
 * The reference of the API comes as one page with its script and styles inside. The sandbox gives that page an origin of
 * its own, so that no script in it has the cookies, the storage or the rights of the host's origin.
 */
const docsPolicy = policy({
  ...strict,
  "default-src": "'none'",
  "connect-src": "'none'",
  "script-src": "'unsafe-inline'",
  "style-src": "'unsafe-inline'",
  "img-src": "data: blob:",
  "font-src": "data:",
  "sandbox": "allow-scripts allow-popups allow-downloads"
})

const isDocs = (url: string) => /^\/docs(\/|\?|$)/.test(url)

export const securityHeaders = (settings: HostSettingsShape): Middleware => {
  const headers = {
    "content-security-policy": pagePolicy,
    "permissions-policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    ...(isSecure(settings) ? { "strict-transport-security": "max-age=31536000" } : {})
  }
  const unstored = { "cache-control": "no-store", ...headers }
  const headersFor = (url: string, response: HttpServerResponse.HttpServerResponse) => {
    const always = response.headers["cache-control"] === undefined ? unstored : headers
    return isDocs(url) && settings.docs !== "off" ? { ...always, "content-security-policy": docsPolicy } : always
  }
  return (app) =>
    Effect.flatMap(
      HttpServerRequest.HttpServerRequest,
      ({ url }) => Effect.map(app, (response) => HttpServerResponse.setHeaders(response, headersFor(url, response)))
    )
}
