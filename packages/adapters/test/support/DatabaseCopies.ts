/**
 * Databases for tests, each a copy of a template that is dropped with its scope.
 */
import { PgClient } from "@effect/sql-pg"
import { Effect } from "effect"
import { Reactivity } from "effect/reactivity"
import { randomUUID } from "node:crypto"

const administer = <A>(
  config: PgClient.PgPoolConfig,
  use: (sql: PgClient.PgClient) => Effect.Effect<A, unknown>
) =>
  PgClient.makeClient(config).pipe(
    Effect.flatMap(use),
    Effect.scoped,
    Effect.provide(Reactivity.layer),
    Effect.orDie
  )

const copy = Effect.fnUntraced(function*(sql: PgClient.PgClient, database: string, template: string) {
  // A copy of the files takes a tenth of the CPU time of a copy by the log, unless each file has to reach the disk.
  const [setting] = yield* sql<{ readonly fsync: string }>`SHOW fsync`
  const strategy = setting?.fsync === "off" ? sql.literal("FILE_COPY") : sql.literal("WAL_LOG")
  yield* sql`CREATE DATABASE ${sql(database)} TEMPLATE ${sql(template)} STRATEGY ${strategy}`
  // No test outlives its database, so no commit has to wait for the disk.
  yield* sql`ALTER DATABASE ${sql(database)} SET synchronous_commit = off`
})

/** The name of a copy of `template`, made over the connection that `config` describes. */
export const copyOf = (template: string, config: PgClient.PgPoolConfig) =>
  Effect.acquireRelease(
    Effect.suspend(() => {
      const database = `test_${randomUUID().replaceAll("-", "")}`
      return Effect.as(administer(config, (sql) => copy(sql, database, template)), database)
    }),
    (database) => administer(config, (sql) => sql`DROP DATABASE ${sql(database)} WITH (FORCE)`)
  )
