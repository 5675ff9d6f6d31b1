/**
 * The part of an append that adds events and signals.
 */
import type { SqlClient } from "effect/sql"
import type { PlainRows } from "./CallAppendRows.ts"

/** Two queries of a `WITH` clause. They add the rows of the calls whose `id` is in the query `stored` of that clause. */
export const addedHistory = (sql: SqlClient.SqlClient, { events, signals }: PlainRows, stored: string) =>
  sql`events AS (
      INSERT INTO call_events (call_id, seq, at, type, event, audience)
      SELECT call_id, seq, at, type, event, audience
      FROM json_to_recordset(${JSON.stringify(events)}::json)
        AS event(call_id uuid, seq int, at timestamptz, type text, event json, audience jsonb)
      WHERE call_id IN (SELECT id FROM ${sql(stored)})
    ), signals AS (
      INSERT INTO call_signals (call_id, seq, payload)
      SELECT call_id, seq, payload::json
      FROM json_to_recordset(${JSON.stringify(signals)}::json) AS signal(call_id uuid, seq int, payload text)
      WHERE call_id IN (SELECT id FROM ${sql(stored)})
    )`
