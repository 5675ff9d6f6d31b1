/**
 * The schema, as migrations that run once and in order, one file each. They are numbered from 1 without gaps. A new one
 * gets the next number: a database only runs what is above the highest number that it has seen.
 */
import type { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { identity } from "./0001_identity.ts"
import { calls } from "./0002_calls.ts"
import { subscriptions } from "./0003_subscriptions.ts"
import { billing } from "./0004_billing.ts"
import { idempotency } from "./0005_idempotency.ts"
import { onchain } from "./0006_onchain.ts"
import { charging } from "./0007_charging.ts"

export const migrations: Record<string, Effect.Effect<void, unknown, SqlClient.SqlClient>> = {
  "0001_identity": identity,
  "0002_calls": calls,
  "0003_subscriptions": subscriptions,
  "0004_billing": billing,
  "0005_idempotency": idempotency,
  "0006_onchain": onchain,
  "0007_charging": charging
}
