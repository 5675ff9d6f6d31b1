/**
 * The instructions to the payment provider. An intent is complete when it is stored, so that a retry sends the same.
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
  /** Closes the payment page of a withdrawn purchase. Without `sessionId`, the answer to the opening was lost. */
  CloseCheckout: { sessionId: Schema.optionalKey(ExternalId) },
  /** Ends the subscription with the period, which the user was told ends at `endsAt`. */
  CancelAtPeriodEnd: { ...subscription, endsAt: Schema.optionalKey(Schema.DateTimeUtc) },
  /** Ends the subscription now, without a last invoice or proration. `ifUnpaid`: unless the open invoice was paid. */
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
  /** Drops a pending change of plan. */
  ReleaseChange: subscription,
  Refund: { paymentId: PaymentId, paymentIntent: ExternalId, amount: Money },
  /** Voids the open invoice of a subscription that is over. */
  VoidOpenInvoice: subscription
})
export type BillingIntent = typeof BillingIntent.Type

/** Requests of users that take effect only if the provider carries them out; a refusal is reported to the user. */
export const refusableIntents = [
  "CancelAtPeriodEnd",
  "UndoCancel",
  "ChangeUp",
  "ChangeDown",
  "ReleaseChange",
  "Refund"
] as const satisfies ReadonlyArray<BillingIntent["_tag"]>

/** An intent for a purchase. The intents of one purchase are sent in order. */
export interface PurchaseIntent {
  readonly purchaseId: PurchaseId
  readonly intent: BillingIntent
}
