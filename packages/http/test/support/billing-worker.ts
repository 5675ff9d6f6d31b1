/**
 * A process of its own that does what billing has to do now, and ends. What it needs is told by its one argument.
 */
import { MemorySubscriptionBus } from "@dchat/adapters/memory"
import { PgBilling, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import { StripeBilling } from "@dchat/adapters/stripe"
import { BillingWorkers, layerBillingServices } from "@dchat/domain/billing"
import { AdjustableClock } from "@dchat/doubles/stripe"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted } from "effect"
import { flushCompileCache } from "node:module"
import type { Work } from "./BillingWorker.ts"

// A killed process keeps nothing of what Node has compiled, unless it is written before.
flushCompileCache()

const { apiBase, database, now, secretKey } = JSON.parse(process.argv[2] ?? "{}") as Work

const billing = layerBillingServices.pipe(
  Layer.provide(StripeBilling.layer({
    secretKey: Redacted.make(secretKey),
    webhookSecrets: [],
    apiBase: new URL(apiBase),
    returnTo: new URL("http://localhost/")
  })),
  Layer.provide([PgSubscriptionRepository.layer, PgBilling.layer, MemorySubscriptionBus.layer]),
  Layer.provide([NodeCrypto.layerSecureRandom, NodeCrypto.layerDigest]),
  Layer.provide(PgClient.layer(database)),
  Layer.provideMerge(AdjustableClock.make(now, true).layer)
)

BillingWorkers.use(({ drain }) => drain).pipe(Effect.provide(billing), NodeRuntime.runMain)
