/**
 * The purchases, payments and grants of one user. The rules decide on an account as a whole.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { Grant } from "./Grant.ts"
import { Membership } from "./Membership.ts"
import { Money } from "./Money.ts"
import { Payment } from "./Payment.ts"
import { Tier } from "./PlanTerms.ts"
import { isLive, isOpen, Subscription } from "./Subscription.ts"
import type { PaymentId, PurchaseId } from "./SubscriptionIds.ts"

export const BillingAccount = Schema.Struct({
  userId: UserId,
  /** Counts the events. */
  version: Schema.Int,
  /** In the order of their creation. */
  subscriptions: Schema.Array(Subscription),
  memberships: Schema.Array(Membership),
  grants: Schema.Array(Grant),
  payments: Schema.Array(Payment),
  /** The tiers in which the user has had a refund. */
  refundedTiers: Schema.Array(Tier),
  /** Money that arrived on a chain and paid for nothing yet. The next quote uses the credit. */
  walletCredit: Schema.optionalKey(Money),
  /** A credit that was used before a reorganisation took back the money behind the credit. The next credit pays the debt. */
  walletDebt: Schema.optionalKey(Money),
  /** The newest observation of the provider that each purchase has followed. */
  observed: Schema.Record(Schema.String, Schema.DateTimeUtc),
  /** The user was deleted: a late payment activates no purchase, unless the user starts another purchase. */
  closed: Schema.optionalKey(Schema.Literal(true)),
  /** The time of the deletion: later payments are refunded. */
  leftAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** Time does not run backwards within an account. */
  updatedAt: Schema.optionalKey(Schema.DateTimeUtc)
})
export type BillingAccount = typeof BillingAccount.Type

/** The account of a user without any purchase. */
export const emptyBillingAccount = (userId: UserId): BillingAccount => ({
  userId,
  version: 0,
  subscriptions: [],
  memberships: [],
  grants: [],
  payments: [],
  refundedTiers: [],
  observed: {}
})

export const openSubscription = ({ subscriptions }: BillingAccount): Subscription | undefined =>
  subscriptions.find(isOpen)

export const liveSubscription = ({ subscriptions }: BillingAccount): Subscription | undefined =>
  subscriptions.find(isLive)

export const pendingMembership = ({ memberships }: BillingAccount): Membership | undefined =>
  memberships.find(({ state }) => state === "pending")

export const subscriptionOf = ({ subscriptions }: BillingAccount, id: PurchaseId): Subscription | undefined =>
  subscriptions.find((it) => it.id === id)

export const membershipOf = ({ memberships }: BillingAccount, id: PurchaseId): Membership | undefined =>
  memberships.find((it) => it.id === id)

export const paymentOf = ({ payments }: BillingAccount, id: PaymentId): Payment | undefined =>
  payments.find((it) => it.id === id)

/** In the order of their creation. */
export const paymentsOf = ({ payments }: BillingAccount, id: PurchaseId): ReadonlyArray<Payment> =>
  payments.filter(({ purchaseId }) => purchaseId === id)
