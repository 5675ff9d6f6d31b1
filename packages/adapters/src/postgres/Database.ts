/**
 * Connects to the PostgreSQL of a URL, and migrates the schema of any database.
 */
import { PgClient, PgConnection } from "@effect/sql-pg"
import { Context, Effect, Layer, Predicate, type Redacted, Result } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlError } from "effect/sql"
import { AppendConnections, appendParameters } from "./AppendConnections.ts"
import * as BoundedClient from "./BoundedClient.ts"
import { socketsTo, targetOf } from "./DatabaseSocket.ts"
import {
  ConnectionRefused,
  DatabaseUnreachable,
  NoAnswer,
  PoolerUnsuitable,
  VersionTooOld
} from "./DatabaseUnreachable.ts"
import * as DatabaseUrl from "./DatabaseUrl.ts"
import { HostConnections } from "./HostConnections.ts"
import type { SchemaUnusable } from "./SchemaUnusable.ts"
import * as SchemaUpdate from "./SchemaUpdate.ts"

/** The SQL is written for this version of PostgreSQL and later ones. */
const oldestVersion = 15

/** The default number of connections of a host for requests. */
const requestConnections = 10

/** The number of connections of a host for its own tasks. */
const hostConnections = 3

/** The number of connections of a host that store steps of calls. */
const appendConnections = 3

const unknownPlace: DatabaseUrl.Place = { host: "unknown", port: 5432, database: "unknown" }

export interface Options extends Omit<PgClient.PgPoolConfig, "url" | "host" | "port" | "path"> {
  /** A libpq URI, as in `postgres://user:password@host:5432/database?sslmode=require`. */
  readonly url: Redacted.Redacted
}

/** SQLSTATEs of a server that will let us in later: too_many_connections, cannot_connect_now, shutting down. */
const passing = new Set(["53300", "57P03", "57P01", "57P02"])

const reasonOf = ({ reason }: SqlError.SqlError): ConnectionRefused | NoAnswer => {
  const { cause } = reason
  const detail = Predicate.hasProperty(cause, "message") ? String(cause.message) : reason.message ?? reason._tag
  return Predicate.hasProperty(cause, "severity") && Predicate.hasProperty(cause, "code")
    ? new ConnectionRefused({ detail, isRetryable: passing.has(String(cause.code)) })
    : new NoAnswer({ detail })
}

/** The connection settings of a client, and the name of the database in errors. */
const whereIs = ({ database, host, path, port, url, username }: PgClient.PgPoolConfig) =>
  url === undefined
    ? Result.succeed({
      place: { host: path ?? host ?? "localhost", port: port ?? 5432, database: database ?? username ?? "unknown" },
      config: {}
    })
    : Result.map(
      DatabaseUrl.parse(url),
      ({ config, place }) => ({ config, place: { ...place, database: database ?? place.database } })
    )

interface Server {
  readonly number: number
  readonly version: string
  readonly pid: number
}

/**
 * Asks over one connection whether the server is new enough, and whether it is the one that we are connected to: a
 * pooler has another process id.
 */
