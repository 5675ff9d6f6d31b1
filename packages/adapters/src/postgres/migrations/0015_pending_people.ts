/**
 * Finds the users who are being called, among all that are in a call: they are few, and queried often.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const pendingPeople = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE INDEX user_calls_pending ON user_calls (user_id, call_id) WHERE state = 'pending'`
})
