/**
 * Makes the cost of billing work independent of the amount of data. An index finds the first delivery of each purchase,
 * the deleted users, and the purchases that were not checked. Requests record when they were answered, usage records
 * when it was observed, and webhooks record only the purchase that they concern.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const billingWork = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`ALTER TABLE purchase_requests ADD COLUMN version integer NOT NULL DEFAULT 0`
  yield* sql`ALTER TABLE purchase_requests ALTER COLUMN version DROP DEFAULT`

  yield* sql`ALTER TABLE usage_counters ADD COLUMN observed_at timestamptz`
  yield* sql`ALTER TABLE usage_keys ADD COLUMN is_level boolean NOT NULL DEFAULT false`

  // The news of waiting webhooks is found by asking the provider.
  yield* sql`DELETE FROM webhook_events WHERE state = 'waiting'`
  yield* sql`ALTER TABLE webhook_events DROP COLUMN payload, ADD COLUMN concern jsonb`
  yield* sql`CREATE INDEX webhook_events_purchase ON webhook_events ((concern ->> 'purchaseId'))
    WHERE state <> 'waiting' AND concern IS NOT NULL`

  yield* sql`CREATE TABLE deleted_users (
    user_id uuid PRIMARY KEY REFERENCES users,
    left_at timestamptz NOT NULL,
    look_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX deleted_users_due ON deleted_users (look_at)`
  yield* sql`INSERT INTO deleted_users (user_id, left_at, look_at)
    SELECT DISTINCT users.id, now(), '-infinity'::timestamptz FROM users
    JOIN purchases ON purchases.user_id = users.id
    WHERE users.status = 'deleted' AND purchases.state IN ('pending', 'active', 'past_due', 'suspended')`
  yield* sql`DROP INDEX users_deleted`

  yield* sql`ALTER TABLE purchases ADD COLUMN observed_at timestamptz, ADD COLUMN look_at timestamptz`
  yield* sql`UPDATE purchases SET look_at = now() WHERE method = 'stripe'`
  yield* sql`CREATE INDEX purchases_look ON purchases (look_at) WHERE method = 'stripe' AND look_at IS NOT NULL`
  yield* sql`CREATE INDEX payments_purchase ON payments (purchase_id)`
  yield* sql`DROP INDEX payments_paid`
  yield* sql`CREATE TABLE billing_turns (chore text PRIMARY KEY, next_at timestamptz NOT NULL)`

  yield* sql`UPDATE billing_outbox AS entry SET next_attempt_at = 'infinity'
    WHERE state = 'waiting' AND EXISTS (SELECT FROM billing_outbox AS before
      WHERE before.purchase_id = entry.purchase_id AND before.state = 'waiting' AND before.position < entry.position)`
  yield* sql`DROP INDEX billing_outbox_due`
  yield* sql`CREATE INDEX billing_outbox_due ON billing_outbox (next_attempt_at, position) WHERE state = 'waiting'`
})