const look = Effect.fnUntraced(function*(config: PgClient.PgPoolConfig, place: DatabaseUrl.Place) {
  const stream = socketsTo({ target: targetOf(place, config.path), silence: 5000, isIdle: () => false })
  const connection = yield* PgConnection.make({ ...config, stream })
  const { rows: [row] } = yield* connection.query(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
       pg_backend_pid() AS pid`,
    [],
    false
  )
  const server = row as unknown as Server
  if (server.number < oldestVersion * 10_000) {
    return yield* new VersionTooOld({ version: server.version, oldest: oldestVersion })
  }
  const isPooled = server.pid !== connection.processId
  if (isPooled) {
    yield* Effect.andThen(connection.query("BEGIN", [], false), connection.query("COMMIT", [], false)).pipe(
      Effect.mapError((error) => new PoolerUnsuitable({ detail: reasonOf(error).detail }))
    )
  }
  return { isPooled }
}, Effect.scoped)

/** The time for which the two pools wait for the database. */
export interface Bounds {
  readonly requests: BoundedClient.Bounds
  readonly host: BoundedClient.Bounds
}

const connect = Effect.fn("Database.connect")(function*(options: PgClient.PgPoolConfig, bounds: Bounds) {
  const { config: reached, place } = yield* Effect.fromResult(whereIs(options)).pipe(
    Effect.mapError((reason) => new DatabaseUnreachable({ ...unknownPlace, reason }))
  )
  const config: PgClient.PgPoolConfig = {
    applicationName: "dchat",
    connectTimeout: "5 seconds",
    ...options,
    ...reached
  }
  const { isPooled } = yield* look(config, place).pipe(
    Effect.catchTag("SqlError", (error) => Effect.fail(reasonOf(error))),
    Effect.mapError((reason) => new DatabaseUnreachable({ ...place, reason }))
  )
  const pool = (
    bounds: BoundedClient.Bounds,
    maxConnections: number,
    parameters?: BoundedClient.BoundedOptions["parameters"]
  ) => Effect.orDie(BoundedClient.make({ config, place, bounds, maxConnections, isPooled, parameters }))
  const shared = yield* pool(bounds.requests, options.maxConnections ?? requestConnections)
  return Context.make(PgClient.PgClient, shared).pipe(
    Context.add(SqlClient.SqlClient, shared),
    Context.add(HostConnections, yield* pool(bounds.host, hostConnections)),
    Context.add(AppendConnections, yield* pool(bounds.requests, appendConnections, appendParameters))
  )
})

/** Every client of one database. */
export type Clients = PgClient.PgClient | SqlClient.SqlClient | HostConnections | AppendConnections

/**
 * A pool of connections for requests, and a small one for the host itself. A first connection shows at once, within the
 * connect timeout (5 seconds unless given), that the address is right and the server there.
 */
export const layerOn = (
  options: PgClient.PgPoolConfig,
  bounds: Bounds = { requests: BoundedClient.requestBounds, host: BoundedClient.hostBounds }
): Layer.Layer<Clients, DatabaseUnreachable> =>
  Layer.effectContext(connect(options, bounds)).pipe(Layer.provide(Reactivity.layer))

/** The same on the database of a URL. */
export const layer = (options: Options): Layer.Layer<Clients, DatabaseUnreachable> => layerOn(options)

/** See `SchemaUpdate`. */
export const migrate = SchemaUpdate.update

/** A connection without the limits of requests: a migration of a large table takes longer than any of them. */
const patient = (config: PgClient.PgPoolConfig) =>
  PgClient.makeClient({ ...config, keepAlive: "10 seconds", prepare: false }).pipe(
    Effect.map((client) => Context.make(SqlClient.SqlClient, client as SqlClient.SqlClient))
  )

/** The same on a connection of its own to where the clients connect. */
export const migrateOn = Effect.flatMap(PgClient.PgClient, ({ config }) =>
  patient(config).pipe(
    Effect.flatMap((context) => Effect.provide(migrate, context)),
    Effect.scoped,
    Effect.provide(Reactivity.layer)
  ))

type Client<A, E, R> = Layer.Layer<A | PgClient.PgClient | SqlClient.SqlClient, E, R>

/** The same clients, once the schema is up to date. */
export const migrated = <A, E, R>(
  clients: Client<A, E, R>
): Client<A, E | SchemaUnusable | SqlError.SqlError, R> =>
  Layer.effectDiscard(migrateOn).pipe(Layer.provideMerge(clients))

/** The same clients, for a schema that is up to date. */
export const verified = <A, E, R>(
  clients: Client<A, E, R>
): Client<A, E | SchemaUnusable | SqlError.SqlError, R> =>
  Layer.effectDiscard(SchemaUpdate.verify).pipe(Layer.provideMerge(clients))
