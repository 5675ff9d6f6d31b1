/**
 * What the commands work on: the database of `DATABASE_URL`, else the embedded one of the data directory, which a
 * running host has started or which is started for the command; and the services over it.
 */
import { EmbeddedPostgres, type EmbeddedPostgresError } from "@dchat/adapters/embedded-postgres"
import { IdentityCallDirectory } from "@dchat/adapters/identity"
import { MemoryCallBus, MemoryIdentityBus } from "@dchat/adapters/memory"
import {
  Database,
  type DatabaseUnreachable,
  PgCalls,
  PgIdentity,
  PgSecretCheckRepository
} from "@dchat/adapters/postgres"
import { CallConnections, CallEntitlement, CallPolicy, Calls, CallSteps } from "@dchat/domain/call"
import { IdentityAdministration } from "@dchat/domain/identity"
import { NodeCrypto } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Config, Effect, Layer, Option, Redacted } from "effect"
import type { SqlClient, SqlError } from "effect/sql"

const settings = Config.all({
  databaseUrl: Config.NonEmptyString("DATABASE_URL").pipe(Config.map(Redacted.make), Config.option),
  dataDirectory: Config.NonEmptyString("DCHAT_DATA_DIR").pipe(Config.option)
})

/** Where a host keeps its data when nobody says where: the same rule as the host's. */
const locationOf = (dataDirectory: Option.Option<string>): EmbeddedPostgres.Options =>
  Option.match(dataDirectory, {
    onSome: (directory) => ({ directory }),
    onNone: () => ({ directory: ".dchat", whenInaccessible: "relocate" })
  })

const database = Effect.gen(function*(): Effect.fn.Return<
  Layer.Layer<
    PgClient.PgClient | SqlClient.SqlClient,
    DatabaseUnreachable | EmbeddedPostgresError | SqlError.SqlError
  >,
  Config.ConfigError
> {
  const { databaseUrl, dataDirectory } = yield* settings
  if (Option.isSome(databaseUrl)) return Database.layer({ url: databaseUrl.value })
  const location = locationOf(dataDirectory)
  const running = yield* EmbeddedPostgres.find(location)
  return Option.isSome(running)
    ? PgClient.layer(EmbeddedPostgres.clientConfig(running.value))
    : EmbeddedPostgres.layer(location)
})

export const DatabaseLive = Layer.unwrap(database)

/** Calls as they are kept, and the service that changes them as people and hosts do. */
export const CallsLive = Calls.layer.pipe(
  Layer.provide(CallConnections.layer),
  Layer.provide(CallSteps.layer),
  Layer.provide([
    MemoryCallBus.layer,
    IdentityCallDirectory.layer,
    CallPolicy.layerOpen,
    CallEntitlement.layerUnlimited
  ]),
  Layer.provide([NodeCrypto.layerDigest, NodeCrypto.layerSecureRandom]),
  Layer.provideMerge(PgCalls.layer),
  Layer.provide(PgIdentity.layer),
  Layer.provide(DatabaseLive)
)

/** Identities as they are kept, and what administrators do with them. Hosts hear of it by looking for themselves. */
export const IdentitiesLive = IdentityAdministration.layer.pipe(
  Layer.provideMerge(PgIdentity.layer),
  Layer.provide(MemoryIdentityBus.layer),
  Layer.provide(DatabaseLive)
)

export const SecretChecksLive = PgSecretCheckRepository.layer.pipe(Layer.provide(DatabaseLive))
