/**
 * Puts the host together: which adapter answers which port.
 */
import { EmbeddedPostgres, type EmbeddedPostgresError } from "@dchat/adapters/embedded-postgres"
import { IdentityCallDirectory } from "@dchat/adapters/identity"
import { MemoryCallBus, MemoryCalls, MemoryIdentity, MemoryPresence } from "@dchat/adapters/memory"
import { Database, type DatabaseUnreachable, PgCalls, PgIdentity } from "@dchat/adapters/postgres"
import { ViemWalletProof } from "@dchat/adapters/viem"
import { CallClock, CallEntitlement, CallPolicy, layerCallServices } from "@dchat/domain/call"
import { People, RealtimeTickets, Sessions, WalletSignIn } from "@dchat/domain/identity"
import { NodeCrypto } from "@effect/platform-node"
import type { PgClient } from "@effect/sql-pg"
import { Layer, Option } from "effect"
import type { SqlClient } from "effect/sql"
import { defaultDataDirectory, type HostConfig } from "./Config.ts"
import { Housekeeping } from "./Housekeeping.ts"

const crypto = Layer.merge(NodeCrypto.layerDigest, NodeCrypto.layerSecureRandom)

const identity = Layer.mergeAll(People.layer, RealtimeTickets.layer, WalletSignIn.layer).pipe(
  Layer.provideMerge(Sessions.layer),
  Layer.provide(ViemWalletProof.layer)
)

const calls = CallClock.layerSweeping.pipe(
  Layer.provideMerge(layerCallServices),
  Layer.provide([IdentityCallDirectory.layer, CallPolicy.layerOpen, CallEntitlement.layerUnlimited])
)

/** The services of the domain, and what runs in the background for them, over the ports that are given. */
export const Services = Layer.mergeAll(identity, calls, Housekeeping).pipe(Layer.provideMerge(crypto))

/** Every port in memory: nothing outlives the process. */
export const MemoryPorts = Layer.merge(MemoryIdentity.layer, MemoryCalls.layer)

/** The database of this installation: the one that is given, or an embedded one. */
const database = (
  { databaseUrl, dataDirectory }: HostConfig
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, DatabaseUnreachable | EmbeddedPostgresError> => {
  if (Option.isSome(databaseUrl)) return Database.layer({ url: databaseUrl.value })
  return Option.isSome(dataDirectory)
    ? EmbeddedPostgres.layer({ directory: dataDirectory.value })
    : EmbeddedPostgres.layer({ directory: defaultDataDirectory, whenInaccessible: "relocate" })
}

/** Every port of one host: what lasts is in PostgreSQL, what passes is in memory. */
export const PostgresPorts = (config: HostConfig) =>
  Layer.mergeAll(PgIdentity.layer, PgCalls.layer).pipe(
    Layer.provide(Database.migrated(database(config))),
    Layer.merge(Layer.mergeAll(MemoryPresence.layer, MemoryCallBus.layer))
  )
