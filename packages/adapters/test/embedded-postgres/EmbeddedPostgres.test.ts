import { EmbeddedPostgres, type EmbeddedPostgresError } from "@dchat/adapters/embedded-postgres"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Logger, Option, Schedule, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { spawn, spawnSync } from "node:child_process"
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import * as OwnerProcess from "./OwnerProcess.ts"

const folder = temporaryFolder("dchat-embedded-")
const timeout = 60_000

const pidOf = (directory: string) =>
  Number.parseInt(readFileSync(join(directory, "postgres", "postmaster.pid"), "utf8"))

/** A zombie is dead. */
const isAlive = (pid: number) => /^[^Z]/.test(spawnSync("ps", ["-o", "stat=", "-p", String(pid)]).stdout.toString())

const query = <A>(options: EmbeddedPostgres.Options, use: (sql: SqlClient.SqlClient) => Effect.Effect<A, unknown>) =>
  Effect.provide(Effect.flatMap(SqlClient.SqlClient, use), Layer.fresh(EmbeddedPostgres.layer(options)))

const marksIn = (directory: string) =>
  query({ directory }, (sql) => sql<{ mark: string }>`SELECT mark FROM marks ORDER BY mark`).pipe(
    Effect.map((rows) => rows.map(({ mark }) => mark))
  )

const reasonOf = <A>(start: Effect.Effect<A, EmbeddedPostgresError, Scope.Scope>) =>
  Effect.map(Effect.flip(Effect.scoped(start)), ({ reason }) => reason)

