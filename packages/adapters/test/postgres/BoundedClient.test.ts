import { Database, HostConnections } from "@dchat/adapters/postgres"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as Swallowing from "../support/Swallowing.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

/** In milliseconds: nothing here waits for longer. */
const short = { statement: 400, lock: 200, idleTransaction: 2000, silence: 600, acquire: 300 }

const impatient: Database.Bounds = { requests: short, host: short }

/** Of a server that answers. */
const answering: Database.Bounds = { requests: { ...short, silence: 60_000 }, host: short }

/** The test's database behind a network that can swallow packets. */
const behindNetwork = Effect.fnUntraced(function*() {
  const { config: { path = "", ...config } } = yield* PgClient.PgClient
  const network = yield* Swallowing.inFrontOf(path)
  const clients = yield* Layer.build(
    Database.layerOn({
      ...config,
      host: "127.0.0.1",
      port: network.port,
      maxConnections: 2,
      connectTimeout: "500 millis"
    }, impatient)
  )
  return { network, clients }
})

describe("A client of a database", () => {
  it.live("gives up on a network that swallows packets at any point, and continues when the network has healed", () =>
    Effect.gen(function*() {
      const { clients, network } = yield* behindNetwork()
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const own = yield* HostConnections
        const begun = yield* Deferred.make<void>()
        const cut = yield* Deferred.make<void>()
        const transaction = sql.withTransaction(
          Effect.gen(function*() {
            yield* sql`SELECT 1`
            yield* Deferred.succeed(begun, undefined)
            yield* Deferred.await(cut)
          })
        )
        const committing = yield* Effect.forkChild(transaction)
        yield* Deferred.await(begun)
        yield* own`SELECT 1`
        yield* network.swallow
        yield* Deferred.succeed(cut, undefined)
        const asking = yield* Effect.forkChild(sql`SELECT 1`)
        const others = yield* Effect.forkChild(
          Effect.all(Array.from({ length: 20 }, () => Effect.exit(Effect.uninterruptible(sql`SELECT 1`))), {
            concurrency: "unbounded"
          })
        )
        const ofHost = yield* Effect.forkChild(own`SELECT 1`)
        assert.isTrue(Exit.isFailure(yield* Fiber.await(committing)))
        assert.isTrue(Exit.isFailure(yield* Fiber.await(asking)))
        assert.isTrue(Exit.isFailure(yield* Fiber.await(ofHost)))
        assert.isTrue((yield* Fiber.join(others)).every(Exit.isFailure))

        yield* network.heal
        const again = sql<{ readonly one: number }>`SELECT 1 AS one`
        assert.deepStrictEqual(yield* Effect.retry(again, { times: 10_000 }), [{ one: 1 }])
        assert.deepStrictEqual(yield* Effect.retry(own`SELECT 1 AS one`, { times: 10_000 }), [{ one: 1 }])
      }).pipe(Effect.provide(clients))
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer)))

  it.live("ends a statement that waits for a lock, and a wait for a connection while all are in use", () =>
    Effect.gen(function*() {
      const { config } = yield* PgClient.PgClient
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE locked (id int)`
        const locked = yield* Deferred.make<void>()
        const done = yield* Deferred.make<void>()
        const holder = yield* Effect.forkChild(sql.withTransaction(Effect.gen(function*() {
          yield* sql`LOCK TABLE locked`
          yield* Deferred.succeed(locked, undefined)
          yield* Deferred.await(done)
        })))
        yield* Deferred.await(locked)
        const waited = yield* Effect.flip(sql`SELECT * FROM locked`)
        assert.strictEqual(waited.reason._tag, "LockTimeoutError")
        const slept = yield* Effect.flip(sql`SELECT pg_sleep(60)`)
        assert.strictEqual(slept.reason._tag, "StatementTimeoutError")

        yield* Effect.scoped(Effect.gen(function*() {
          yield* sql.reserve
          const refused = yield* Effect.flip(sql`SELECT 1`)
          assert.deepInclude(refused.reason.cause, { code: "53300" })
        }))
        yield* Deferred.succeed(done, undefined)
        yield* Fiber.join(holder)
        assert.deepStrictEqual(yield* sql`SELECT * FROM locked`, [])
      }).pipe(Effect.provide(Database.layerOn({ ...config, maxConnections: 2 }, answering)))
    }).pipe(Effect.provide(TestDatabase.layer)))

  it.live("fails the commit of a transaction in which a statement failed", () =>
    Effect.gen(function*() {
      const { config } = yield* PgClient.PgClient
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const broken = sql.withTransaction(Effect.ignore(sql`SELECT 1 / 0`))
        assert.strictEqual((yield* Effect.flip(broken))._tag, "SqlError")
        assert.deepStrictEqual(yield* sql.withTransaction(sql`SELECT ${sql.literal("1")} AS one`), [{ one: 1 }])
      }).pipe(Effect.provide(Database.layerOn(config)))
    }).pipe(Effect.provide(TestDatabase.layer)))
})
