/**
 * Creates the usage counters of users, and the keys under which usage was counted.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const usage = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`CREATE TABLE usage_counters (
    user_id uuid NOT NULL,
    feature text NOT NULL,
    period text NOT NULL,
    used bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (user_id, period, feature)
  )`
  yield* sql`CREATE TABLE usage_keys (
    user_id uuid NOT NULL,
    key text NOT NULL,
    feature text NOT NULL,
    amount bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
  )`
  yield* sql`CREATE INDEX usage_keys_at ON usage_keys (at)`
})