describe("EmbeddedPostgres", () => {
  it.live("keeps its data when it stops and starts, and leaves no process behind", () =>
    Effect.gen(function*() {
      const directory = join(yield* folder, "data")
      const pid = yield* query({ directory }, (sql) =>
        sql`CREATE TABLE marks (mark text)`.pipe(
          Effect.andThen(sql`INSERT INTO marks VALUES ('first')`),
          Effect.andThen(Effect.sync(() => pidOf(directory)))
        ))
      assert.isFalse(isAlive(pid))
      assert.isFalse(existsSync(join(directory, "owner.lock")))
      assert.deepStrictEqual(yield* marksIn(directory), ["first"])
    }).pipe(Effect.scoped), timeout)

  it.live(
    "is durable, uses UTF-8 and the C locale, and listens only on a socket of its owner",
    () =>
      Effect.gen(function*() {
        const directory = yield* folder
        const server = yield* EmbeddedPostgres.start({ directory })
        const rows = yield* Effect.provide(
          Effect.flatMap(SqlClient.SqlClient, (sql) =>
            sql`SELECT current_setting('fsync') AS fsync, current_setting('listen_addresses') AS addresses,
            datname AS database, datcollate AS collation, pg_encoding_to_char(encoding) AS encoding
            FROM pg_database WHERE datname = current_database()`),
          PgClient.layer(EmbeddedPostgres.clientConfig(server))
        )
        assert.deepStrictEqual(rows, [
          { fsync: "on", addresses: "", database: "dchat", collation: "C", encoding: "UTF8" }
        ])
        assert.strictEqual(statSync(server.host).mode & 0o077, 0)
        assert.strictEqual(statSync(server.socketPath).mode & 0o077, 0)
        assert.deepStrictEqual(yield* EmbeddedPostgres.find({ directory }), Option.some(server))
      }).pipe(Effect.scoped),
    timeout
  )

  it.live(
    "restarts a killed server under a running host, with all committed data",
    () =>
      Effect.gen(function*() {
        const directory = yield* folder
        yield* query({ directory }, (sql) =>
          Effect.gen(function*() {
            yield* sql`CREATE TABLE marks AS SELECT 'first' AS mark`
            const killed = pidOf(directory)
            process.kill(killed, "SIGKILL")
            const again = sql`SELECT mark FROM marks`
            const rows = yield* Effect.retry(again, { schedule: Schedule.spaced("20 millis") })
            assert.deepStrictEqual(rows, [{ mark: "first" }])
          }))
        assert.isFalse(existsSync(join(directory, "owner.lock")))
      }).pipe(Effect.scoped),
    timeout
  )

  it.live(
    "starts again after its process was killed, with all committed data",
    () =>
      Effect.gen(function*() {
        const directory = yield* folder
        const owner = yield* OwnerProcess.start(directory, "before the kill")
        assert.strictEqual(yield* owner.firstWord, "running")
        const leftOver = pidOf(directory)
        yield* owner.kill("SIGKILL")
        assert.isTrue(isAlive(leftOver), "a killed process leaves its server")

        assert.deepStrictEqual(yield* marksIn(directory), ["before the kill"])
        assert.isFalse(isAlive(leftOver))
      }).pipe(Effect.scoped),
    timeout
  )

  it.live("starts again after its process and the server were killed", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const owner = yield* OwnerProcess.start(directory, "before the crash")
      yield* owner.firstWord
      const server = pidOf(directory)
      yield* owner.kill("SIGKILL")
      process.kill(server, "SIGKILL")
      assert.deepStrictEqual(yield* marksIn(directory), ["before the crash"])
    }).pipe(Effect.scoped), timeout)

  it.live("stops its server when its process is asked to end", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const owner = yield* OwnerProcess.start(directory)
      yield* owner.firstWord
      const server = pidOf(directory)
      yield* owner.kill("SIGTERM")
      assert.isFalse(isAlive(server))
    }).pipe(Effect.scoped), timeout)

  it.live("spares an unrelated process that was given the pid of a former server", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      yield* query({ directory }, (sql) => sql`CREATE TABLE marks (mark text)`)
      const stranger = yield* Effect.acquireRelease(
        Effect.sync(() => spawn("sleep", ["600"])),
        (child) => Effect.sync(() => child.kill())
      )
      writeFileSync(
        join(directory, "postgres", "postmaster.pid"),
        [stranger.pid, join(directory, "postgres"), 1, 5432, join(directory, "socket"), "", "0 0", "ready"].join("\n")
      )
      writeFileSync(
        join(directory, "owner.lock"),
        JSON.stringify({ pid: stranger.pid, startedAt: "1", pidSpace: "", token: "a former owner's" })
      )
      assert.deepStrictEqual(yield* marksIn(directory), [])
      assert.isNull(stranger.exitCode)
      assert.isNull(stranger.signalCode)
    }).pipe(Effect.scoped), timeout)

  it.live("refuses a directory that another process runs, and names the directory", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const owner = yield* OwnerProcess.start(directory)
      assert.strictEqual(yield* owner.firstWord, "running")
      const reason = yield* reasonOf(EmbeddedPostgres.start({ directory }))
      assert.deepInclude(reason, { _tag: "DirectoryInUse", directory, pid: owner.pid })
      assert.isTrue(Option.isSome(yield* EmbeddedPostgres.find({ directory })))
    }).pipe(Effect.scoped), timeout)

  it.live(
    "lets one of several processes win that start at the same time, also on a directory with a dead owner",
    () =>
      Effect.gen(function*() {
        const directory = yield* folder
        for (const round of ["fresh", "left over"]) {
          const owners = yield* Effect.forEach(Array.from({ length: 3 }), () => OwnerProcess.start(directory, round))
          const words = yield* Effect.forEach(owners, ({ firstWord }) => firstWord, { concurrency: "unbounded" })
          assert.deepStrictEqual(words.toSorted(), ["DirectoryInUse", "DirectoryInUse", "running"])
          yield* Effect.forEach(owners, (owner) => owner.kill("SIGKILL"), { concurrency: "unbounded" })
        }
        assert.deepStrictEqual(yield* marksIn(directory), ["fresh", "left over"])
      }).pipe(Effect.scoped),
    timeout
  )

  it.live(
    "lets one fiber of a process win among several that start on a directory with a dead owner",
    () =>
      Effect.gen(function*() {
        const directory = yield* folder
        writeFileSync(join(directory, "owner.lock"), "of a machine that lost power while it wrote")
        const scope = yield* Effect.scope
        const exits = yield* Effect.all(
          Array.from({ length: 8 }, () => Effect.exit(Scope.provide(EmbeddedPostgres.start({ directory }), scope))),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(exits.filter(Exit.isSuccess).length, 1)
      }).pipe(Effect.scoped),
    timeout
  )

  it.live(
    "puts the socket in the temporary folder when the directory's path is too long for a socket",
    () =>
      Effect.gen(function*() {
        const directory = join(yield* folder, "a".repeat(60), "b".repeat(60))
        yield* Effect.gen(function*() {
          const server = yield* EmbeddedPostgres.start({ directory })
          assert.strictEqual(join(server.host, ".."), tmpdir())
          assert.strictEqual(statSync(server.host).mode & 0o777, 0o700)
          assert.deepStrictEqual(yield* EmbeddedPostgres.find({ directory }), Option.some(server))
        }).pipe(Effect.scoped)
        assert.deepStrictEqual(yield* query({ directory }, (sql) => sql`SELECT 1 AS one`), [{ one: 1 }])
      }).pipe(Effect.scoped),
    timeout
  )

  it.live("reports the output of PostgreSQL when PostgreSQL does not start", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const reason = yield* reasonOf(EmbeddedPostgres.start({ directory, settings: { shared_buffers: "plenty" } }))
      assert.strictEqual(reason._tag, "StartFailed")
      assert.include(reason.message, "invalid value for parameter \"shared_buffers\"")
      assert.deepStrictEqual(yield* query({ directory }, (sql) => sql`SELECT 1 AS one`), [{ one: 1 }])
    }).pipe(Effect.scoped), timeout)

  it.live("reports that the directory is a file", () =>
    Effect.gen(function*() {
      const directory = join(yield* folder, "file")
      writeFileSync(directory, "")
      assert.strictEqual((yield* reasonOf(EmbeddedPostgres.start({ directory })))._tag, "DirectoryNotAccessible")
    }).pipe(Effect.scoped), timeout)
})

