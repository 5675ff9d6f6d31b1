/**
 * Refuses requests for another host than that of the public URL. A page of another name that resolves to this server
 * (DNS rebinding) therefore gets no answer.
 */
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { HostNotAllowed } from "../api/RequestErrors.ts"
import { type HostSettingsShape, isOwnHost } from "../config/HostSettings.ts"
import type { Refusal } from "./Refusals.ts"

/** Asked by load balancers, which go by addresses. */
const probes = new Set(["/healthz", "/readyz"])

/** Every other path is a page or a part of one. */
const isApi = (path: string) => /^\/(api|auth|healthz|readyz|openapi\.json)(\/|$)/.test(path)

export const checkHost =
  (settings: HostSettingsShape) =>
  ({ headers, method, url }: HttpServerRequest.HttpServerRequest): Refusal | undefined => {
    const path = url.split("?", 1)[0] ?? ""
    const host = headers["host"] ?? ""
    if (!probes.has(path) && !isOwnHost(settings, host)) return new HostNotAllowed()
    // Cookies and wallets know the page by one origin only.
    const isElsewhere = settings.environment === "development" && method === "GET" && !isApi(path) &&
      host !== settings.publicUrl.host
    return isElsewhere ? HttpServerResponse.redirect(`${settings.publicUrl.origin}${url}`, { status: 307 }) : undefined
  }
