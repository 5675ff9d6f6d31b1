/**
 * Money on its way to us, or that came, or that went back.
 */
import { Schema } from "effect"
import { Money } from "./Money.ts"
import { PaymentMethod } from "./Subscription.ts"
import { ExternalId, PaymentId, PurchaseId } from "./SubscriptionIds.ts"

/** `settled` may become `reversed`; `rejected`, `lapsed` and `reversed` are final. */
export const PaymentState = Schema.Literals([
  "quoted",
  "submitted",
  "confirming",
  "settled",
  "rejected",
  "lapsed",
  "reversed"
])
export type PaymentState = typeof PaymentState.Type

/** What it pays for: the beginning, a further period, the difference of a change, or a lifetime membership. */
export const PaymentKind = Schema.Literals(["first", "renewal", "change", "lifetime"])
export type PaymentKind = typeof PaymentKind.Type

/** The provider's page on which it can be paid. */
export const Checkout = Schema.Struct({
  sessionId: ExternalId,
  url: Schema.String,
  expiresAt: Schema.DateTimeUtc
})
export type Checkout = typeof Checkout.Type

export const Refund = Schema.Struct({
  externalId: ExternalId,
  amount: Money,
  state: Schema.Literals(["pending", "succeeded", "failed"]),
  at: Schema.DateTimeUtc
})
export type Refund = typeof Refund.Type

export const Dispute = Schema.Struct({
  externalId: ExternalId,
  state: Schema.Literals(["open", "won", "lost"]),
  openedAt: Schema.DateTimeUtc,
  closedAt: Schema.optionalKey(Schema.DateTimeUtc)
})
export type Dispute = typeof Dispute.Type

export const Payment = Schema.Struct({
  id: PaymentId,
  purchaseId: PurchaseId,
  kind: PaymentKind,
  method: PaymentMethod,
  state: PaymentState,
  /** What was asked for, or what was paid once it was. */
  amount: Money,
  createdAt: Schema.DateTimeUtc,
  /** Which money it is: the provider's invoice or payment intent, or the transfer on a chain. Used once. */
  externalId: Schema.optionalKey(ExternalId),
  /** By which it is refunded. */
  paymentIntent: Schema.optionalKey(ExternalId),
  paidAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** The period that it pays. */
  periodStart: Schema.optionalKey(Schema.DateTimeUtc),
  periodEnd: Schema.optionalKey(Schema.DateTimeUtc),
  checkout: Schema.optionalKey(Checkout),
  receiptUrl: Schema.optionalKey(Schema.String),
  /** What was left of earlier payments, or was a credit, and counted against its price: it goes back with this one. */
  counted: Schema.optionalKey(Money),
  refunds: Schema.Array(Refund),
  disputes: Schema.Array(Dispute),
  reason: Schema.optionalKey(Schema.String)
})
export type Payment = typeof Payment.Type

/** What of it came back to the payer. */
export const refundedUnits = ({ refunds }: Payment): bigint =>
  refunds.reduce((sum, { amount, state }) => state === "succeeded" ? sum + amount.minorUnits : sum, 0n)

export const isFullyRefunded = (payment: Payment): boolean =>
  payment.amount.minorUnits > 0n && refundedUnits(payment) >= payment.amount.minorUnits
