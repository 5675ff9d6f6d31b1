/**
 * A process of its own that runs the database of a directory: says what became of it, and holds it until killed.
 */
import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { SqlClient } from "effect/sql"

const [directory = "", marker = ""] = process.argv.slice(2)

const hold = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE IF NOT EXISTS marks (mark text)`
  yield* sql`INSERT INTO marks ${sql.insert({ mark: marker })}`
  yield* Console.log("running")
  return yield* Effect.never
})

hold.pipe(
  Effect.provide(EmbeddedPostgres.layer({ directory })),
  Effect.catchTag("EmbeddedPostgresError", (error) => Console.log(error.reason._tag)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
