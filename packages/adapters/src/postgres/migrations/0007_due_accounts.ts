/**
 * Accounts that are due are moved on within the transaction that locks them, so no host claims them any more. What is
 * left of the claim is the rest of those that cannot be moved on.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const dueAccounts = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`ALTER TABLE subscription_accounts RENAME COLUMN claimed_until TO resting_until`
})
