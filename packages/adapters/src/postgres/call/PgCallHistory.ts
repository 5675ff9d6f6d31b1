/**
 * Finds the calls of a user in Postgres: among the open calls and those that have just ended, and among finished ones.
 */
import { CallId, type CallProjection } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { DateTime, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

export const HistoryRow = Schema.Struct({ callId: CallId, initiatedAt: Schema.DateTimeUtcFromDate })
export type HistoryRow = typeof HistoryRow.Type

const decodeRows = Schema.decodeUnknownEffect(Schema.Array(HistoryRow))

export const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  /** The newest entries of a page, of one user in one table: a range of an index, read from its end. */
  const newestOf = (
    table: "user_calls" | "call_history",
    user: UserId,
    { from, kind, outcome, peer, to, type }: CallProjection.HistoryFilter,
    { after, limit }: { readonly after?: CallProjection.HistoryCursor | undefined; readonly limit: number }
  ) => {
    const conditions = [
      sql`user_id = ${user}`,
      after && sql`(initiated_at, call_id) < (${DateTime.toDateUtc(after.initiatedAt)}, ${after.callId})`,
      // The same once more, by which the months after the cursor are left out.
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

  /** A page of the entries of all ids of a user, newest first, each call once. */
  return (
    ids: ReadonlyArray<UserId>,
    filter: CallProjection.HistoryFilter,
    page: { readonly after?: CallProjection.HistoryCursor | undefined; readonly limit: number }
  ) => {
    const parts = ids.flatMap((id) =>
      (["user_calls", "call_history"] as const).map((table) => newestOf(table, id, filter, page))
    )
    return Effect.flatMap(
      sql`SELECT ${sql.literal(ids.length === 1 ? "" : "DISTINCT")} initiated_at AS "initiatedAt", call_id AS "callId"
        FROM (${sql.join(" UNION ALL ", false)(parts)}) AS entries
        ORDER BY "initiatedAt" DESC, "callId" DESC LIMIT ${page.limit}`,
      decodeRows
    )
  }
})
