/**
 * Connects to the PostgreSQL that a URL names, and brings any database's schema up to date.
 */
import { PgClient } from "@effect/sql-pg"
import { Context, Effect, Layer, Predicate, Redacted } from "effect"
import { Reactivity } from "effect/reactivity"
import { Migrator, SqlClient, type SqlError } from "effect/sql"
import { ConnectionRefused, DatabaseUnreachable, NoAnswer, UrlInvalid, VersionTooOld } from "./DatabaseUnreachable.ts"
import { HostConnections } from "./HostConnections.ts"
import { migrations } from "./migrations/index.ts"

/** The SQL is written for this version of PostgreSQL and later ones. */
const oldestVersion = 15

/** How many connections a host has for what it does for itself. */
const hostConnections = 3

export interface Options extends Omit<PgClient.PgPoolConfig, "url" | "host" | "port" | "path"> {
  /** A libpq URI, as in `postgres://user:password@host:5432/database?sslmode=require`. */
  readonly url: Redacted.Redacted
}

interface Address {
  readonly host: string
  readonly port: number
  readonly database: string
}

const unknownAddress: Address = { host: "unknown", port: 5432, database: "unknown" }

/** What an error may tell of a URL. */
const addressOf = (url: Redacted.Redacted) =>
  Effect.try({
    try: (): Address => {
      const { hostname, pathname, port, protocol, searchParams, username } = new URL(Redacted.value(url))
      if (protocol !== "postgres:" && protocol !== "postgresql:") throw new Error("not of PostgreSQL")
      return {
        host: searchParams.get("host") ?? (decodeURIComponent(hostname) || "localhost"),
        port: Number(searchParams.get("port") ?? (port || 5432)),
        database: searchParams.get("dbname") ?? decodeURIComponent(pathname.slice(1) || username)
      }
    },
    // The cause is left out: a URL that cannot be parsed is quoted in it, with its password.
    catch: () =>
      new DatabaseUnreachable({
        ...unknownAddress,
        reason: new UrlInvalid({ detail: "expected postgres://user:password@host:port/database" })
      })
  })

/** SQLSTATEs of a server that will let us in later: too_many_connections, cannot_connect_now, shutting down. */
const passing = new Set(["53300", "57P03", "57P01", "57P02"])

const reasonOf = ({ reason }: SqlError.SqlError): ConnectionRefused | NoAnswer => {
  const { cause } = reason
  const detail = Predicate.hasProperty(cause, "message") ? String(cause.message) : reason.message ?? reason._tag
  return Predicate.hasProperty(cause, "severity") && Predicate.hasProperty(cause, "code")
    ? new ConnectionRefused({ detail, isRetryable: passing.has(String(cause.code)) })
    : new NoAnswer({ detail })
}

/** Where a client connects to, as an error may tell. */
const placeOf = ({ database, host, path, port, url, username }: PgClient.PgPoolConfig) =>
  url === undefined
    ? Effect.succeed({
      host: path ?? host ?? "localhost",
      port: port ?? 5432,
      database: database ?? username ?? unknownAddress.database
    })
    : addressOf(url)

/** A pool on which a first statement has shown that the server is there, and new enough. */
const connect = Effect.fn("Database.connect")(function*(config: PgClient.PgPoolConfig) {
  const place = yield* placeOf(config)
  const unreachable = (reason: DatabaseUnreachable["reason"]) => new DatabaseUnreachable({ ...place, reason })
  return yield* Effect.gen(function*() {
    const client = yield* PgClient.make(config)
    const [row] = yield* client<{ readonly number: number; readonly version: string }>`
      SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version`
    if (row !== undefined && row.number < oldestVersion * 10_000) {
      return yield* unreachable(new VersionTooOld({ version: row.version, oldest: oldestVersion }))
    }
    return client
  }).pipe(Effect.catchTag("SqlError", (error) => Effect.fail(unreachable(reasonOf(error)))))
})

/** Every client of one database. */
export type Clients = PgClient.PgClient | SqlClient.SqlClient | HostConnections

/**
 * A pool of connections for everybody, and a small one for the host itself. One connection is made at once, so that a
 * wrong address or an absent server fails here, within the connect timeout (5 seconds unless given).
 */
export const layerOn = (options: PgClient.PgPoolConfig): Layer.Layer<Clients, DatabaseUnreachable> => {
  const config: PgClient.PgPoolConfig = {
    applicationName: "dchat",
    connectTimeout: "5 seconds",
    keepAlive: "30 seconds",
    ...options
  }
  return Layer.effectContext(
    Effect.gen(function*() {
      const shared = yield* connect(config)
      const own = yield* Effect.orDie(PgClient.make({ ...config, maxConnections: hostConnections }))
      return Context.make(PgClient.PgClient, shared).pipe(
        Context.add(SqlClient.SqlClient, shared),
        Context.add(HostConnections, own)
      )
    })
  ).pipe(Layer.provide(Reactivity.layer))
}

/** The same on the database of a URL. */
export const layer = (options: Options): Layer.Layer<Clients, DatabaseUnreachable> => layerOn(options)

/**
 * Runs the migrations that this database has not seen, all in one transaction, and answers which. Hosts that start at
 * the same time wait for each other: the migrator locks its own table in that transaction.
 */
export const migrate: Effect.Effect<
  ReadonlyArray<readonly [id: number, name: string]>,
  Migrator.MigrationError | SqlError.SqlError,
  SqlClient.SqlClient
> = Effect.suspend(() => Migrator.make({})({ loader: Migrator.fromRecord(migrations), table: "dchat_migrations" }))
  .pipe(
    Effect.withSpan("Database.migrate")
  )

/** The same client, once the schema is up to date. */
export const migrated = <A, E, R>(
  client: Layer.Layer<A | SqlClient.SqlClient, E, R>
): Layer.Layer<A | SqlClient.SqlClient, E | Migrator.MigrationError | SqlError.SqlError, R> =>
  Layer.effectDiscard(migrate).pipe(Layer.provideMerge(client))
