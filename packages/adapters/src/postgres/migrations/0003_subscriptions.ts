/**
 * Subscriptions: billing accounts, their events, purchases and payments, and the usage of features.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const subscriptions = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`CREATE TABLE subscription_accounts (
    user_id uuid PRIMARY KEY REFERENCES users,
    version integer NOT NULL,
    state jsonb NOT NULL,
    next_due_at timestamptz,
    resting_until timestamptz
  )`
  yield* sql`CREATE INDEX subscription_accounts_due ON subscription_accounts (next_due_at)
    WHERE next_due_at IS NOT NULL`

  yield* sql`CREATE TABLE subscription_events (
    user_id uuid NOT NULL REFERENCES subscription_accounts,
    seq integer NOT NULL,
    at timestamptz NOT NULL,
    event jsonb NOT NULL,
    cause jsonb NOT NULL,
    PRIMARY KEY (user_id, seq)
  )`

  yield* sql`CREATE TABLE purchases (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES subscription_accounts,
    kind text NOT NULL CHECK (kind IN ('subscription', 'membership')),
    state text NOT NULL,
    tier text NOT NULL,
    method text NOT NULL,
    external_id text,
    watched_from timestamptz,
    observed_at timestamptz,
    look_at timestamptz
  )`
  yield* sql`CREATE INDEX purchases_user ON purchases (user_id)`
  yield* sql`CREATE UNIQUE INDEX purchases_one_open ON purchases (user_id)
    WHERE kind = 'subscription' AND state IN ('pending', 'active', 'past_due', 'suspended')`
  yield* sql`CREATE UNIQUE INDEX purchases_one_pending_membership ON purchases (user_id)
    WHERE kind = 'membership' AND state = 'pending'`
  yield* sql`CREATE UNIQUE INDEX purchases_external ON purchases (external_id) WHERE external_id IS NOT NULL`
  yield* sql`CREATE INDEX purchases_watched ON purchases (watched_from)
    WHERE method = 'stripe' AND watched_from IS NOT NULL`
  yield* sql`CREATE INDEX purchases_look ON purchases (look_at) WHERE method = 'stripe' AND look_at IS NOT NULL`

  yield* sql`CREATE TABLE payments (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES subscription_accounts,
    purchase_id uuid NOT NULL REFERENCES purchases,
    method text NOT NULL,
    external_id text,
    payment_intent text,
    paid_at timestamptz,
    CONSTRAINT payments_used_once UNIQUE (method, external_id)
  )`
  yield* sql`CREATE INDEX payments_purchase ON payments (purchase_id)`
  yield* sql`CREATE INDEX payments_intent ON payments (payment_intent) WHERE payment_intent IS NOT NULL`

  yield* sql`CREATE TABLE usage_counters (
    user_id uuid NOT NULL,
    feature text NOT NULL,
    period text NOT NULL,
    used bigint NOT NULL CHECK (used >= 0),
    observed_at timestamptz,
    PRIMARY KEY (user_id, period, feature)
  )`
})
