/**
 * Serves the sync requests that a user or an event made before those of the reconciliation.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const syncPriority = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`DROP INDEX sync_requests_due`
  yield* sql`CREATE INDEX sync_requests_due ON sync_requests (reconciling, next_attempt_at, requested_at)`
})
