/**
 * Billing by a provider: the outbox, the webhooks of the provider, the sync requests to the provider, the customer ids
 * by which the provider knows users, and the users whose billing has to end.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const billing = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`CREATE TABLE billing_outbox (
    id uuid PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY,
    purchase_id uuid NOT NULL REFERENCES purchases,
    intent jsonb NOT NULL,
    prepared jsonb,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    thaws integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    leased_until timestamptz,
    error text,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
  )`
  yield* sql`CREATE INDEX billing_outbox_waiting ON billing_outbox (purchase_id, position) WHERE state = 'waiting'`
  yield* sql`CREATE INDEX billing_outbox_due ON billing_outbox (next_attempt_at, position) WHERE state = 'waiting'`
  yield* sql`CREATE INDEX billing_outbox_dead ON billing_outbox (position) WHERE state = 'dead'`
  yield* sql`CREATE INDEX billing_outbox_given_up ON billing_outbox (purchase_id) WHERE state = 'dead'`
  yield* sql`CREATE INDEX billing_outbox_finished ON billing_outbox (finished_at) WHERE state <> 'waiting'`

  yield* sql`CREATE SEQUENCE sync_generations AS integer START 1000000 CYCLE`
  yield* sql`CREATE TABLE sync_requests (
    purchase_id uuid PRIMARY KEY REFERENCES purchases,
    generation integer NOT NULL,
    reconciling boolean NOT NULL DEFAULT false,
    failures integer NOT NULL DEFAULT 0,
    requested_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    leased_until timestamptz,
    error text
  )`
  yield* sql`CREATE INDEX sync_requests_due ON sync_requests (reconciling, next_attempt_at, requested_at)`

  yield* sql`CREATE TABLE webhook_events (
    external_id text PRIMARY KEY,
    type text NOT NULL,
    concern jsonb,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'ignored', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    leased_until timestamptz,
    error text,
    finished_at timestamptz
  )`
  yield* sql`CREATE INDEX webhook_events_due ON webhook_events (next_attempt_at, received_at) WHERE state = 'waiting'`
  yield* sql`CREATE INDEX webhook_events_received ON webhook_events (received_at)`
  yield* sql`CREATE INDEX webhook_events_finished ON webhook_events (finished_at) WHERE state <> 'waiting'`
  yield* sql`CREATE INDEX webhook_events_purchase ON webhook_events ((concern ->> 'purchaseId'))
    WHERE state <> 'waiting' AND concern IS NOT NULL`

  yield* sql`CREATE TABLE billing_customers (
    user_id uuid PRIMARY KEY REFERENCES users,
    external_id text NOT NULL UNIQUE
  )`

  yield* sql`CREATE TABLE deleted_users (
    user_id uuid PRIMARY KEY REFERENCES users,
    left_at timestamptz NOT NULL,
    look_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX deleted_users_due ON deleted_users (look_at)`

  yield* sql`CREATE TABLE billing_turns (
    chore text PRIMARY KEY,
    next_at timestamptz NOT NULL
  )`
})
