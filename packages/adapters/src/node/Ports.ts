/**
 * All ports of one host, on a database or in memory.
 */
import { DeletedUsers } from "@dchat/domain/billing"
import { Effect, Layer, type Redacted } from "effect"
import { EmbeddedPostgres, type EmbeddedPostgresError } from "../embedded-postgres/index.ts"
import {
  MemoryCallBus,
  MemoryCalls,
  MemoryIdentity,
  MemoryIdentityBus,
  MemoryOnchain,
  MemoryPresence,
  MemorySecretCheckRepository,
  MemorySubscriptionBus,
  MemorySubscriptions
} from "../memory/index.ts"
import {
  Database,
  type DatabaseUnreachable,
  PgBilling,
  PgCalls,
  PgDeletedUsers,
  PgIdentity,
  PgOnchain,
  PgSecretCheckRepository,
  PgSubscriptionRepository,
  PgUsageRepository
} from "../postgres/index.ts"

/** A PostgreSQL server by its URL, or the embedded one of a directory. */
export type DatabaseLocation =
  | { readonly url: Redacted.Redacted<string> }
  | EmbeddedPostgres.Options

/** All ports in memory. No data outlives the process. */
export const MemoryPorts = Layer.mergeAll(
  MemoryIdentity.layer,
  MemoryCalls.layer,
  MemorySecretCheckRepository.layer,
  MemoryOnchain.layer.pipe(Layer.provideMerge(MemorySubscriptions.layer)),
  DeletedUsers.layerNone
)

/** Presence, and messages between hosts: kept in memory, for one host. */
const ephemeralPorts = Layer.mergeAll(
  MemoryPresence.layer,
  MemoryCallBus.layer,
  MemoryIdentityBus.layer,
  MemorySubscriptionBus.layer
)

/** Every port of one host on a database with the schema in place. */
export const DatabasePorts = Layer.mergeAll(
  PgIdentity.layer,
  PgCalls.layer,
  PgOnchain.layer,
  PgSecretCheckRepository.layer,
  PgSubscriptionRepository.layer,
  PgUsageRepository.layer,
  PgDeletedUsers.layer
).pipe(
  Layer.merge(ephemeralPorts)
)

/** The ports that a payment provider needs. */
export const BillingPorts = PgBilling.layer

const database = (
  location: DatabaseLocation
): Layer.Layer<Database.Clients, DatabaseUnreachable | EmbeddedPostgresError> =>
  "url" in location
    ? Database.layer(location)
    : Layer.unwrap(
      Effect.map(EmbeddedPostgres.start(location), (server) => Database.layerOn(EmbeddedPostgres.clientConfig(server)))
    )

/** Every port of one host, on a database whose schema is brought up to date first. */
export const PostgresPorts = (location: DatabaseLocation) =>
  Layer.merge(DatabasePorts, BillingPorts).pipe(Layer.provide(Database.migrated(database(location))))
