/**
 * Billing by a provider: the progress of the outbox, the webhooks of the provider, the sync requests to the provider,
 * and the customer ids by which the provider knows users.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const billing = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`ALTER TABLE billing_outbox
    ADD COLUMN state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN leased_until timestamptz,
    ADD COLUMN prepared jsonb,
    ADD COLUMN error text,
    ADD COLUMN finished_at timestamptz`
  yield* sql`DROP INDEX billing_outbox_order`
  yield* sql`CREATE INDEX billing_outbox_waiting ON billing_outbox (purchase_id, position) WHERE state = 'waiting'`
  yield* sql`CREATE INDEX billing_outbox_due ON billing_outbox (next_attempt_at) WHERE state = 'waiting'`
  yield* sql`CREATE INDEX billing_outbox_dead ON billing_outbox (position) WHERE state = 'dead'`
  yield* sql`CREATE INDEX billing_outbox_delivered ON billing_outbox (finished_at) WHERE state = 'delivered'`

  yield* sql`ALTER TABLE sync_requests
    ADD COLUMN reconciling boolean NOT NULL DEFAULT false,
    ADD COLUMN failures integer NOT NULL DEFAULT 0,
    ADD COLUMN next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN leased_until timestamptz,
    ADD COLUMN error text`
  yield* sql`CREATE INDEX sync_requests_due ON sync_requests (next_attempt_at, requested_at)`

  yield* sql`ALTER TABLE purchases
    ADD COLUMN method text NOT NULL DEFAULT 'web3',
    ADD COLUMN watched_from timestamptz`
  yield* sql`ALTER TABLE purchases ALTER COLUMN method DROP DEFAULT`
  yield* sql`CREATE INDEX purchases_watched ON purchases (watched_from)
    WHERE method = 'stripe' AND watched_from IS NOT NULL`
  yield* sql`ALTER TABLE payments ADD COLUMN paid_at timestamptz`
  yield* sql`CREATE INDEX payments_paid ON payments (paid_at) WHERE method = 'stripe' AND paid_at IS NOT NULL`

  yield* sql`CREATE TABLE webhook_events (
    external_id text PRIMARY KEY,
    type text NOT NULL,
    payload json NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'ignored', 'dead')),
    received_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    leased_until timestamptz,
    error text,
    finished_at timestamptz
  )`
  yield* sql`CREATE INDEX webhook_events_due ON webhook_events (next_attempt_at, received_at) WHERE state = 'waiting'`
  yield* sql`CREATE INDEX webhook_events_received ON webhook_events (received_at)`
  yield* sql`CREATE INDEX webhook_events_finished ON webhook_events (finished_at) WHERE state IN ('done', 'ignored')`

  yield* sql`CREATE TABLE billing_customers (
    user_id uuid PRIMARY KEY REFERENCES users,
    external_id text NOT NULL UNIQUE
  )`
})
