/**
 * The services of subscriptions on an embedded PostgreSQL in an empty folder.
 */
import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { MemorySubscriptionBus } from "@dchat/adapters/memory"
import { Database, PgBilling, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import { StripeBilling } from "@dchat/adapters/stripe"
import { ProviderTrouble, Webhooks } from "@dchat/domain/billing"
import { SubscriptionClock } from "@dchat/domain/subscription"
import { Effect, Layer, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { webhookSecret } from "./webhooks.ts"

const databaseIn = (directory: string) =>
  Layer.unwrap(
    Effect.map(
      EmbeddedPostgres.start({ directory }),
      (server) => Database.layerOn(EmbeddedPostgres.clientConfig(server))
    )
  )

const stripe = StripeBilling.layer({
  secretKey: Redacted.make("sk_test_none"),
  webhookSecrets: [Redacted.make(webhookSecret)],
  returnTo: new URL("http://localhost")
})

export const servicesIn = (directory: string) =>
  Layer.mergeAll(SubscriptionClock.layer, Webhooks.layer).pipe(
    Layer.provide([stripe, MemorySubscriptionBus.layer, ProviderTrouble.layer]),
    Layer.provideMerge(Layer.merge(PgSubscriptionRepository.layer, PgBilling.layer)),
    Layer.provide(SecureRandom.layerWebCrypto),
    Layer.provideMerge(Database.migrated(databaseIn(directory)))
  )
