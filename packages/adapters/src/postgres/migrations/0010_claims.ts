/**
 * Tells the worker on a provider request apart from the worker before it: a sync request is never taken for an earlier
 * one of the same purchase. Requests that were given up are found by their purchase, and deleted in time.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const claims = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`CREATE SEQUENCE sync_generations AS integer START 1000000 CYCLE`
  yield* sql`ALTER TABLE billing_outbox ADD COLUMN thaws integer NOT NULL DEFAULT 0`
  yield* sql`CREATE INDEX billing_outbox_given_up ON billing_outbox (purchase_id) WHERE state = 'dead'`
  yield* sql`DROP INDEX billing_outbox_delivered`
  yield* sql`CREATE INDEX billing_outbox_finished ON billing_outbox (finished_at) WHERE state <> 'waiting'`
  yield* sql`DROP INDEX webhook_events_finished`
  yield* sql`CREATE INDEX webhook_events_finished ON webhook_events (finished_at) WHERE state <> 'waiting'`
})
