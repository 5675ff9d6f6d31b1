/**
 * A database of its own, with the schema in place, for each test file that asks for one.
 */
import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import { inject } from "vitest"
import { copyOf } from "./DatabaseCopies.ts"

type Client = Layer.Layer<PgClient.PgClient | SqlClient.SqlClient>

/** A client of a copy of `template`. */
const clientOfCopy = (template: string, config: PgClient.PgPoolConfig) =>
  Effect.map(copyOf(template, config), (database) => Layer.orDie(PgClient.layer({ ...config, database })))

/** On the embedded PostgreSQL of this run. */
export const layer: Client = Layer.unwrap(Effect.suspend(() => {
  const server = inject("testServer")
  return clientOfCopy(server.database, { ...EmbeddedPostgres.clientConfig(server), database: "postgres" })
}))

const url = process.env["TEST_DATABASE_URL"] || undefined

/** On the PostgreSQL that TEST_DATABASE_URL names, which should be the oldest version that is supported: 15. */
export const postgres15: Client = Layer.unwrap(Effect.suspend(() => {
  const template = inject("postgres15Template")
  return url === undefined || template === undefined
    ? Effect.die(new Error("TEST_DATABASE_URL is not set"))
    : clientOfCopy(template, { url: Redacted.make(url) })
}))

/** Every PostgreSQL that a contract suite should hold on; a suite is written once and run for each. */
export const backends: ReadonlyArray<{ readonly name: string; readonly layer: Client }> = [
  { name: "embedded", layer },
  ...(url ? [{ name: "postgres 15", layer: postgres15 }] : [])
]
