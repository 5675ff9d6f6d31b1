/**
 * Reads the URL of a database as libpq does: also with a user and no host, and with the folder of a socket as `host`.
 */
import type { PgClient } from "@effect/sql-pg"
import { Redacted, Result } from "effect"
import { UrlInvalid } from "./DatabaseUnreachable.ts"

/** The address to which a client connects. */
export interface Place {
  /** A name, an address, or the folder of a unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
}

export interface DatabaseUrl {
  readonly place: Place
  /** The same for the client, which takes any URL that the web's rules allow. */
  readonly config: Pick<PgClient.PgPoolConfig, "url" | "host">
}

const expected = "expected postgres://user:password@host:port/database"
const single = "it names several hosts: name one, or put a proxy that follows the primary in front of them"

/** The scheme with the user, and the host with the port. */
const authority = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#@]*)/i

const invalid = (detail: string) => Result.fail(new UrlInvalid({ detail }))

/** Parses a URL. An error quotes no part of the URL, because a password may stand in any part of a malformed one. */
export const parse = (url: Redacted.Redacted): Result.Result<DatabaseUrl, UrlInvalid> => {
  const written = Redacted.value(url)
  const [start, user, at] = authority.exec(written) ?? []
  if (start === undefined || user === undefined || at === undefined) return invalid(expected)
  if (at.includes(",")) return invalid(single)
  // Web URLs have no user without a host.
  const host = at === "" || at.startsWith(":") ? `localhost${at}` : at
  const rewritten = `${user}${host}${written.slice(start.length)}`
  try {
    const { hostname, pathname, port, searchParams, username } = new URL(rewritten)
    const named = searchParams.get("host")
    if (named?.includes(",") || searchParams.get("port")?.includes(",")) return invalid(single)
    const place: Place = {
      host: named || decodeURIComponent(hostname).replace(/^\[|\]$/g, "") || "localhost",
      port: Number(searchParams.get("port") || port || 5432),
      database: searchParams.get("dbname") || decodeURIComponent(pathname.slice(1) || username)
    }
    return Number.isInteger(place.port) && place.port > 0 && place.port <= 65_535
      ? Result.succeed({ place, config: { url: Redacted.make(rewritten), host: place.host } })
      : invalid(expected)
  } catch {
    return invalid(expected)
  }
}
