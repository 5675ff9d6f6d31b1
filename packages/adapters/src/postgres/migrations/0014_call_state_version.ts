/**
 * The form in which the state of a call is stored, so that a host leaves alone what a newer release has written.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const callStateVersion = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE calls ADD COLUMN state_version integer NOT NULL DEFAULT 1`
})
