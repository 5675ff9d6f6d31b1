/**
 * A few connections that a host keeps for itself: for its lease, for the sweeps and for being ready. Requests that fill
 * the large pool, as when they wait for a locked row, hold none of that up.
 */
import { Context, Effect, Option } from "effect"
import { SqlClient } from "effect/sql"

/** A statement on them has to be short and wait for no lock that a request may hold for long. */
export class HostConnections extends Context.Service<HostConnections, SqlClient.SqlClient>()(
  "@dchat/adapters/postgres/HostConnections"
) {
  /** These connections, or those of requests where the host has none of its own, as in a command. */
  static readonly orShared: Effect.Effect<SqlClient.SqlClient, never, SqlClient.SqlClient> = Effect.flatMap(
    Effect.serviceOption(HostConnections),
    Option.match({ onNone: () => SqlClient.SqlClient, onSome: Effect.succeed })
  )
}
