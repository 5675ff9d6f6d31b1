/**
 * Calls: states, events, projections, and the leases of devices; and calls that have ended, by month. Every key begins
 * with a call or a user, and no foreign key connects the two, so that either can be moved to another server.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { finishedCalls } from "./finishedCalls.ts"

export const calls = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  // Every step stores the state, and the call soon ends: the row keeps up to 8 kB of text as it comes, uncompressed.
  yield* sql`CREATE TABLE calls (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    phase text NOT NULL,
    state json NOT NULL,
    state_version integer NOT NULL DEFAULT 1,
    next_due_at timestamptz,
    claimed_until timestamptz,
    initiated_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK ((phase = 'disconnected') = (ended_at IS NOT NULL)),
    CHECK ((phase = 'disconnected') = (next_due_at IS NULL))
  ) WITH (toast_tuple_target = 8160)`
  yield* sql`ALTER TABLE calls ALTER state SET STORAGE EXTERNAL`
  yield* sql`CREATE INDEX calls_due ON calls (next_due_at, id) WHERE next_due_at IS NOT NULL`
  yield* sql`CREATE INDEX calls_open ON calls (id) WHERE phase <> 'disconnected'`
  yield* sql`CREATE INDEX calls_ended ON calls (ended_at) WHERE ended_at IS NOT NULL`

  yield* sql`CREATE TABLE call_events (
    call_id uuid NOT NULL,
    seq integer NOT NULL,
    at timestamptz NOT NULL,
    type text NOT NULL,
    event json NOT NULL,
    audience jsonb NOT NULL,
    PRIMARY KEY (call_id, seq)
  )`

  // json keeps every text that a client may send; jsonb refuses some (U+0000, lone surrogates).
  yield* sql`CREATE TABLE call_signals (
    call_id uuid NOT NULL,
    seq integer NOT NULL,
    payload json NOT NULL,
    PRIMARY KEY (call_id, seq)
  ) WITH (toast_tuple_target = 8160)`
  yield* sql`ALTER TABLE call_signals ALTER payload SET STORAGE EXTERNAL`

  yield* sql`CREATE TABLE user_calls (
    user_id uuid NOT NULL,
    call_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'pending', 'left')),
    initiated_at timestamptz NOT NULL,
    type text NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    peers uuid[] NOT NULL,
    PRIMARY KEY (user_id, call_id)
  )`
  yield* sql`CREATE UNIQUE INDEX user_calls_one_active ON user_calls (user_id) WHERE state = 'active'`
  // Few of all users in calls are being called, and these users are queried often.
  yield* sql`CREATE INDEX user_calls_pending ON user_calls (user_id, call_id) WHERE state = 'pending'`

  yield* sql`CREATE TABLE open_direct_calls (
    user_low uuid NOT NULL,
    user_high uuid NOT NULL,
    call_id uuid NOT NULL,
    PRIMARY KEY (user_low, user_high)
  )`

  // Hosts count their renewals, and compare no clocks.
  yield* sql`CREATE TABLE hosts (
    id text PRIMARY KEY,
    beat bigint NOT NULL,
    renewed_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`

  // How far the time of calls is ahead of the clock of the database outlives the hosts.
  yield* sql`CREATE TABLE call_time (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    ahead_millis bigint NOT NULL
  )`
  yield* sql`INSERT INTO call_time (ahead_millis) VALUES (0)`

  // Every connection of a device has its own lease.
  yield* sql`CREATE TABLE leases (
    call_id uuid NOT NULL,
    user_id uuid NOT NULL,
    device text,
    connection_id text,
    host_id text,
    holder text NOT NULL GENERATED ALWAYS AS (coalesce(connection_id, '')) STORED,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (call_id, user_id, holder),
    CHECK ((connection_id IS NULL) = (host_id IS NULL))
  )`
  yield* sql`CREATE INDEX leases_connection ON leases (connection_id) WHERE connection_id IS NOT NULL`
  yield* sql`CREATE INDEX leases_host ON leases (host_id) WHERE connection_id IS NOT NULL`
  yield* sql`CREATE INDEX leases_rest ON leases (seen_at) WHERE connection_id IS NULL`

  // Ends a statement that met an obstacle, so that nothing of the statement stays.
  yield* sql`CREATE FUNCTION obstructed(obstacle text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION USING ERRCODE = 'DC001', MESSAGE = obstacle; END
  $$`

  yield* finishedCalls
})
