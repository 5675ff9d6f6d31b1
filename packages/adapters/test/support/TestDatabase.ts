/**
 * A database of its own, with the schema in place, for each test file that asks for one.
 */
import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { Database } from "@dchat/adapters/postgres"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted } from "effect"
import { Reactivity } from "effect/reactivity"
import type { SqlClient } from "effect/sql"
import { randomUUID } from "node:crypto"
import { inject } from "vitest"

type Client = Layer.Layer<PgClient.PgClient | SqlClient.SqlClient>

const administer = (
  config: PgClient.PgClientConfig,
  statement: (sql: PgClient.PgClient) => Effect.Effect<unknown, unknown>
) =>
  PgClient.makeClient(config).pipe(
    Effect.flatMap(statement),
    Effect.scoped,
    Effect.provide(Reactivity.layer),
    Effect.orDie
  )

/** A copy of `template`, made over the connection that `config` describes and dropped with the scope. */
const copyOf = Effect.fnUntraced(function*(template: string, config: PgClient.PgPoolConfig) {
  const database = `test_${randomUUID().replaceAll("-", "")}`
  yield* Effect.acquireRelease(
    administer(config, (sql) =>
      // No test outlives its database, so no commit has to wait for the disk.
      Effect.andThen(
        sql`CREATE DATABASE ${sql(database)} TEMPLATE ${sql(template)}`,
        sql`ALTER DATABASE ${sql(database)} SET synchronous_commit = off`
      )),
    () => administer(config, (sql) => sql`DROP DATABASE ${sql(database)} WITH (FORCE)`)
  )
  return Layer.orDie(PgClient.layer({ ...config, database }))
})

/** On the embedded PostgreSQL of this run. */
export const layer: Client = Layer.unwrap(Effect.suspend(() => {
  const server = inject("testServer")
  return copyOf(server.database, { ...EmbeddedPostgres.clientConfig(server), database: "postgres" })
}))

const url = process.env["TEST_DATABASE_URL"]

/** On the PostgreSQL that TEST_DATABASE_URL names, which should be the oldest version that is supported: 15. */
export const postgres15: Client = Layer.unwrap(Effect.suspend(() =>
  url
    ? Effect.map(copyOf("template0", { url: Redacted.make(url) }), (client) => Layer.orDie(Database.migrated(client)))
    : Effect.die(new Error("TEST_DATABASE_URL is not set"))
))

/** Every PostgreSQL that a contract suite should hold on; a suite is written once and run for each. */
export const backends: ReadonlyArray<{ readonly name: string; readonly layer: Client }> = [
  { name: "embedded", layer },
  ...(url ? [{ name: "postgres 15", layer: postgres15 }] : [])
]
