/**
 * Every connection of a device has a lease of its own. Hosts count their renewals, and compare no clocks. How far the
 * time of calls is ahead of the clock of the database outlives the hosts.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const sharedLeases = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`ALTER TABLE leases
    ADD COLUMN holder text NOT NULL GENERATED ALWAYS AS (coalesce(connection_id, '')) STORED,
    DROP CONSTRAINT leases_pkey,
    ADD PRIMARY KEY (call_id, user_id, holder)`

  yield* sql`DROP TABLE hosts`
  yield* sql`CREATE TABLE hosts (
    id text PRIMARY KEY,
    beat bigint NOT NULL,
    renewed_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`

  yield* sql`CREATE TABLE call_time (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    ahead_millis bigint NOT NULL
  )`
  yield* sql`INSERT INTO call_time (ahead_millis) VALUES (0)`
})
