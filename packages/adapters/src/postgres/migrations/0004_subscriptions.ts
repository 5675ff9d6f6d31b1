/**
 * Accounts of subscriptions: what they are, what happened to them, what was bought and paid, what has to reach the
 * provider, and what it has to be asked about.
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
    claimed_until timestamptz
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
    external_id text
  )`
  yield* sql`CREATE INDEX purchases_user ON purchases (user_id)`
  yield* sql`CREATE UNIQUE INDEX purchases_one_open ON purchases (user_id)
    WHERE kind = 'subscription' AND state IN ('pending', 'active', 'past_due', 'suspended')`
  yield* sql`CREATE UNIQUE INDEX purchases_one_pending_membership ON purchases (user_id)
    WHERE kind = 'membership' AND state = 'pending'`
  yield* sql`CREATE UNIQUE INDEX purchases_external ON purchases (external_id) WHERE external_id IS NOT NULL`

  yield* sql`CREATE TABLE payments (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES subscription_accounts,
    purchase_id uuid NOT NULL REFERENCES purchases,
    method text NOT NULL,
    external_id text,
    payment_intent text,
    CONSTRAINT payments_used_once UNIQUE (method, external_id)
  )`
  yield* sql`CREATE INDEX payments_intent ON payments (payment_intent) WHERE payment_intent IS NOT NULL`

  yield* sql`CREATE TABLE billing_outbox (
    id uuid PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY,
    purchase_id uuid NOT NULL REFERENCES purchases,
    intent jsonb NOT NULL,
    created_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX billing_outbox_order ON billing_outbox (purchase_id, position)`

  yield* sql`CREATE TABLE sync_requests (
    purchase_id uuid PRIMARY KEY REFERENCES purchases,
    generation integer NOT NULL,
    requested_at timestamptz NOT NULL
  )`

  yield* sql`CREATE TABLE purchase_requests (
    user_id uuid NOT NULL REFERENCES users,
    operation text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    purchase_id uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (user_id, operation, key)
  )`
  yield* sql`CREATE INDEX purchase_requests_at ON purchase_requests (at)`
})
