/**
 * The pages to which a browser may be sent after a sign-in: only pages of this installation (open redirects, CWE-601).
 */
import { Option } from "effect"
import { type HostSettingsShape, isAllowedOrigin } from "../config/HostSettings.ts"

/** A URL with the scheme written out. */
const isAbsolute = (text: string) => /^https?:\/\/[^/\\]/i.test(text)

/** A path from the root; `//host` and `/\host` are none, because browsers take them for another host. */
const isPath = (text: string) => /^\/(?![/\\])/.test(text)

/** Text that browsers do not take literally: they drop control characters and turn backslashes into slashes. */
const isOdd = (text: string) => /[\p{Cc}\\]/u.test(text)

/** The place as an absolute URL, if it is one to which users may be sent. */
export const returnTo = (settings: HostSettingsShape, wanted: string): Option.Option<URL> => {
  if (isOdd(wanted) || !(isPath(wanted) || isAbsolute(wanted))) return Option.none()
  const url = URL.parse(wanted, settings.publicUrl.href)
  if (url === null || url.username !== "" || url.password !== "") return Option.none()
  const isOwn = url.origin === settings.publicUrl.origin || isAllowedOrigin(settings, url.origin)
  return isOwn ? Option.some(url) : Option.none()
}

/** A place, told what went wrong. */
export const withError = (place: URL, code: string): URL => {
  const url = new URL(place)
  url.searchParams.set("error", code)
  return url
}
