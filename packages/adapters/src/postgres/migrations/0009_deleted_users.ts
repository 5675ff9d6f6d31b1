/**
 * Those who are gone are looked for every minute: only them.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const deletedUsers = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`CREATE INDEX users_deleted ON users (id) WHERE status = 'deleted'`
})
