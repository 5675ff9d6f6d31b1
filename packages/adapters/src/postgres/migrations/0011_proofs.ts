/**
 * Records the proof in each credential that the proof earned, and the user in each flow that a signed-in user began.
 * Both are void when the sign-in methods of the user change. Replaced tokens are remembered, and a flow records the
 * token that began it. Flows are kept until they expire. The activity of users is kept by ids.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const proofs = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  // These records live for ten minutes at most. Existing records do not contain the proof that earned them.
  yield* sql`DELETE FROM merge_tickets`
  yield* sql`DELETE FROM realtime_tickets`
  yield* sql`DELETE FROM native_codes`
  yield* sql`DELETE FROM oauth_flows WHERE session_id IS NOT NULL`
  yield* sql`DELETE FROM siwe_nonces WHERE session_id IS NOT NULL`

  yield* sql`ALTER TABLE merge_tickets ADD COLUMN proved jsonb NOT NULL, ADD COLUMN generation integer NOT NULL`
  yield* sql`CREATE INDEX merge_tickets_survivor ON merge_tickets (survivor)`
  yield* sql`CREATE INDEX merge_tickets_absorbed ON merge_tickets (absorbed)`

  yield* sql`ALTER TABLE native_codes ADD COLUMN proved jsonb NOT NULL, ADD COLUMN proved_at timestamptz NOT NULL`
  yield* sql`CREATE INDEX native_codes_user_id ON native_codes (user_id)`

  yield* sql`ALTER TABLE oauth_flows
    ADD COLUMN user_id uuid,
    ADD COLUMN generation integer,
    ADD COLUMN next_token_hash bytea CHECK (octet_length(next_token_hash) = 32),
    ADD COLUMN state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'taken', 'over')),
    ADD COLUMN finished_by uuid,
    ADD COLUMN failure text`
  yield* sql`CREATE INDEX oauth_flows_user_id ON oauth_flows (user_id) WHERE user_id IS NOT NULL`

  yield* sql`ALTER TABLE siwe_nonces ADD COLUMN user_id uuid`
  yield* sql`CREATE INDEX siwe_nonces_user_id ON siwe_nonces (user_id) WHERE user_id IS NOT NULL`

  // Events keep ids. Names and addresses stay in the tables to which they belong.
  yield* sql`UPDATE identity_events SET cause = cause - 'origin', event = jsonb_strip_nulls(jsonb_build_object(
    '_tag', event -> '_tag',
    'userId', event -> 'userId',
    'method', event -> 'method',
    'walletId', COALESCE(event -> 'walletId', event -> 'wallet' -> 'id'),
    'accountId', COALESCE(event -> 'accountId', event -> 'account' -> 'id'),
    'ref', COALESCE(event -> 'ref', event -> 'temporaryWallet' -> 'ref'),
    'fields', CASE WHEN event ->> '_tag' = 'ProfileEdited' THEN to_jsonb(ARRAY(
      SELECT field FROM unnest(ARRAY['displayName', 'company', 'position']) AS field WHERE event ? field)) END
  ))`
  yield* sql`UPDATE users SET display_name = 'Merged user', search_name = 'merged user'
    WHERE status = 'merged' AND display_name <> 'Deleted user'`

  yield* sql`CREATE TABLE former_tokens (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    replaced_until timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX former_tokens_session_id ON former_tokens (session_id)`
  yield* sql`INSERT INTO former_tokens (hash, session_id, replaced_until)
    SELECT previous_token_hash, id, previous_until FROM sessions WHERE previous_token_hash IS NOT NULL`
  yield* sql`ALTER TABLE sessions
    DROP COLUMN previous_token_hash,
    DROP COLUMN previous_until,
    ADD COLUMN generation integer NOT NULL DEFAULT 0`
  yield* sql`ALTER TABLE sessions ALTER COLUMN generation DROP DEFAULT`
  yield* sql`ALTER TABLE realtime_tickets ADD COLUMN generation integer NOT NULL`
})
