/**
 * What a proof earns knows the proof, and what a person began while signed in knows the person, so that both are void
 * when the ways in which the person signs in change.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const proofs = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  // None of these lives longer than ten minutes, and what is there does not say by what it was earned.
  yield* sql`DELETE FROM merge_tickets`
  yield* sql`DELETE FROM native_codes`
  yield* sql`DELETE FROM oauth_flows WHERE session_id IS NOT NULL`
  yield* sql`DELETE FROM siwe_nonces WHERE session_id IS NOT NULL`

  yield* sql`ALTER TABLE merge_tickets ADD COLUMN proved jsonb NOT NULL`
  yield* sql`CREATE INDEX merge_tickets_survivor ON merge_tickets (survivor)`
  yield* sql`CREATE INDEX merge_tickets_absorbed ON merge_tickets (absorbed)`

  yield* sql`ALTER TABLE native_codes ADD COLUMN proved jsonb NOT NULL, ADD COLUMN proved_at timestamptz NOT NULL`
  yield* sql`CREATE INDEX native_codes_user_id ON native_codes (user_id)`

  yield* sql`ALTER TABLE oauth_flows ADD COLUMN user_id uuid`
  yield* sql`CREATE INDEX oauth_flows_user_id ON oauth_flows (user_id) WHERE user_id IS NOT NULL`

  yield* sql`ALTER TABLE siwe_nonces ADD COLUMN user_id uuid`
  yield* sql`CREATE INDEX siwe_nonces_user_id ON siwe_nonces (user_id) WHERE user_id IS NOT NULL`
})
