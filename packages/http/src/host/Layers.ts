/**
 * Puts the host together: which adapter answers which port.
 */
import { CallMergeParticipant, IdentityCallDirectory } from "@dchat/adapters/bridges"
import {
  IdentityUsageOwners,
  SubscriptionCallEntitlement,
  SubscriptionCallLifting,
  SubscriptionMergeParticipant
} from "@dchat/adapters/bridges"
import { EmbeddedPostgres, type EmbeddedPostgresError } from "@dchat/adapters/embedded-postgres"
import { JoseAccessTokens, JoseStateTokens } from "@dchat/adapters/jose"
import { LinkedInOpenId } from "@dchat/adapters/linkedin"
import {
  MemoryCallBus,
  MemoryCalls,
  MemoryIdentity,
  MemoryIdentityBus,
  MemoryPresence,
  MemorySecretCheckRepository,
  MemorySubscriptionBus,
  MemorySubscriptions
} from "@dchat/adapters/memory"
import {
  Database,
  type DatabaseUnreachable,
  PgBilling,
  PgCalls,
  PgDepartures,
  PgIdentity,
  PgSecretCheckRepository,
  PgSubscriptionRepository,
  PgUsageRepository
} from "@dchat/adapters/postgres"
import { ViemWalletProof } from "@dchat/adapters/viem"
import { DepartureBilling, Departures } from "@dchat/domain/billing"
import { CallClock, CallPolicy, layerCallServices } from "@dchat/domain/call"
import { KeepLinkedInTokens, layerIdentityServices, NativeRedirects } from "@dchat/domain/identity"
import { Loops } from "@dchat/domain/loop"
import { type Billing, layerSubscriptionServices, SubscriptionClock } from "@dchat/domain/subscription"
import { NodeCrypto } from "@effect/platform-node"
import { Effect, Layer, Option } from "effect"
import { Aead } from "effect/crypto"
import { defaultDataDirectory, type HostConfig } from "../config/Config.ts"
import { HostSettings } from "../config/HostSettings.ts"
import type { IdentityConfig } from "../config/IdentityConfig.ts"
import { RateLimits } from "../limits/RateLimits.ts"
import { layerRingRateLimit } from "../limits/RingRateLimit.ts"
import { Housekeeping } from "./Housekeeping.ts"

/** What keys, hashes and random numbers are made by. */
export const Cryptography = Layer.mergeAll(
  NodeCrypto.layerDigest,
  NodeCrypto.layerKdf,
  NodeCrypto.layerMac,
  NodeCrypto.layerSecureRandom,
  Aead.layerWebCrypto.pipe(Layer.provide(NodeCrypto.layerSecureRandom))
)

/** How this installation proves wallets and asks LinkedIn, and which tokens it makes. */
const identityAdapters = (
  { accessTokenAudiences, chains, keepLinkedInTokens, linkedIn, nativeRedirects }: IdentityConfig
) =>
  Layer.mergeAll(
    ViemWalletProof.layerWith({ chains }),
    Option.match(linkedIn, {
      onNone: () => LinkedInOpenId.layerNotConfigured,
      onSome: (options) => LinkedInOpenId.layer(options)
    }),
    Layer.unwrap(Effect.map(HostSettings, ({ publicUrl }) => {
      const issuer = publicUrl.origin
      return Layer.merge(
        JoseStateTokens.layer({ issuer }),
        JoseAccessTokens.layer({ issuer, audiences: accessTokenAudiences })
      )
    })),
    Layer.succeed(KeepLinkedInTokens, keepLinkedInTokens),
    Layer.succeed(NativeRedirects, nativeRedirects)
  )

const identity = (config: IdentityConfig) =>
  layerIdentityServices.pipe(
    Layer.provide(SubscriptionMergeParticipant.layer.pipe(Layer.provide(CallMergeParticipant.layer))),
    Layer.provideMerge(identityAdapters(config))
  )

const calls = Layer.merge(CallClock.layerSweeping, SubscriptionCallLifting.layer).pipe(
  Layer.provideMerge(layerCallServices),
  Layer.provide([
    IdentityCallDirectory.layer,
    CallPolicy.layerOpen,
    SubscriptionCallEntitlement.layer,
    layerRingRateLimit.pipe(Layer.provide(RateLimits.layer))
  ])
)

const subscriptions = <A, E, R>(billing: Layer.Layer<A | Billing, E, R>) =>
  SubscriptionClock.layerSweeping.pipe(
    Layer.provideMerge(layerSubscriptionServices.pipe(Layer.provide(IdentityUsageOwners.layer))),
    Layer.provideMerge(billing)
  )

/** The services of the domain, and what runs in the background for them, over the ports that are given. */
export const Services = <A, E, R>(config: IdentityConfig, billing: Layer.Layer<A | Billing, E, R>) =>
  Layer.merge(Housekeeping, DepartureBilling.layerEnding).pipe(
    Layer.provideMerge(Layer.mergeAll(identity(config), calls, RateLimits.layer)),
    Layer.provideMerge(subscriptions(billing)),
    Layer.provideMerge([Cryptography, Loops.layer])
  )

/** Every port in memory: nothing outlives the process. */
export const MemoryPorts = Layer.mergeAll(
  MemoryIdentity.layer,
  MemoryCalls.layer,
  MemorySecretCheckRepository.layer,
  MemorySubscriptions.layer,
  Departures.layerNone
)

/** The database of this installation: the one that is given, or an embedded one. */
const database = (
  { databaseUrl, dataDirectory }: HostConfig
): Layer.Layer<Database.Clients, DatabaseUnreachable | EmbeddedPostgresError> => {
  if (Option.isSome(databaseUrl)) return Database.layer({ url: databaseUrl.value })
  // A host without its database is of no use; what started the host may start both again.
  const whenLost = Effect.sync(() => process.exit(1))
  const location: EmbeddedPostgres.Options = Option.isSome(dataDirectory)
    ? { directory: dataDirectory.value, whenLost }
    : { directory: defaultDataDirectory, whenInaccessible: "relocate", whenLost }
  return Layer.unwrap(
    Effect.map(EmbeddedPostgres.start(location), (server) => Database.layerOn(EmbeddedPostgres.clientConfig(server)))
  )
}

/** What passes: who is connected, and what hosts tell each other. */
const passingPorts = Layer.mergeAll(
  MemoryPresence.layer,
  MemoryCallBus.layer,
  MemoryIdentityBus.layer,
  MemorySubscriptionBus.layer
)

/** Every port of one host on a database with the schema in place: what lasts is there, what passes is in memory. */
export const DatabasePorts = Layer.mergeAll(
  PgIdentity.layer,
  PgCalls.layer,
  PgSecretCheckRepository.layer,
  PgSubscriptionRepository.layer,
  PgUsageRepository.layer,
  PgDepartures.layer
).pipe(
  Layer.merge(passingPorts)
)

/** What a provider that bills needs to be kept. */
export const BillingPorts = PgBilling.layer

/** Every port of one host, on the database of this installation. */
export const PostgresPorts = (config: HostConfig) =>
  Layer.merge(DatabasePorts, BillingPorts).pipe(Layer.provide(Database.migrated(database(config))))
