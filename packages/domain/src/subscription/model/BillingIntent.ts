/**
 * What has to reach the payment provider: complete as it is written down, so that saying it again says the same.
 */
import { Schema } from "effect"
import { Money } from "./Money.ts"
import { LifetimeTerms, PlanTerms } from "./PlanTerms.ts"
import { ExternalId, PaymentId, type PurchaseId } from "./SubscriptionIds.ts"

const subscription = { externalId: ExternalId }

export const BillingIntent = Schema.TaggedUnion({
  /** Opens the page on which a purchase is paid for. */
  OpenCheckout: {
    paymentId: PaymentId,
    terms: Schema.Union([PlanTerms, LifetimeTerms]),
    mode: Schema.Literals(["subscription", "lifetime"]),
    expiresAt: Schema.DateTimeUtc
  },
  /** Closes the page of a purchase that is taken back; one of which the answer was lost, where there is no `sessionId`. */
  CloseCheckout: { sessionId: Schema.optionalKey(ExternalId) },
  /** Ends with the period, which was said to end at `endsAt`. */
  CancelAtPeriodEnd: { ...subscription, endsAt: Schema.optionalKey(Schema.DateTimeUtc) },
  /** Ends now, without a last invoice and without proration. `ifUnpaid`: unless what is owed was paid meanwhile. */
  CancelNow: { ...subscription, ifUnpaid: Schema.optionalKey(Schema.Literal(true)) },
  UndoCancel: subscription,
  /** Takes effect when the prorated invoice is paid; prorated as of `prorationDate`. `promised`: as of no other time. */
  ChangeUp: {
    ...subscription,
    terms: PlanTerms,
    prorationDate: Schema.DateTimeUtc,
    promised: Schema.optionalKey(Schema.Literal(true))
  },
  /** Takes effect with the next period. */
  ChangeDown: { ...subscription, terms: PlanTerms },
  /** Lets go of a change that waits, for its invoice to be paid or for the next period. */
  ReleaseChange: subscription,
  Refund: { paymentId: PaymentId, paymentIntent: ExternalId, amount: Money },
  /** What is owed for a subscription that is over is paid by nobody any more. */
  VoidOpenInvoice: subscription
})
export type BillingIntent = typeof BillingIntent.Type

/** What people ask for that comes about only if the provider does it: they are told when it does not. */
export const refusableIntents = [
  "CancelAtPeriodEnd",
  "UndoCancel",
  "ChangeUp",
  "ChangeDown",
  "ReleaseChange",
  "Refund"
] as const satisfies ReadonlyArray<BillingIntent["_tag"]>

/** An intent of a purchase. Those of one purchase go out in order. */
export interface PurchaseIntent {
  readonly purchaseId: PurchaseId
  readonly intent: BillingIntent
}
