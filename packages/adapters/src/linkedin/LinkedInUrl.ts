/**
 * Checks the URLs of LinkedIn, because a client secret and access tokens are sent to them.
 */
import { Effect, Schema } from "effect"
import type { LinkedInUrls } from "./LinkedInMetadata.ts"

const settings = ["issuer", "authorizationUrl", "tokenUrl", "jwksUrl", "userinfoUrl"] as const

/** A configured URL is not one to which secrets may be sent. */
export class LinkedInUrlRefused extends Schema.TaggedError<LinkedInUrlRefused>()("LinkedInUrlRefused", {
  setting: Schema.Literals(settings)
}) {
  override get message() {
    return `LinkedIn's ${this.setting} has to be an https URL; plain http is allowed in development only, for a server on this computer`
  }
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname)

const isAllowed = (text: string, allowInsecure: boolean): boolean => {
  if (!URL.canParse(text)) return false
  const { hash, hostname, password, protocol, username } = new URL(text)
  return hash === "" && username === "" && password === "" &&
    (protocol === "https:" || (allowInsecure && protocol === "http:" && isLoopback(hostname)))
}

/** The same, when each of them may be used. */
export const checkedUrls = Effect.fnUntraced(function*(urls: LinkedInUrls, allowInsecure: boolean) {
  const refused = settings.find((setting) => !isAllowed(urls[setting], allowInsecure))
  return refused === undefined ? urls : yield* new LinkedInUrlRefused({ setting: refused })
})
