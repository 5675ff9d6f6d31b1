/**
 * Due accounts are advanced within the transaction that locks them, so no host claims them any more. The former time of
 * a claim becomes the resting time of accounts that cannot be advanced.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const dueAccounts = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`ALTER TABLE subscription_accounts RENAME COLUMN claimed_until TO resting_until`
})
