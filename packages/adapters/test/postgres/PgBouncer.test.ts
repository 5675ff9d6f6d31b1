import { Database } from "@dchat/adapters/postgres"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { inject } from "vitest"
import * as PgBouncer from "../support/PgBouncer.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

/** The URL of the test's database behind a pgbouncer of this mode. */
const pooled = Effect.fnUntraced(function*(mode: PgBouncer.Mode) {
  const { config } = yield* PgClient.PgClient
  const port = yield* PgBouncer.inFrontOf(inject("testServer"), mode)
  return Redacted.make(`postgres://${config.username}@127.0.0.1:${port}/${config.database}`)
})

describe.skipIf(PgBouncer.isLeftOut)("A host behind pgbouncer", () => {
  it.live.each(["transaction", "session"] as const)("works when it pools by %s", (mode) =>
    Effect.gen(function*() {
      const url = yield* pooled(mode)
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE counted (id int PRIMARY KEY, n int NOT NULL)`
        // More of them at once than pgbouncer has connections, so that each takes whichever is free.
        const one = (id: number) =>
          sql.withTransaction(
            Effect.andThen(
              sql`INSERT INTO counted VALUES (${id % 3}, 1) ON CONFLICT (id) DO UPDATE SET n = counted.n + 1`,
              sql`SELECT n FROM counted WHERE id = ${id % 3}`
            )
          )
        yield* Effect.forEach(Array.from({ length: 60 }, (_, id) => id), one, { concurrency: 10 })
        const rows = yield* sql`SELECT sum(n)::int AS n FROM counted`
        assert.deepStrictEqual(rows, [{ n: 60 }])
      }).pipe(Effect.provide(Database.layer({ url })))
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer)))

  it.live("does not start when pgbouncer pools by statement, and reports in one line that there are no transactions", () =>
    Effect.gen(function*() {
      const url = yield* pooled("statement")
      const error = yield* Effect.flip(Effect.scoped(Layer.build(Database.layer({ url }))))
      assert.strictEqual(error.reason._tag, "PoolerUnsuitable")
      assert.match(error.message, /^.*: a pooler in between refuses transactions .*: set it to pool by transaction/)
    }).pipe(Effect.scoped, Effect.provide(TestDatabase.layer)))
})
