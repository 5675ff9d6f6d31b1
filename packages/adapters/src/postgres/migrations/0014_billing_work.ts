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
})
