/**
 * The address of a host, as users give it on the command line.
 */
import { Schema, SchemaGetter } from "effect"

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"])

/** Plain HTTP is allowed on loopback only, because others could read the token on the way. */
const isHost = (text: string): boolean => {
  const url = URL.parse(text)
  return url !== null && (url.protocol === "https:" || (url.protocol === "http:" && loopback.has(url.hostname))) &&
    url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "" && url.password === ""
}

/** An origin (RFC 6454): scheme, host and port. */
export const HostUrl = Schema.String.check(
  Schema.makeFilter((text) => isHost(text) || "expected https://host, or http://localhost with a port, and no path")
).pipe(
  Schema.decodeTo(Schema.String, {
    decode: SchemaGetter.transform((text) => new URL(text).origin),
    encode: SchemaGetter.passthrough()
  })
)
