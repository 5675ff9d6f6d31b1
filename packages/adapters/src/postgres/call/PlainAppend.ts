/**
 * The small statement of signalling: calls at the version of their decision, their events and their signals. A call
 * that has another version, or is locked by another transaction, is left out.
 */
import { CallId } from "@dchat/domain/call"
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import type { AppendRows } from "./CallAppendRows.ts"

const decodeStored = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: CallId })))

/** Returns the ids of the calls whose steps were stored. */
export const make = (sql: SqlClient.SqlClient) => ({ calls, events, signals }: AppendRows) =>
  sql`WITH step AS MATERIALIZED (
      SELECT * FROM json_to_recordset(${JSON.stringify(calls)}::json)
        AS step(id uuid, expected int, version int, phase text, state jsonb, state_version int, next_due_at timestamptz)
    ), ready AS MATERIALIZED (
      SELECT calls.id FROM step JOIN calls ON calls.id = step.id AND calls.version = step.expected
      FOR UPDATE OF calls SKIP LOCKED
    ), moved AS (
      UPDATE calls
      SET version = step.version, phase = step.phase, state = step.state, state_version = step.state_version,
        next_due_at = step.next_due_at, claimed_until = NULL
      FROM step
      WHERE calls.id = step.id AND step.id IN (SELECT id FROM ready)
      RETURNING calls.id
    ), events AS (
      INSERT INTO call_events (call_id, seq, at, type, event, audience)
      SELECT call_id, seq, at, type, event, audience
      FROM json_to_recordset(${JSON.stringify(events)}::json)
        AS event(call_id uuid, seq int, at timestamptz, type text, event jsonb, audience jsonb)
      WHERE call_id IN (SELECT id FROM moved)
    ), signals AS (
      INSERT INTO call_signals (call_id, seq, payload)
      SELECT call_id, seq, payload::json
      FROM json_to_recordset(${JSON.stringify(signals)}::json) AS signal(call_id uuid, seq int, payload text)
      WHERE call_id IN (SELECT id FROM moved)
    )
    SELECT id FROM moved`.pipe(
    Effect.flatMap(decodeStored),
    Effect.map((rows) => new Set(rows.map(({ id }) => id))),
    Effect.catchTag("SchemaError", Effect.die)
  )
