/**
 * The URLs to which a native sign-in may return: a page over TLS, or the application itself.
 */
import { Schema } from "effect"

/** Private-use schemes are domain names in reverse, so that no two applications share one (RFC 8252, 7.1). */
const isPrivateUse = ({ protocol }: URL) => /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/.test(protocol)

const isRedirect = (text: string): boolean => {
  const url = URL.parse(text)
  return url !== null && (url.protocol === "https:" || isPrivateUse(url)) && url.username === "" && url.hash === "" &&
    !text.endsWith("#")
}

export const NativeRedirect = Schema.String.check(
  Schema.makeFilter((text) => isRedirect(text) || "expected https URLs, or schemes as in com.example.app:/signed-in")
)
