import { Database, migrations } from "@dchat/adapters/postgres"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { createServer } from "node:net"
import * as TestDatabase from "../support/TestDatabase.ts"

const failureOf = (url: string) =>
  Effect.flip(Effect.scoped(Layer.build(Database.layer({ url: Redacted.make(url), connectTimeout: "1 second" }))))

/** A TCP server that accepts and says nothing. */
const silentPort = Effect.acquireRelease(
  Effect.promise(() =>
    new Promise<{ port: number; close: () => void }>((resolve) => {
      const sockets = new Set<{ destroy: () => void }>()
      const server = createServer((socket) => void sockets.add(socket))
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resolve({
          port: typeof address === "object" && address !== null ? address.port : 0,
          close: () => {
            for (const socket of sockets) socket.destroy()
            server.close()
          }
        })
      })
    })
  ),
  ({ close }) => Effect.sync(close)
).pipe(Effect.map(({ port }) => port))

describe("Database.layer", () => {
  it.live("names the address of an unreachable database, and not the password", () =>
    Effect.gen(function*() {
      const error = yield* failureOf("postgres://ann:hunter2@127.0.0.1:1/calls")
      assert.deepInclude(error, { _tag: "DatabaseUnreachable", host: "127.0.0.1", port: 1, database: "calls" })
      assert.strictEqual(error.reason._tag, "NoAnswer")
      assert.isTrue(error.reason.isRetryable)
      assert.notInclude(error.message + JSON.stringify(error), "hunter2")
    }))

  it.live("gives up on a server that accepts and stays silent", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(`postgres://ann@127.0.0.1:${yield* silentPort}/calls`)
      assert.strictEqual(error.reason._tag, "NoAnswer")
    }).pipe(Effect.scoped))

  it.live.each(["http://ann:hunter2@127.0.0.1/calls", "ann:hunter2@calls", ""])(
    "refuses the URL %j",
    (url) =>
      Effect.gen(function*() {
        const error = yield* failureOf(url)
        assert.strictEqual(error.reason._tag, "UrlInvalid")
        assert.isFalse(error.reason.isRetryable)
        assert.notInclude(error.message + JSON.stringify(error), "hunter2")
      })
  )
})

for (const backend of TestDatabase.backends) {
  describe(`Database on ${backend.name}`, () => {
    it.live("connects under the name dchat, and distinguishes a missing database from an absent server", () =>
      Effect.gen(function*() {
        const { config } = yield* PgClient.PgClient
        const host = encodeURIComponent(config.host ?? config.path?.replace(/\/[^/]*$/, "") ?? "")
        const url = config.url === undefined
          ? `postgres:///${config.database}?host=${host}&user=${config.username}`
          : Object.assign(new URL(Redacted.value(config.url)), { pathname: `/${config.database}` }).href
        const rows = yield* Effect.provide(
          Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT current_setting('application_name') AS name`),
          Database.layer({ url: Redacted.make(url) })
        )
        assert.deepStrictEqual(rows, [{ name: "dchat" }])

        const error = yield* failureOf(url.replace(String(config.database), "no_such_database"))
        assert.strictEqual(error.database, "no_such_database")
        assert.strictEqual(error.reason._tag, "ConnectionRefused")
        assert.isFalse(error.reason.isRetryable)
      }).pipe(Effect.provide(backend.layer)))

    it.live("applies each migration once when many hosts start at the same time", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { config } = yield* PgClient.PgClient
        yield* sql`DROP SCHEMA public CASCADE`
        yield* sql`CREATE SCHEMA public`
        const host = Effect.provide(Database.migrate, Layer.fresh(PgClient.layer(config)))
        const applied = yield* Effect.all(Array.from({ length: 6 }, () => host), { concurrency: "unbounded" })
        assert.deepStrictEqual(
          applied.flat().map(([id, name]) => `${String(id).padStart(4, "0")}_${name}`),
          Object.keys(migrations).toSorted()
        )
        assert.deepStrictEqual(yield* Database.migrate, [])
      }).pipe(Effect.provide(backend.layer)))

    it.live("gives every test file a database of its own", () =>
      Effect.gen(function*() {
        const nameOf = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT current_database() AS name`)
        const names = yield* Effect.all([
          Effect.provide(nameOf, Layer.fresh(backend.layer)),
          Effect.provide(nameOf, Layer.fresh(backend.layer))
        ], { concurrency: "unbounded" })
        assert.notDeepEqual(names[0], names[1])
      }))
  })
}

describe("The URL of a database", () => {
  it.live("may be in the form of libpq: a user, no host, and the folder of a socket", () =>
    Effect.gen(function*() {
      const { config } = yield* PgClient.PgClient
      const folder = config.path?.replace(/\/[^/]*$/, "") ?? ""
      for (const start of [`postgres://${config.username}:secret@/`, `postgresql://${config.username}@:5432/`]) {
        const clients = Database.layer({ url: Redacted.make(`${start}${config.database}?host=${folder}`) })
        const rows = yield* Effect.provide(
          Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT current_database() AS name`),
          Layer.fresh(clients)
        )
        assert.deepStrictEqual(rows, [{ name: config.database }])
      }
    }).pipe(Effect.provide(TestDatabase.layer)))

  it.live.each([
    "postgres://ann:hunter2@one,two/calls",
    "postgres://ann:hunter2@one:5432,two:5433/calls",
    "postgres://ann:hunter2@/calls?host=one,two"
  ])("may name one host only: %s", (url) =>
    Effect.gen(function*() {
      const error = yield* failureOf(url)
      assert.strictEqual(error.reason._tag, "UrlInvalid")
      assert.include(error.message, "name one")
      assert.notInclude(error.message + JSON.stringify(error), "hunter2")
    }))
})