describe.runIf(process.getuid?.() === 0)("EmbeddedPostgres as root", () => {
  it.live(
    "refuses a directory that PostgreSQL's user cannot enter, and names the obstacle",
    () =>
      Effect.gen(function*() {
        const closed = join(yield* folder, "closed")
        mkdirSync(closed, { mode: 0o700 })
        const directory = join(closed, "data")
        const reason = yield* reasonOf(EmbeddedPostgres.start({ directory }))
        assert.deepInclude(reason, { _tag: "DirectoryNotAccessible", directory })
        assert.include(reason.message, `${closed} has the mode 0700`)
        assert.isFalse(existsSync(directory))
      }).pipe(Effect.scoped),
    timeout
  )

  it.live(
    "keeps the data in the platform's folder when it may relocate, logs this once, and finds the data again",
    () =>
      Effect.gen(function*() {
        const closed = join(yield* folder, "closed")
        mkdirSync(closed, { mode: 0o700 })
        const options = { directory: join(closed, "data"), whenInaccessible: "relocate" } as const
        const lines: Array<unknown> = []
        const logger = Logger.make(({ message }) => lines.push(message))

        const directory = yield* EmbeddedPostgres.start(options).pipe(
          Effect.tap((server) =>
            Effect.map(EmbeddedPostgres.find(options), (found) => assert.deepStrictEqual(found, Option.some(server)))
          ),
          Effect.map((server) => server.directory),
          Effect.scoped,
          Effect.provide(Logger.layer([logger]))
        )
        yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(directory, { recursive: true })))
        assert.strictEqual(dirname(directory), process.platform === "linux" ? "/var/lib" : "/usr/local/var")
        assert.strictEqual(lines.length, 1)
        assert.include(String(lines[0]), `keeps its data in ${directory}: `)
        assert.include(String(lines[0]), `${closed} has the mode 0700`)

        chmodSync(closed, 0o755)
        const again = yield* Effect.scoped(EmbeddedPostgres.start(options)).pipe(Effect.provide(Logger.layer([logger])))
        assert.strictEqual(again.directory, directory)
      }).pipe(Effect.scoped),
    timeout
  )
})

describe.runIf(process.getuid?.() === 0)("EmbeddedPostgres as an unprivileged user", () => {
  it.live("runs the server as that user", () =>
    Effect.gen(function*() {
      const directory = join(yield* folder, "data")
      const uid = Number(spawnSync("id", ["-u", "nobody"]).stdout)
      mkdirSync(directory, { mode: 0o700 })
      chownSync(directory, uid, uid)
      const owner = yield* OwnerProcess.start(directory, "nobody's", uid)
      assert.strictEqual(yield* owner.firstWord, "running")
      assert.strictEqual(statSync(join(directory, "postgres", "PG_VERSION")).uid, uid)
      yield* owner.kill("SIGTERM")
      assert.isFalse(existsSync(join(directory, "owner.lock")))
    }).pipe(Effect.scoped), timeout)
})
