/**
 * The settings of an installation that the HTTP host reads while it answers requests.
 */
import { Context, type Redacted } from "effect"
import type { IpNetwork } from "effect/net"
import { developmentSessionCookie, sessionCookie } from "../api/Authentication.ts"

export interface HostSettingsShape {
  readonly environment: "development" | "production"
  /** The origin that users use. */
  readonly publicUrl: URL
  /** The port on which the host listens. A proxy may hide this port behind the port of the public URL. */
  readonly port: number
  /** Other origins whose pages may use the API. */
  readonly allowedOrigins: ReadonlyArray<string>
  /** Proxies whose X-Forwarded-For counts. */
  readonly trustedProxies: ReadonlyArray<IpNetwork.IpNetwork>
  /** Whether the rate limits apply. */
  readonly rateLimits: "on" | "off"
  /** URLs of STUN servers (RFC 7064), handed to clients. */
  readonly stunUrls: ReadonlyArray<string>
  /** The keys that authenticate services of the installation. */
  readonly serviceKeys?: ReadonlyArray<Redacted.Redacted<string>> | undefined
  /** Whether the reference of the API is served as a page at `/docs`. On unless it is off. */
  readonly docs?: "on" | "off" | undefined
  /** The folder of the page that the host serves, if any. */
  readonly webDirectory?: string | undefined
}

export class HostSettings extends Context.Service<HostSettings, HostSettingsShape>()("@dchat/http/HostSettings") {}

/** Authorities under which developers reach the host on their own machine. `URL` leaves out the port of the protocol. */
const loopbackHosts = ({ port }: HostSettingsShape): ReadonlyArray<string> =>
  ["localhost", "127.0.0.1", "[::1]"].map((name) => port === 80 ? name : `${name}:${port}`)

/** Whether an authority names this host. */
const isOwn = (settings: HostSettingsShape, host: string): boolean =>
  host === settings.publicUrl.host ||
  (settings.environment === "development" && loopbackHosts(settings).includes(host))

/** Whether a Host header, as it was sent, names this host. */
export const isOwnHost = (settings: HostSettingsShape, host: string): boolean => {
  // Nearly all clients send the host as it is written here. Parsing takes longer than the rest of the check.
  if (isOwn(settings, host)) return true
  const url = URL.parse(`${settings.publicUrl.protocol}//${host}`)
  if (url === null || url.username !== "" || url.pathname !== "/" || url.search !== "" || url.hash !== "") return false
  return isOwn(settings, url.host)
}

/** Whether pages of this origin may use the API with the credentials of their visitors. */
export const isAllowedOrigin = (settings: HostSettingsShape, origin: string): boolean => {
  const { allowedOrigins, environment, publicUrl } = settings
  return origin === publicUrl.origin ||
    allowedOrigins.includes(origin) ||
    (environment === "development" && loopbackHosts(settings).some((host) => origin === `http://${host}`))
}

/** Whether browsers keep a cookie with the prefix `__Host-` for this installation. */
export const isSecure = ({ publicUrl }: HostSettingsShape): boolean => publicUrl.protocol === "https:"

/** The name of the session cookie in this installation. */
export const sessionCookieName = (settings: HostSettingsShape): string =>
  isSecure(settings) ? sessionCookie : developmentSessionCookie
