/**
 * Stores steps that claim a pair, a user, a lease or an idempotency key by one statement: all steps, or none. Every
 * step makes its claims in the same order: request, call, pair, users by id, leases.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { recordRequests } from "../idempotency/PgIdempotencyKeys.ts"
import { addedHistory } from "./AddedHistory.ts"
import type { ClaimingRows } from "./CallAppendRows.ts"

/** The SQLSTATE with which the statement fails when a step meets an obstacle. The message names the obstacle. */
export const obstructed = "DC001"

export const make = (sql: SqlClient.SqlClient) => (rows: ClaimingRows) =>
  sql`WITH step AS (
      SELECT * FROM json_to_recordset(${JSON.stringify(rows.calls)}::json)
        AS step(id uuid, expected int, version int, phase text, state json, state_version int,
          next_due_at timestamptz,
          initiated_at timestamptz, ended_at timestamptz)
    ), recorded AS (
      ${recordRequests(sql, rows.requests)}
    ), ready AS (
      SELECT * FROM step WHERE (SELECT count(*) FROM recorded) = ${rows.requests.length}
    ), opened AS (
      INSERT INTO calls (id, version, phase, state, state_version, next_due_at, initiated_at, ended_at)
      SELECT id, version, phase, state, state_version, next_due_at, initiated_at, ended_at FROM ready WHERE expected = 0
      ON CONFLICT (id) DO NOTHING
      RETURNING id
    ), moved AS (
      UPDATE calls
      SET version = ready.version, phase = ready.phase, state = ready.state,
        state_version = ready.state_version, next_due_at = ready.next_due_at,
        claimed_until = NULL, ended_at = ready.ended_at
      FROM ready
      WHERE calls.id = ready.id AND calls.version = ready.expected AND ready.expected > 0
      RETURNING calls.id
    ), kept AS (
      SELECT id FROM opened UNION ALL SELECT id FROM moved
    ), pair AS (
      SELECT * FROM json_to_recordset(${JSON.stringify(rows.pairOpened)}::json)
        AS pair(user_low uuid, user_high uuid, call_id uuid)
    ), paired AS (
      INSERT INTO open_direct_calls (user_low, user_high, call_id)
      SELECT user_low, user_high, call_id FROM pair WHERE call_id IN (SELECT id FROM kept)
      ON CONFLICT (user_low, user_high) DO NOTHING
      RETURNING call_id
    ), unpaired AS (
      DELETE FROM open_direct_calls AS open USING (
        SELECT * FROM json_to_recordset(${JSON.stringify(rows.pairClosed)}::json)
          AS closed(user_low uuid, user_high uuid, call_id uuid)
      ) AS closed
      WHERE open.user_low = closed.user_low AND open.user_high = closed.user_high AND open.call_id = closed.call_id
        AND closed.call_id IN (SELECT id FROM kept)
    ), placed AS (
      SELECT * FROM json_to_recordset(${JSON.stringify(rows.pairPlaced)}::json) AS placed(user_low uuid, user_high uuid)
    ), held AS (
      SELECT id FROM kept
      WHERE (SELECT count(*) FROM step) = (SELECT count(*) FROM kept)
        AND (SELECT count(*) FROM pair) = (SELECT count(*) FROM paired)
        AND NOT EXISTS (SELECT FROM placed JOIN open_direct_calls USING (user_low, user_high))
    ), entries AS (
      INSERT INTO user_calls (user_id, call_id, state, initiated_at, type, kind, outcome, peers)
      SELECT user_id, call_id, state, initiated_at, type, kind, outcome, peers
      FROM json_to_recordset(${JSON.stringify(rows.entries)}::json)
        AS entry(user_id uuid, call_id uuid, state text, initiated_at timestamptz, type text, kind text,
          outcome text, peers uuid[])
      WHERE call_id IN (SELECT id FROM held)
      ORDER BY user_id
      ON CONFLICT (user_id, call_id) DO UPDATE
        SET state = excluded.state, kind = excluded.kind, outcome = excluded.outcome, peers = excluded.peers
    ), hidden AS (
      DELETE FROM user_calls USING (
        SELECT * FROM json_to_recordset(${JSON.stringify(rows.entriesGone)}::json)
          AS gone(user_id uuid, call_id uuid)
      ) AS gone
      WHERE user_calls.user_id = gone.user_id AND user_calls.call_id = gone.call_id
        AND gone.call_id IN (SELECT id FROM held)
    ), ${addedHistory(sql, rows, "held")}, silenced AS (
      DELETE FROM call_signals USING (
        SELECT * FROM json_to_recordset(${JSON.stringify(rows.signalsGone)}::json) AS gone(call_id uuid, user_id text)
      ) AS gone
      WHERE call_signals.call_id = gone.call_id AND gone.call_id IN (SELECT id FROM held)
        AND (gone.user_id IS NULL OR EXISTS (
          SELECT FROM call_events
          WHERE call_events.call_id = call_signals.call_id AND call_events.seq = call_signals.seq
            AND gone.user_id IN (call_events.event->>'from', call_events.event->>'to')
        ))
    ), bound AS (
      INSERT INTO leases (call_id, user_id, device, connection_id, host_id, seen_at)
      SELECT call_id, user_id, device, connection_id, host_id, seen_at
      FROM json_to_recordset(${JSON.stringify(rows.leasesBound)}::json)
        AS lease(call_id uuid, user_id uuid, device text, connection_id text, host_id text, seen_at timestamptz)
      WHERE call_id IN (SELECT id FROM held)
      ON CONFLICT (call_id, user_id, holder) DO UPDATE
        SET device = excluded.device, host_id = excluded.host_id, seen_at = GREATEST(leases.seen_at, excluded.seen_at)
    ), superseded AS (
      DELETE FROM leases USING (
        SELECT * FROM json_to_recordset(${JSON.stringify(rows.leasesBound)}::json)
          AS lease(call_id uuid, user_id uuid, connection_id text)
      ) AS lease
      WHERE leases.call_id = lease.call_id AND leases.user_id = lease.user_id AND lease.connection_id IS NOT NULL
        AND leases.holder = '' AND lease.call_id IN (SELECT id FROM held)
    ), gone AS (
      SELECT * FROM json_to_recordset(${JSON.stringify(rows.leasesGone)}::json)
        AS gone(call_id uuid, user_id uuid, connection_id text, device text, seen_at timestamptz, unmoved boolean)
    ), released AS (
      DELETE FROM leases USING gone
      WHERE leases.call_id = gone.call_id AND leases.user_id = gone.user_id AND (NOT gone.unmoved
          OR leases.connection_id = gone.connection_id
          OR (leases.connection_id IS NULL AND gone.connection_id IS NULL AND leases.seen_at = gone.seen_at))
        AND gone.call_id IN (SELECT id FROM held)
      RETURNING leases.call_id, leases.user_id, leases.holder
    )
    SELECT obstructed(obstacle) FROM (SELECT CASE
      WHEN NOT EXISTS (SELECT FROM ready) THEN 'KeyInUse'
      WHEN (SELECT count(*) FROM kept) < (SELECT count(*) FROM step) THEN 'VersionConflict'
      WHEN NOT EXISTS (SELECT FROM held) THEN 'PairTaken'
      WHEN EXISTS (
        SELECT FROM (SELECT * FROM gone WHERE unmoved) AS wanted
        JOIN leases USING (call_id, user_id)
        WHERE (call_id, user_id, holder) NOT IN (SELECT call_id, user_id, holder FROM released)
          AND (holder = coalesce(wanted.connection_id, '') OR wanted.device IS NULL OR leases.device IS NULL
            OR leases.device = wanted.device)
      ) THEN 'LeaseMoved'
    END AS obstacle) AS verdict
    WHERE obstacle IS NOT NULL`.pipe(Effect.asVoid)
