/**
 * Stores signalling (offers, answers, candidates) by one small statement: the calls at the version of their decision,
 * their events and their signals. The statement leaves out a call that has another version, or that another transaction
 * has locked.
 */
import { CallId } from "@dchat/domain/call"
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { addedHistory } from "./AddedHistory.ts"
import type { PlainRows } from "./CallAppendRows.ts"

const decodeStored = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: CallId })))

/** Returns the ids of the calls whose steps were stored. */
export const make = (sql: SqlClient.SqlClient) => (rows: PlainRows) =>
  sql`WITH step AS MATERIALIZED (
      SELECT * FROM json_to_recordset(${JSON.stringify(rows.calls)}::json)
        AS step(id uuid, expected int, version int, phase text, state json, state_version int, next_due_at timestamptz)
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
    ), ${addedHistory(sql, rows, "moved")}
    SELECT id FROM moved`.pipe(
    Effect.flatMap(decodeStored),
    Effect.map((stored) => new Set(stored.map(({ id }) => id))),
    Effect.catchTag("SchemaError", Effect.die)
  )
