/**
 * Sets and deletes the session cookie of browsers.
 */
import type { SessionToken } from "@dchat/domain/identity"
import { Duration, Effect, type Redacted } from "effect"
import { HttpApiBuilder, HttpApiSecurity } from "effect/http-api"
import { HostSettings, isSecure, sessionCookieName } from "../config/HostSettings.ts"

const setCookie = Effect.fnUntraced(function*(value: Redacted.Redacted<SessionToken> | string, maxAge: Duration.Input) {
  const settings = yield* HostSettings
  const cookie = HttpApiSecurity.apiKey({ key: sessionCookieName(settings), in: "cookie" })
  yield* HttpApiBuilder.securitySetCookie(cookie, value, {
    httpOnly: true,
    secure: isSecure(settings),
    sameSite: "lax",
    path: "/",
    maxAge
  })
})

/** Sent by the browser until the session ends, to this origin only and never readable by scripts. */
export const setSessionCookie = (token: Redacted.Redacted<SessionToken>, lifetime: Duration.Duration) =>
  setCookie(token, lifetime)

export const clearSessionCookie = setCookie("", Duration.zero)
