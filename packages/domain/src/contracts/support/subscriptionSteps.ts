/**
 * Steps on billing accounts, for the contract of their repository.
 */
import { Array, DateTime, Effect, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import {
  type AccountAppend,
  type BillingAccount,
  type BillingAccountConflict,
  BillingAccountMachine,
  defaultPlans,
  emptyBillingAccount,
  ExternalId,
  OutboxId,
  PaymentId,
  type PlanTerms,
  type ProviderPayment,
  PurchaseId,
  type SubscriptionCommand,
  SubscriptionRepository
} from "../../subscription/index.ts"
import { noon, signUp } from "./identityFixtures.ts"
import { plan, providerSubscription } from "./subscriptionFixtures.ts"

export const newPurchase = () => PurchaseId.make(SecureRandom.uuidV7Unsafe())
export const newPayment = () => PaymentId.make(SecureRandom.uuidV7Unsafe())
export const someMoney = () => ExternalId.make(`in_${SecureRandom.uuidV7Unsafe()}`)

export const later = (hours: number) => DateTime.add(noon, { hours })

/** The change that a command makes to an account, in the form to store. */
export const stepOf = (
  account: BillingAccount,
  command: SubscriptionCommand,
  at = noon,
  request?: AccountAppend["request"]
): AccountAppend => {
  const { intents, records, syncs, ...after } = Result.getOrThrow(
    BillingAccountMachine.decide(command, account, at, { _tag: "Admin", actor: "ops", reason: "a test" }, defaultPlans)
  )
  if (!Array.isReadonlyArrayNonEmpty(records)) throw new Error("nothing happens")
  const outbox = intents.map(({ intent, purchaseId }) => ({
    id: OutboxId.make(SecureRandom.uuidV7Unsafe()),
    intent,
    purchaseId
  }))
  return { expected: account.version, account: after.account, records, outbox, syncs, request }
}

export const createOf = (
  purchaseId: PurchaseId = newPurchase(),
  method: "stripe" | "web3" = "stripe",
  terms: PlanTerms = plan("PRO", "monthly")
): SubscriptionCommand => ({
  _tag: "Create",
  purchaseId,
  paymentId: newPayment(),
  method,
  terms,
  autoRenew: method === "stripe"
})

export const moneyOf = (externalId: ExternalId): ProviderPayment => ({
  id: newPayment(),
  externalId,
  paymentIntent: ExternalId.make(externalId.replace("in_", "pi_")),
  kind: "first",
  amount: plan("PRO", "monthly").price,
  paidAt: noon,
  periodStart: noon,
  periodEnd: later(24 * 31),
  receiptUrl: "https://pay.example/receipt",
  refunds: [{
    externalId: ExternalId.make("re_1"),
    amount: { currency: "USD", minorUnits: 12_345_678_901_234_567_890n },
    state: "pending",
    at: noon
  }],
  disputes: [{ externalId: ExternalId.make("dp_1"), state: "won", openedAt: noon, closedAt: noon }]
})

export const paidOf = (purchaseId: PurchaseId, externalId: ExternalId = someMoney()): SubscriptionCommand => ({
  _tag: "Sync",
  snapshot: {
    purchaseId,
    observedAt: noon,
    subscription: providerSubscription({
      externalId: ExternalId.make(`sub_${purchaseId}`),
      anchor: noon,
      periodStart: noon,
      periodEnd: later(24 * 31),
      endsAt: later(24 * 31)
    }),
    payments: [moneyOf(externalId)]
  }
})

export const reasonOf = <A>(effect: Effect.Effect<A, BillingAccountConflict, SubscriptionRepository>) =>
  Effect.match(effect, { onSuccess: () => "kept", onFailure: ({ reason }) => reason._tag })

/** A user who has begun a purchase. */
export const buyer = Effect.fnUntraced(function*(method: "stripe" | "web3" = "stripe") {
  const { append } = yield* SubscriptionRepository
  const { id } = yield* signUp()
  const purchaseId = newPurchase()
  const step = stepOf(emptyBillingAccount(id), createOf(purchaseId, method))
  yield* append(step)
  return { id, purchaseId, account: step.account }
})
