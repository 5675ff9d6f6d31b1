/**
 * Indexes deleted users alone, because they are queried every minute.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const deletedUsers = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`CREATE INDEX users_deleted ON users (id) WHERE status = 'deleted'`
})
