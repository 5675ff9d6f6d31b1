/**
 * A client with a time limit for each statement, each wait for a lock, each wait for a connection, and each wait for a
 * database that does not answer.
 */
import { PgClient } from "@effect/sql-pg"
import { Effect } from "effect"
import { SqlClient, type SqlConnection, SqlError } from "effect/sql"
import { type ConnectionPlace, ConnectionPlaces } from "./ConnectionPlaces.ts"
import { socketsTo, targetOf } from "./DatabaseSocket.ts"
import type { Place } from "./DatabaseUrl.ts"

/** In milliseconds. */
export interface Bounds {
  /** The server ends a statement after this time. */
  readonly statement: number
  /** The server ends a wait for a lock after this time. */
  readonly lock: number
  /** The server ends a transaction that lies idle for this time, as that of a host which is gone. */
  readonly idleTransaction: number
  /** A connection on which nothing comes back for this time is given up; more than `statement`. */
  readonly silence: number
  /** The time to wait for a connection while all are in use. */
  readonly acquire: number
}

/** The bounds of requests by users. */
export const requestBounds: Bounds = {
  statement: 10_000,
  lock: 5000,
  idleTransaction: 15_000,
  silence: 12_000,
  acquire: 5000
}

/** For the host's lease, its sweeps and its readiness, which are short and matter within seconds. */
export const hostBounds: Bounds = {
  statement: 3000,
  lock: 1000,
  idleTransaction: 5000,
  silence: 4000,
  acquire: 2000
}

export interface BoundedOptions {
  readonly config: PgClient.PgPoolConfig
  readonly place: Place
  readonly bounds: Bounds
  readonly maxConnections: number
  /** Further settings that each connection requests of the server. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
  /** Whether something stands in between that hands each transaction to another connection of its own. */
  readonly isPooled: boolean
}

/**
 * The settings that each connection requests of the server. With them the server also notices in time that this host is
 * gone.
 */
const parametersOf = ({ idleTransaction, lock, silence, statement }: Bounds) => ({
  statement_timeout: String(statement),
  lock_timeout: String(lock),
  idle_in_transaction_session_timeout: String(idleTransaction),
  tcp_keepalives_idle: "10",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "3",
  tcp_user_timeout: String(silence)
})

/** The same SQLSTATE that a server has for it: too_many_connections. */
const allInUse = new SqlError.SqlError({
  reason: new SqlError.ConnectionError({
    cause: Object.assign(new Error("all connections to the database are in use"), { code: "53300" }),
    message: "all connections to the database are in use",
    operation: "acquire"
  })
})

/** PostgreSQL answers ROLLBACK to the COMMIT of a transaction in which something failed. */
const commit = (connection: SqlConnection.Connection) =>
  Effect.flatMap(
    connection.executeRaw("COMMIT", []),
    (result) =>
      (result as { readonly command: string }).command === "ROLLBACK"
        ? Effect.fail(
          new SqlError.SqlError({
            reason: new SqlError.UnknownError({
              cause: new Error("the transaction was rolled back"),
              message: "the transaction was rolled back",
              operation: "commit"
            })
          })
        )
        : Effect.void
  )

export const make = Effect.fnUntraced(
  function*({ bounds, config, isPooled, maxConnections, parameters, place }: BoundedOptions) {
    const places = new ConnectionPlaces(maxConnections)
    const pooled = yield* PgClient.make({
      ...config,
      maxConnections,
      stream: socketsTo({
        target: targetOf(place, config.path),
        silence: bounds.silence,
        isIdle: () => places.isIdle
      }),
      ...(isPooled
        ? { prepare: false }
        : { startupParameters: { ...parametersOf(bounds), ...parameters, ...config.startupParameters } })
    })

    // Interruptible also within a step that is not: waiting has changed nothing yet.
    const wait = (place: ConnectionPlace) =>
      Effect.interruptible(Effect.callback<void, SqlError.SqlError>((resume) => {
        if (!place.isWaiting) return resume(Effect.void)
        const timer = setTimeout(() => resume(Effect.fail(allInUse)), bounds.acquire)
        place.onFree = () => {
          clearTimeout(timer)
          resume(Effect.void)
        }
        return Effect.sync(() => clearTimeout(timer))
      }))
    const acquirer = Effect.suspend(() => {
      const place = places.take()
      const held = Effect.addFinalizer(() => Effect.sync(() => places.giveBack(place)))
      return place.isWaiting
        ? Effect.andThen(Effect.andThen(held, wait(place)), pooled.reserve)
        : Effect.andThen(held, pooled.reserve)
    })

    const client = yield* SqlClient.make({
      acquirer,
      transactionAcquirer: acquirer,
      compiler: PgClient.makeCompiler(config.transformQueryNames, config.transformJson),
      driver: "pg",
      spanAttributes: [["db.system.name", "postgresql"], ["db.namespace", place.database]],
      prepareTransactionControls: true,
      commit,
      releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`
    })
    return Object.assign(client, {
      [PgClient.TypeId]: PgClient.TypeId,
      config,
      json: pooled.json,
      listen: pooled.listen,
      notify: pooled.notify
    }) satisfies PgClient.PgClient
  }
)
