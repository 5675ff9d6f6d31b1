/**
 * Finds the calls of a user in Postgres: among the open calls and those that have just ended, and among finished ones.
 */
import { CallId, type CallProjection } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { DateTime, Schema } from "effect"
import type { SqlClient } from "effect/sql"

export const HistoryRow = Schema.Struct({ callId: CallId, initiatedAt: Schema.DateTimeUtcFromDate })
export type HistoryRow = typeof HistoryRow.Type

interface Page {
  readonly after?: CallProjection.HistoryCursor | undefined
  readonly limit: number
}

/** The newest entries of a page, of one user in one table: a range of an index, read from its end. */
const newestOf = (
  sql: SqlClient.SqlClient,
  table: "user_calls" | "call_history",
  user: UserId,
  { from, kind, outcome, peer, to, type }: CallProjection.HistoryFilter,
  { after, limit }: Page
) => {
  const conditions = [
    sql`user_id = ${user}`,
    after && sql`(initiated_at, call_id) < (${DateTime.toDateUtc(after.initiatedAt)}, ${after.callId})`,
    // The condition before leaves out no partition.
    after && sql`initiated_at <= ${DateTime.toDateUtc(after.initiatedAt)}`,
    from && sql`initiated_at >= ${DateTime.toDateUtc(from)}`,
    to && sql`initiated_at < ${DateTime.toDateUtc(to)}`,
    type && sql`type = ${type}`,
    kind && sql`kind = ${kind}`,
    outcome && sql`outcome = ${outcome}`,
    peer && sql`${peer} = ANY(peers)`
  ]
  return sql`(SELECT initiated_at, call_id FROM ${sql(table)}
    WHERE ${sql.and(conditions.filter((condition) => condition !== undefined))}
    ORDER BY initiated_at DESC, call_id DESC LIMIT ${limit})`
}

/** The statement of a page: the entries of all ids of a user, newest first, each call once. */
export const historyPage = (
  sql: SqlClient.SqlClient,
  ids: ReadonlyArray<UserId>,
  filter: CallProjection.HistoryFilter,
  page: Page
) => {
  const parts = ids.flatMap((id) =>
    (["user_calls", "call_history"] as const).map((table) => newestOf(sql, table, id, filter, page))
  )
  return sql`SELECT ${
    sql.literal(ids.length === 1 ? "" : "DISTINCT")
  } initiated_at AS "initiatedAt", call_id AS "callId"
    FROM (${sql.join(" UNION ALL ", false)(parts)}) AS entries
    ORDER BY "initiatedAt" DESC, "callId" DESC LIMIT ${page.limit}`
}

export const decodeHistory = Schema.decodeUnknownEffect(Schema.Array(HistoryRow))
