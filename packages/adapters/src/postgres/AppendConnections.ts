/**
 * The connections by which a host stores steps of calls. Their statements are planned once and reach every row by an
 * index, whatever the statistics of a table say at that moment.
 */
import { Context, Effect, Option } from "effect"
import { SqlClient } from "effect/sql"

/** Settings of the server (PostgreSQL 15, "Query Planning") for each of these connections. */
export const appendParameters = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off"
} as const

export class AppendConnections extends Context.Service<AppendConnections, SqlClient.SqlClient>()(
  "@dchat/adapters/postgres/AppendConnections"
) {
  /** These connections, or those of requests where the host has none of its own, as in a command. */
  static readonly orShared: Effect.Effect<SqlClient.SqlClient, never, SqlClient.SqlClient> = Effect.flatMap(
    Effect.serviceOption(AppendConnections),
    Option.match({ onNone: () => SqlClient.SqlClient, onSome: Effect.succeed })
  )
}
