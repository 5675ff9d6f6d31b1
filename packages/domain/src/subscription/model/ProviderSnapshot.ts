/**
 * An observation of one purchase at the payment provider: everything that the rules follow.
 */
import { Schema } from "effect"
import { Money } from "./Money.ts"
import { Dispute, PaymentKind, Refund } from "./Payment.ts"
import { PlanTerms } from "./PlanTerms.ts"
import { ExternalId, PaymentId, PurchaseId } from "./SubscriptionIds.ts"

/** Stripe's statuses of a subscription (https://docs.stripe.com/api/subscriptions/object); any other is `unknown`. */
export const ProviderStatus = Schema.Literals([
  "incomplete",
  "incomplete_expired",
  "trialing",
  "active",
  "past_due",
  "unpaid",
  "canceled",
  "paused",
  "unknown"
])
export type ProviderStatus = typeof ProviderStatus.Type

/** A payment, with its refunds and disputes. */
export const ProviderPayment = Schema.Struct({
  /** The id of the payment in dchat, generated for a new payment. */
  id: PaymentId,
  externalId: ExternalId,
  paymentIntent: Schema.optionalKey(ExternalId),
  kind: PaymentKind,
  amount: Money,
  paidAt: Schema.DateTimeUtc,
  /** The paid period; absent for a lifetime membership. */
  periodStart: Schema.optionalKey(Schema.DateTimeUtc),
  periodEnd: Schema.optionalKey(Schema.DateTimeUtc),
  receiptUrl: Schema.optionalKey(Schema.String),
  /** The part of the price that the rest of earlier payments, or a credit, has covered. */
  counted: Schema.optionalKey(Money),
  refunds: Schema.Array(Refund),
  disputes: Schema.Array(Dispute)
})
export type ProviderPayment = typeof ProviderPayment.Type

export const ProviderSubscription = Schema.Struct({
  externalId: ExternalId,
  status: ProviderStatus,
  /** The current plan; absent if the price is not in the catalogue. */
  terms: Schema.optionalKey(PlanTerms),
  anchor: Schema.DateTimeUtc,
  periodStart: Schema.DateTimeUtc,
  periodEnd: Schema.DateTimeUtc,
  /** Set if the subscription does not renew. */
  endsAt: Schema.optionalKey(Schema.DateTimeUtc),
  endedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** The subscription ended because of an unpaid invoice. */
  endedUnpaid: Schema.Boolean,
  /** A change that waits for its invoice to be paid. */
  pendingUpdate: Schema.optionalKey(
    Schema.Struct({ terms: Schema.optionalKey(PlanTerms), expiresAt: Schema.DateTimeUtc })
  ),
  /** A change with the next period. */
  scheduled: Schema.optionalKey(Schema.Struct({ terms: Schema.optionalKey(PlanTerms), at: Schema.DateTimeUtc })),
  /** The balance of the customer, which counts towards the next invoices. */
  credit: Schema.optionalKey(Money),
  /** The unpaid invoice, and its payment page. */
  openInvoice: Schema.optionalKey(Schema.Struct({ externalId: ExternalId, url: Schema.optionalKey(Schema.String) }))
})
export type ProviderSubscription = typeof ProviderSubscription.Type

export const ProviderSnapshot = Schema.Struct({
  purchaseId: PurchaseId,
  /** The time before the first request to the provider. */
  observedAt: Schema.DateTimeUtc,
  checkout: Schema.optionalKey(Schema.Struct({
    sessionId: ExternalId,
    state: Schema.Literals(["open", "complete", "expired"])
  })),
  subscription: Schema.optionalKey(ProviderSubscription),
  payments: Schema.Array(ProviderPayment)
})
export type ProviderSnapshot = typeof ProviderSnapshot.Type
