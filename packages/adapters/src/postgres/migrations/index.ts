/**
 * The schema, as migrations that run once and in order, one file each. They are numbered from 1 without gaps. A new one
 * gets the next number: a database only runs what is above the highest number that it has seen.
 */
import type { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { identity } from "./0001_identity.ts"
import { calls } from "./0002_calls.ts"
import { identityAccounts } from "./0003_identity_accounts.ts"
import { subscriptions } from "./0004_subscriptions.ts"
import { billing } from "./0005_billing.ts"
import { usage } from "./0006_usage.ts"
import { dueAccounts } from "./0007_due_accounts.ts"
import { syncPriority } from "./0008_sync_priority.ts"
import { deletedUsers } from "./0009_deleted_users.ts"
import { claims } from "./0010_claims.ts"
import { proofs } from "./0011_proofs.ts"
import { billingWork } from "./0012_billing_work.ts"
import { sharedLeases } from "./0013_shared_leases.ts"
import { callStateVersion } from "./0014_call_state_version.ts"
import { pendingPeople } from "./0015_pending_people.ts"

export const migrations: Record<string, Effect.Effect<void, unknown, SqlClient.SqlClient>> = {
  "0001_identity": identity,
  "0002_calls": calls,
  "0003_identity_accounts": identityAccounts,
  "0004_subscriptions": subscriptions,
  "0005_billing": billing,
  "0006_usage": usage,
  "0007_due_accounts": dueAccounts,
  "0008_sync_priority": syncPriority,
  "0009_deleted_users": deletedUsers,
  "0010_claims": claims,
  "0011_proofs": proofs,
  "0012_billing_work": billingWork,
  "0013_shared_leases": sharedLeases,
  "0014_call_state_version": callStateVersion,
  "0015_pending_people": pendingPeople
}
