/**
 * What the payment provider says of one purchase at one moment: everything the rules follow, and nothing else.
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

/** Money that came, with all that became of it. */
export const ProviderPayment = Schema.Struct({
  /** Ours, made for it where it is new. */
  id: PaymentId,
  externalId: ExternalId,
  paymentIntent: Schema.optionalKey(ExternalId),
  kind: PaymentKind,
  amount: Money,
  paidAt: Schema.DateTimeUtc,
  /** The period that it pays; none for a lifetime. */
  periodStart: Schema.optionalKey(Schema.DateTimeUtc),
  periodEnd: Schema.optionalKey(Schema.DateTimeUtc),
  receiptUrl: Schema.optionalKey(Schema.String),
  /** What was left of earlier payments, or was a credit, and counted against its price. */
  counted: Schema.optionalKey(Money),
  refunds: Schema.Array(Refund),
  disputes: Schema.Array(Dispute)
})
export type ProviderPayment = typeof ProviderPayment.Type

export const ProviderSubscription = Schema.Struct({
  externalId: ExternalId,
  status: ProviderStatus,
  /** Its plan now; none where the price is not one of the catalogue's. */
  terms: Schema.optionalKey(PlanTerms),
  anchor: Schema.DateTimeUtc,
  periodStart: Schema.DateTimeUtc,
  periodEnd: Schema.DateTimeUtc,
  /** Set when it will not go on. */
  endsAt: Schema.optionalKey(Schema.DateTimeUtc),
  endedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** It was ended for an invoice that was not paid, by the provider itself or because it was told to. */
  endedUnpaid: Schema.Boolean,
  /** A change that waits for its invoice to be paid. */
  pendingUpdate: Schema.optionalKey(
    Schema.Struct({ terms: Schema.optionalKey(PlanTerms), expiresAt: Schema.DateTimeUtc })
  ),
  /** A change with the next period. */
  scheduled: Schema.optionalKey(Schema.Struct({ terms: Schema.optionalKey(PlanTerms), at: Schema.DateTimeUtc })),
  /** What the provider owes whoever pays, and counts against their next invoices. */
  credit: Schema.optionalKey(Money),
  /** An invoice that waits to be paid, and its page. */
  openInvoice: Schema.optionalKey(Schema.Struct({ externalId: ExternalId, url: Schema.optionalKey(Schema.String) }))
})
export type ProviderSubscription = typeof ProviderSubscription.Type

export const ProviderSnapshot = Schema.Struct({
  purchaseId: PurchaseId,
  /** When the provider began to be asked. */
  observedAt: Schema.DateTimeUtc,
  checkout: Schema.optionalKey(Schema.Struct({
    sessionId: ExternalId,
    state: Schema.Literals(["open", "complete", "expired"])
  })),
  subscription: Schema.optionalKey(ProviderSubscription),
  payments: Schema.Array(ProviderPayment)
})
export type ProviderSnapshot = typeof ProviderSnapshot.Type
