/**
 * Purchases, tasks and events, for the contract of the billing ports.
 */
import { assert } from "@effect/vitest"
import { Array, DateTime, Effect, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import {
  type BillingCustomers,
  BillingOutbox,
  type BillingTurns,
  type ProviderEvent,
  type SyncRequests,
  type WebhookInbox
} from "../../billing/index.ts"
import type { IdentityRepository } from "../../identity/index.ts"
import {
  BillingAccountMachine,
  defaultPlans,
  emptyBillingAccount,
  ExternalId,
  OutboxId,
  PaymentId,
  PurchaseId,
  SubscriptionRepository
} from "../../subscription/index.ts"
import { noon, signUp } from "./identityFixtures.ts"
import { plan } from "./subscriptionFixtures.ts"

export const later = (seconds: number) => DateTime.add(noon, { seconds })

export const newId = () => SecureRandom.uuidV7Unsafe()

/** A user who has begun a purchase. The checkout and `more` further intents wait for delivery. */
export const buyer = Effect.fnUntraced(function*(more: number) {
  const { append } = yield* SubscriptionRepository
  const { id } = yield* signUp()
  const purchaseId = PurchaseId.make(newId())
  const command = {
    _tag: "Create",
    purchaseId,
    paymentId: PaymentId.make(newId()),
    method: "stripe",
    terms: plan("PRO", "monthly"),
    autoRenew: true
  } as const
  const { account, intents, records } = Result.getOrThrow(
    BillingAccountMachine.decide(command, emptyBillingAccount(id), noon, { _tag: "User" }, defaultPlans)
  )
  if (!Array.isReadonlyArrayNonEmpty(records)) return yield* Effect.die("nothing happens")
  const cancels = Array.range(1, 2).slice(2 - more).map(() => ({
    purchaseId,
    intent: { _tag: "CancelAtPeriodEnd" as const, externalId: ExternalId.make("sub_1") }
  }))
  const outbox = [...intents, ...cancels].map(({ intent }) => ({ id: OutboxId.make(newId()), purchaseId, intent }))
  yield* Effect.orDie(append({ expected: 0, account, records, outbox, syncs: [] }))
  return { id, purchaseId, outbox: outbox.map((entry) => entry.id) }
})

/** Records the delivery of the first waiting intent of a purchase. */
export const tell = Effect.fnUntraced(function*(purchaseId: PurchaseId) {
  const outbox = yield* BillingOutbox
  const claimed = yield* outbox.claimOf(purchaseId, noon, noon)
  yield* outbox.delivered(claimed ?? assert.fail("nothing waits"), noon)
})

export const eventOf = (externalId: string): ProviderEvent => ({
  externalId,
  type: "a.type",
  concern: { references: [ExternalId.make(`sub_${externalId}`)] }
})

export type Ports =
  | BillingCustomers
  | BillingOutbox
  | BillingTurns
  | IdentityRepository
  | SubscriptionRepository
  | SyncRequests
  | WebhookInbox
