/**
 * Charges of renewals: the subscriptions that are watched, and the transactions of the charging account.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const charging = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`CREATE TABLE charge_watches (
    purchase_id uuid PRIMARY KEY,
    due_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX charge_watches_due ON charge_watches (due_at)`

  yield* sql`CREATE TABLE charge_lanes (
    chain_id bigint NOT NULL,
    account text NOT NULL,
    holder text NOT NULL,
    token bigint NOT NULL,
    leased_until timestamptz NOT NULL,
    next_nonce bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (chain_id, account)
  )`

  yield* sql`CREATE TABLE charge_transactions (
    chain_id bigint NOT NULL,
    account text NOT NULL,
    nonce bigint NOT NULL,
    key text NOT NULL,
    purchase_id uuid NOT NULL,
    action jsonb NOT NULL,
    signed jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'succeeded', 'failed', 'voided', 'superseded')),
    recorded_at timestamptz NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (chain_id, account, nonce),
    FOREIGN KEY (chain_id, account) REFERENCES charge_lanes
  )`
  yield* sql`CREATE UNIQUE INDEX charge_transactions_once ON charge_transactions (key)
    WHERE state IN ('open', 'succeeded')`
  yield* sql`CREATE INDEX charge_transactions_open ON charge_transactions (chain_id, account, nonce)
    WHERE state = 'open'`
  yield* sql`CREATE INDEX charge_transactions_purchase ON charge_transactions (purchase_id, recorded_at, nonce)`
})
