/**
 * All stored ports of billing, in Postgres.
 */
import { Layer } from "effect"
import * as PgBillingCustomers from "./PgBillingCustomers.ts"
import * as PgBillingOutbox from "./PgBillingOutbox.ts"
import * as PgBillingTurns from "./PgBillingTurns.ts"
import * as PgSyncRequests from "./PgSyncRequests.ts"
import * as PgWebhookInbox from "./PgWebhookInbox.ts"

export const layer = Layer.mergeAll(
  PgBillingCustomers.layer,
  PgBillingOutbox.layer,
  PgBillingTurns.layer,
  PgSyncRequests.layer,
  PgWebhookInbox.layer
)
