/**
 * Billing: what a request with an idempotency key led to is told apart from what came later.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const billingWork = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`ALTER TABLE purchase_requests ADD COLUMN version integer NOT NULL DEFAULT 0`
  yield* sql`ALTER TABLE purchase_requests ALTER COLUMN version DROP DEFAULT`

  yield* sql`ALTER TABLE usage_counters ADD COLUMN observed_at timestamptz`
  yield* sql`ALTER TABLE usage_keys ADD COLUMN is_level boolean NOT NULL DEFAULT false`

  // What was told before is found by asking.
  yield* sql`DELETE FROM webhook_events WHERE state = 'waiting'`
  yield* sql`ALTER TABLE webhook_events DROP COLUMN payload, ADD COLUMN concern jsonb`
  yield* sql`CREATE INDEX webhook_events_purchase ON webhook_events ((concern ->> 'purchaseId'))
    WHERE state <> 'waiting' AND concern IS NOT NULL`

  yield* sql`CREATE TABLE departures (
    user_id uuid PRIMARY KEY REFERENCES users,
    left_at timestamptz NOT NULL,
    look_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX departures_due ON departures (look_at)`
  yield* sql`INSERT INTO departures (user_id, left_at, look_at)
    SELECT DISTINCT users.id, now(), '-infinity'::timestamptz FROM users
    JOIN purchases ON purchases.user_id = users.id
    WHERE users.status = 'deleted' AND purchases.state IN ('pending', 'active', 'past_due', 'suspended')`
  yield* sql`DROP INDEX users_deleted`
})
