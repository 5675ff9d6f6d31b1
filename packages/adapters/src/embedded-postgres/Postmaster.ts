/**
 * Starts and stops the server process of a cluster, and stops a server process that outlived its owner.
 */
import { Deferred, Effect, FileSystem, Option, Ref, Schedule, type Scope } from "effect"
import { basename, join } from "node:path"
import type { Binaries } from "./Binaries.ts"
import * as DataDirectory from "./DataDirectory.ts"
import { StartFailed } from "./EmbeddedPostgresError.ts"
import type { PostgresUser } from "./PostgresUser.ts"
import * as ProcessIdentity from "./ProcessIdentity.ts"
import * as Program from "./Program.ts"

/** The lock file that a server writes into its cluster: PostgreSQL's miscadmin.h, LOCK_FILE_LINE_*. */
export interface PidFile {
  readonly pid: number
  readonly socketDirectory: string
}

const pidFilePath = (cluster: string) => join(cluster, "postmaster.pid")

/** The postmaster.pid of a cluster, whether or not its server still runs. */
export const readPidFile = Effect.fn("Postmaster.readPidFile")(function*(cluster: string) {
  const fs = yield* FileSystem.FileSystem
  const content = yield* Effect.option(fs.readFileString(pidFilePath(cluster)))
  return Option.flatMap(content, (text): Option.Option<PidFile> => {
    const lines = text.split("\n")
    const pid = Number(lines[0])
    return Number.isInteger(pid) && pid > 0
      ? Option.some({ pid, socketDirectory: (lines[4] ?? "").trim() })
      : Option.none()
  })
})

/** Whether the process is a server of this cluster: we always name it with -D, and a server keeps its command line. */
const serves = (pid: number, cluster: string): boolean => {
  const command = ProcessIdentity.commandOf(pid)
  return process.platform === "linux"
    ? basename(command[0] ?? "") === "postgres" && command.includes(cluster)
    : command.some((line) => line.includes(`postgres -D ${cluster} `))
}

const untilGone = (pid: number, within: `${number} seconds`) =>
  Effect.sync(() => Option.isNone(ProcessIdentity.startOf(pid))).pipe(
    Effect.repeat({ until: (gone) => gone, schedule: Schedule.spaced("20 millis") }),
    Effect.timeoutOption(within),
    Effect.map(Option.isSome)
  )

const signal = (pid: number, name: NodeJS.Signals) => Effect.ignore(Effect.try(() => process.kill(pid, name)))

/** Higher than any pid: kill(2) always answers that there is no such process. */
const noPid = 2_147_483_647

/**
 * Makes the pid file name no process. PostgreSQL refuses to start while any process of its user has the pid in the
 * file, even a stranger or an unreaped zombie, as in a container without an init. The rest of the file stays:
 * PostgreSQL detects by it whether orphaned backends still hold the shared memory.
 */
const disown = Effect.fnUntraced(function*(cluster: string) {
  const fs = yield* FileSystem.FileSystem
  const content = yield* fs.readFileString(pidFilePath(cluster))
  yield* fs.writeFileString(pidFilePath(cluster), content.replace(/^.*/, String(noPid)))
})

/** Stops a server that outlived its owner. */
export const stopLeftOver = Effect.fn("Postmaster.stopLeftOver")(function*(cluster: string) {
  const found = yield* readPidFile(cluster)
  if (Option.isNone(found)) return
  const { pid } = found.value
  if (Option.isSome(ProcessIdentity.startOf(pid)) && serves(pid, cluster)) {
    yield* Effect.logDebug(`Stopping the PostgreSQL server that a previous run left behind, process ${pid}`)
    yield* signal(pid, "SIGINT")
    if (yield* untilGone(pid, "30 seconds")) return
    yield* signal(pid, "SIGQUIT")
    if (yield* untilGone(pid, "10 seconds")) return
    return yield* new StartFailed({ directory: cluster, output: [`process ${pid}, left behind, does not stop`] })
  }
  if (ProcessIdentity.exists(pid)) yield* disown(cluster)
})

/** A fast shutdown: clients are cut off, committed work is checkpointed. */
const stop = (server: Program.Program) =>
  server.signal("SIGINT").pipe(
    Effect.andThen(server.ended),
    Effect.timeoutOrElse({
      duration: "60 seconds",
      orElse: () => Effect.andThen(server.signal("SIGQUIT"), server.ended)
    })
  )

const stopNow = (server: Program.Program) => () => Effect.runSync(server.signal("SIGINT"))

/** Asks the server to stop when this process exits without closing the scope. */
const stopAtExit = (server: Program.Program) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const listener = stopNow(server)
      process.once("exit", listener)
      return listener
    }),
    (listener) => Effect.sync(() => process.off("exit", listener))
  )

const quoted = (directory: string) => `"${directory.replaceAll("\"", "\"\"")}"`

export interface Options {
  readonly binaries: Binaries
  readonly user: PostgresUser
  readonly cluster: string
  readonly socketDirectory: string
  /** Server settings, by their names in postgresql.conf. */
  readonly settings: Readonly<Record<string, string>>
}

const startOnce = Effect.fnUntraced(function*(options: Options) {
  const settings = {
    ...options.settings,
    listen_addresses: "",
    unix_socket_directories: quoted(options.socketDirectory),
    unix_socket_permissions: "0700",
    logging_collector: "off",
    log_destination: "stderr"
  }
  const isReady = yield* Deferred.make<void>()
  const isWanted = yield* Ref.make(true)
  const server = yield* Effect.acquireRelease(
    Program.spawn(options.binaries.postgres, [
      "-D",
      options.cluster,
      "-p",
      String(DataDirectory.port),
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
    ], {
      user: options.user,
      onLine: (line) =>
        Effect.andThen(
          Effect.logDebug(`postgres: ${line}`),
          line.includes("database system is ready to accept connections")
            ? Deferred.succeed(isReady, undefined)
            : Effect.void
        )
    }),
    (server) => Effect.andThen(Ref.set(isWanted, false), stop(server))
  )
  yield* stopAtExit(server)

  const failed = server.ended.pipe(
    Effect.andThen((end) =>
      Effect.gen(function*() {
        yield* server.drained
        return yield* new StartFailed({ directory: options.cluster, output: [...yield* server.output, end] })
      })
    )
  )
  yield* Effect.raceFirst(Deferred.await(isReady), failed).pipe(
    Effect.timeoutOrElse({
      duration: "5 minutes",
      orElse: () =>
        Effect.flatMap(server.output, (output) =>
          Effect.fail(
            new StartFailed({ directory: options.cluster, output: [...output, "not ready after 5 minutes"] })
          ))
    })
  )
  yield* server.ended.pipe(
    Effect.flatMap((end) =>
      Effect.flatMap(
        Ref.get(isWanted),
        (wanted) => wanted ? Effect.logError(`The embedded PostgreSQL stopped unexpectedly: ${end}`) : Effect.void
      )
    ),
    Effect.forkScoped
  )
  return server.ended
})

const isHeldByOrphans = (error: StartFailed) =>
  error.output.some((line) => line.includes("pre-existing shared memory block"))

/** A server that is ready for connections, stopped when the scope closes. Returns how it ends, once it has ended. */
export const start = (options: Options): Effect.Effect<Effect.Effect<string>, StartFailed, Scope.Scope> =>
  Effect.retry(startOnce(options), {
    // The backends of a killed server end by themselves, a moment after it.
    while: isHeldByOrphans,
    schedule: Schedule.spaced("100 millis"),
    times: 100
  })
