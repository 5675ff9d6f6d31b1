/**
 * What can be asked of an account. Ids, prices and what the provider said come as arguments.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { BillingAccount } from "./BillingAccount.ts"
import { BillingIntent } from "./BillingIntent.ts"
import { Grant } from "./Grant.ts"
import { Checkout } from "./Payment.ts"
import { LifetimeTerms, PlanTerms } from "./PlanTerms.ts"
import { ProviderPayment, ProviderSnapshot } from "./ProviderSnapshot.ts"
import { PaymentMethod } from "./Subscription.ts"
import { ExternalId, GrantId, PaymentId, PurchaseId } from "./SubscriptionIds.ts"

/** `closed`: the pending purchase whose checkout was closed at the provider for this, so that nobody pays it any more. */
const purchase = {
  purchaseId: PurchaseId,
  paymentId: PaymentId,
  method: PaymentMethod,
  closed: Schema.optionalKey(PurchaseId)
}

/** `admin`: by an administrator, who is bound by fewer rules. */
const admin = Schema.optionalKey(Schema.Literal(true))

export const SubscriptionCommand = Schema.TaggedUnion({
  Create: { ...purchase, terms: PlanTerms, autoRenew: Schema.Boolean },
  /** As `Create`, for somebody whose subscription has ended. */
  Renew: { ...purchase, terms: PlanTerms, autoRenew: Schema.Boolean },
  CreateLifetime: { ...purchase, terms: LifetimeTerms },
  /** The provider has opened the page on which a payment can be made. */
  CheckoutOpened: { paymentId: PaymentId, checkout: Checkout },
  /** `confirmed`: knows that cancelling now gives nothing back. */
  Cancel: {
    when: Schema.Literals(["period_end", "now"]),
    /** Which of several; the subscription, where there is one, if it is left out. */
    purchaseId: Schema.optionalKey(PurchaseId),
    confirmed: Schema.optionalKey(Schema.Literal(true)),
    closed: Schema.optionalKey(PurchaseId),
    admin
  },
  UndoCancel: {},
  /** Up at once, prorated as of `prorationDate`; down with the next period. `promised`: it was previewed as of then. */
  Change: { terms: PlanTerms, prorationDate: Schema.DateTimeUtc, promised: Schema.optionalKey(Schema.Literal(true)) },
  UndoChange: {},
  /** Gives back what was paid for a purchase: the one that is named, or else the first that can be given back. */
  Refund: { purchaseId: Schema.optionalKey(PurchaseId), admin },
  /** The provider will not do what it was told. */
  IntentRefused: { purchaseId: PurchaseId, intent: BillingIntent },
  /** The provider was asked about a purchase. */
  Sync: { snapshot: ProviderSnapshot },
  /** Money came for a purchase that we bill ourselves. */
  PaymentSettled: { purchaseId: PurchaseId, payment: ProviderPayment },
  /** The chain dropped the block in which a payment was. */
  PaymentReversed: { paymentId: PaymentId },
  /** The payment is in the chain again. */
  PaymentRestored: { paymentId: PaymentId },
  GiveGrant: { grant: Grant },
  RevokeGrant: { grantId: GrantId },
  /** A linked wallet has the token, whether it came there or the wallet was linked. */
  HoldToken: { purchaseId: PurchaseId, terms: LifetimeTerms, token: ExternalId },
  /** The token went to a wallet that is linked to `to`, or to an unknown one; or its wallet was unlinked. */
  TokenGone: { token: ExternalId, to: Schema.optionalKey(UserId) },
  /** The person becomes part of another. */
  MergeOut: { to: UserId },
  /** Somebody becomes part of this person, with everything that they have. */
  MergeIn: { account: BillingAccount },
  /** The person has deleted the account at `leftAt`: nothing is billed any more, and what was paid since goes back. */
  EndBilling: { leftAt: Schema.DateTimeUtc },
  /** Applies every deadline that is due. */
  Tick: {}
})
export type SubscriptionCommand = typeof SubscriptionCommand.Type
export type SubscriptionCommandOf<Tag extends SubscriptionCommand["_tag"]> = Extract<
  SubscriptionCommand,
  { readonly _tag: Tag }
>
