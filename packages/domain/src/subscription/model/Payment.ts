/**
 * A payment, its refunds and its disputes.
 */
import { Schema } from "effect"
import { Money } from "./Money.ts"
import { PlanTerms } from "./PlanTerms.ts"
import { Bytes32, Quote } from "./Quote.ts"
import { PaymentMethod } from "./Subscription.ts"
import { ExternalId, PaymentId, PurchaseId } from "./SubscriptionIds.ts"
import { Transfer } from "./Transfer.ts"

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

/** The purpose: the first period, a further period, the difference of a change, or a lifetime membership. */
export const PaymentKind = Schema.Literals(["first", "renewal", "change", "lifetime"])
export type PaymentKind = typeof PaymentKind.Type

/** The provider's payment page. */
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
  /** The quoted amount, or the paid amount once the payment has arrived. */
  amount: Money,
  createdAt: Schema.DateTimeUtc,
  /** The provider's invoice or payment intent, or the transfer on a chain. Unique among all payments. */
  externalId: Schema.optionalKey(ExternalId),
  /** The provider's payment intent, needed for a refund. */
  paymentIntent: Schema.optionalKey(ExternalId),
  paidAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** The paid period. */
  periodStart: Schema.optionalKey(Schema.DateTimeUtc),
  periodEnd: Schema.optionalKey(Schema.DateTimeUtc),
  checkout: Schema.optionalKey(Checkout),
  receiptUrl: Schema.optionalKey(Schema.String),
  /** The offers of a payment on a chain, oldest first. Each one can be paid until its time limit. */
  quotes: Schema.optionalKey(Schema.Array(Quote)),
  /** The transaction that the user named. A hint only: the transfer decides. */
  transactionHash: Schema.optionalKey(Bytes32),
  /** The transfer that pays. */
  transfer: Schema.optionalKey(Transfer),
  /** The payment gives access before it is settled. */
  provisional: Schema.optionalKey(Schema.Literal(true)),
  /** The plan for which a renewal on a chain pays. */
  terms: Schema.optionalKey(PlanTerms),
  /**
   * The plan of a payment for a change, and until when the change can be paid. `paidThrough`: the end of the paid periods
   * whose rest counted towards the price.
   */
  change: Schema.optionalKey(
    Schema.Struct({ terms: PlanTerms, until: Schema.DateTimeUtc, paidThrough: Schema.optionalKey(Schema.DateTimeUtc) })
  ),
  /** The part of the price that the rest of earlier payments, or a credit, has covered. A refund includes it. */
  counted: Schema.optionalKey(Money),
  refunds: Schema.Array(Refund),
  disputes: Schema.Array(Dispute),
  reason: Schema.optionalKey(Schema.String)
})
export type Payment = typeof Payment.Type

/** A payment that no transfer pays yet. */
export const isUnpaid = ({ state }: Payment): boolean => state === "quoted" || state === "submitted"

/** The amount that was refunded. */
export const refundedUnits = ({ refunds }: Payment): bigint =>
  refunds.reduce((sum, { amount, state }) => state === "succeeded" ? sum + amount.minorUnits : sum, 0n)

export const isFullyRefunded = (payment: Payment): boolean =>
  payment.amount.minorUnits > 0n && refundedUnits(payment) >= payment.amount.minorUnits
