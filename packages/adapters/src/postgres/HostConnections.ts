/**
 * The connections that a host reserves for its own lease, its sweeps and its readiness. Requests that use all
 * connections of the large pool, for example while they wait for a locked row, do not delay this work.
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
