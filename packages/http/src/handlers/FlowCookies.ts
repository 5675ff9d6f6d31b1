/**
 * The cookies that bind a round trip to the browser that began the round trip. Each round trip has its own cookie, so
 * that tabs do not disturb each other.
 */
import { Effect, Redacted } from "effect"
import { HttpEffect, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HostSettings, type HostSettingsShape, isSecure } from "../config/HostSettings.ts"

/** `linkedin`: a flow at LinkedIn; `native`: the sign-in of an application. */
export type FlowKind = "linkedin" | "native"

/** Names of flows; anything else behind the prefix was not made here. */
const isFlowId = (text: string) => /^[\w-]{1,64}$/.test(text)

/** A browser has no more than this many of a kind under way; the oldest is given up. */
const maxFlows = 5

const prefixOf = (settings: HostSettingsShape, kind: FlowKind) =>
  isSecure(settings) ? `__Host-dchat_${kind}_` : `dchat_dev_${kind}_`

const attributes = (settings: HostSettingsShape, seconds: number) => ({
  httpOnly: true,
  secure: isSecure(settings),
  // The way back from LinkedIn is a navigation from another site, with which `strict` would not be sent.
  sameSite: "lax" as const,
  path: "/",
  maxAge: `${seconds} seconds` as const
})

/** A response that deletes a cookie. */
const without = (settings: HostSettingsShape, response: HttpServerResponse.HttpServerResponse, name: string) =>
  HttpServerResponse.setCookieUnsafe(response, name, "", attributes(settings, 0))

/** The cookie of a flow, if this browser has it. */
export const flowCookie = Effect.fnUntraced(function*(kind: FlowKind) {
  const settings = yield* HostSettings
  const { cookies } = yield* HttpServerRequest.HttpServerRequest
  return (flow: string): string | undefined => cookies[prefixOf(settings, kind) + flow]
})

/** Gives the browser the cookie of a flow with the answer, and takes the oldest away when there are too many. */
export const giveFlowCookie = Effect.fnUntraced(function*(
  kind: FlowKind,
  flow: string,
  secret: Redacted.Redacted<string>,
  seconds: number
) {
  const settings = yield* HostSettings
  const { cookies } = yield* HttpServerRequest.HttpServerRequest
  const prefix = prefixOf(settings, kind)
  // The ids are UUIDv7, so the names are in the order in which the flows began.
  const known = Object.keys(cookies)
    .filter((name) => name.startsWith(prefix) && isFlowId(name.slice(prefix.length)))
    .toSorted()
  const surplus = known.slice(0, Math.max(0, known.length - (maxFlows - 1)))
  yield* HttpEffect.appendPreResponseHandler((_request, response) =>
    Effect.sync(() =>
      HttpServerResponse.setCookieUnsafe(
        surplus.reduce((answer, name) => without(settings, answer, name), response),
        prefix + flow,
        Redacted.value(secret),
        attributes(settings, seconds)
      )
    )
  )
})

/** Takes the cookie of a flow away with the answer: it is over. */
export const takeFlowCookie = Effect.fnUntraced(function*(kind: FlowKind, flow: string) {
  const settings = yield* HostSettings
  yield* HttpEffect.appendPreResponseHandler((_request, response) =>
    Effect.sync(() => without(settings, response, prefixOf(settings, kind) + flow))
  )
})
