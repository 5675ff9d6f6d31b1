/**
 * The commands of a billing account. Ids, prices and observations of the provider are arguments.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { AuthorizationEnd, AuthorizationTerms, ChargeFault } from "./Authorization.ts"
import { BillingAccount } from "./BillingAccount.ts"
import { BillingIntent } from "./BillingIntent.ts"
import { Grant } from "./Grant.ts"
import { Money } from "./Money.ts"
import { Checkout } from "./Payment.ts"
import { LifetimeTerms, PlanTerms } from "./PlanTerms.ts"
import { ProviderPayment, ProviderSnapshot } from "./ProviderSnapshot.ts"
import { Bytes32, Quote } from "./Quote.ts"
import { PaymentMethod } from "./Subscription.ts"
import { ExternalId, GrantId, PaymentId, PurchaseId } from "./SubscriptionIds.ts"
import { Transfer, TransferStage } from "./Transfer.ts"

/** `closed`: the pending purchase whose checkout was closed at the provider before this command. */
const purchase = {
  purchaseId: PurchaseId,
  paymentId: PaymentId,
  method: PaymentMethod,
  closed: Schema.optionalKey(PurchaseId)
}

/** `admin`: by an administrator, for whom fewer rules hold. */
const admin = Schema.optionalKey(Schema.Literal(true))

export const SubscriptionCommand = Schema.TaggedUnion({
  Create: { ...purchase, terms: PlanTerms, autoRenew: Schema.Boolean },
  /** As `Create`, for a user whose subscription has ended. With the same method it renews as the last one did. */
  Renew: { ...purchase, terms: PlanTerms },
  CreateLifetime: { ...purchase, terms: LifetimeTerms },
  /** The provider has opened the page on which a payment can be made. */
  CheckoutOpened: { paymentId: PaymentId, checkout: Checkout },
  /** `confirmed`: the user knows that an immediate cancellation gives no refund. */
  Cancel: {
    when: Schema.Literals(["period_end", "now"]),
    /** The purchase to cancel. Defaults to the subscription, if there is one. */
    purchaseId: Schema.optionalKey(PurchaseId),
    confirmed: Schema.optionalKey(Schema.Literal(true)),
    closed: Schema.optionalKey(PurchaseId),
    admin
  },
  UndoCancel: {},
  /**
   * Up at once, prorated as of `prorationDate`; down with the next period. `promised`: it was previewed as of then.
   * `paymentId`: for the difference, if dchat bills the subscription.
   */
  Change: {
    terms: PlanTerms,
    prorationDate: Schema.DateTimeUtc,
    promised: Schema.optionalKey(Schema.Literal(true)),
    paymentId: Schema.optionalKey(PaymentId)
  },
  UndoChange: {},
  /** Refunds a purchase. Defaults to the first purchase that can be refunded. */
  Refund: { purchaseId: Schema.optionalKey(PurchaseId), admin },
  /** The provider refused an intent. */
  IntentRefused: { purchaseId: PurchaseId, intent: BillingIntent },
  /** The provider has answered a question about a purchase. */
  Sync: { snapshot: ProviderSnapshot },
  /** A payment arrived for a purchase that is billed here. */
  PaymentSettled: { purchaseId: PurchaseId, payment: ProviderPayment },
  /** The chain dropped the block that included the payment. */
  PaymentReversed: { paymentId: PaymentId },
  /** The chain includes the payment again. */
  PaymentRestored: { paymentId: PaymentId },
  /** Offers an amount on a chain for a payment. */
  QuotePayment: { paymentId: PaymentId, quote: Quote },
  /** The user names the transaction that pays. */
  SubmitPayment: { paymentId: PaymentId, transactionHash: Bytes32 },
  /**
   * The chain has, or had, a transfer that may pay. `admitted`: the payment may give access before it is settled.
   * `assigned`: an administrator decided that the transfer pays, whatever the quote says.
   */
  FollowTransfer: {
    paymentId: PaymentId,
    transfer: Transfer,
    stage: TransferStage,
    admitted: Schema.optionalKey(Schema.Literal(true)),
    assigned: Schema.optionalKey(Schema.Literal(true))
  },
  /** An administrator sent a credit back to the user. */
  ReturnCredit: { amount: Money },
  /** An administrator sent a payment back to the user. */
  RecordRefund: { paymentId: PaymentId, externalId: ExternalId },
  /** The user lets dchat charge the renewals of the live subscription. */
  AuthorizeRenewal: { terms: AuthorizationTerms },
  RevokeAuthorization: { cause: AuthorizationEnd },
  /** The next charge would fail now. */
  WarnRenewal: { purchaseId: PurchaseId, reason: ChargeFault },
  GiveGrant: { grant: Grant },
  RevokeGrant: { grantId: GrantId },
  /** A linked wallet has the token, whether it came there or the wallet was linked. */
  HoldToken: { purchaseId: PurchaseId, terms: LifetimeTerms, token: ExternalId },
  /** The token went to a wallet that is linked to `to`, or to an unknown one; or its wallet was unlinked. */
  TokenGone: { token: ExternalId, to: Schema.optionalKey(UserId) },
  /** The user is merged into another user. */
  MergeOut: { to: UserId },
  /** Another user is merged into this user. `account` is the account of the other user. */
  MergeIn: { account: BillingAccount },
  /** The user was deleted at `leftAt`: billing ends, and later payments are refunded. */
  EndBilling: { leftAt: Schema.DateTimeUtc },
  /** Applies every deadline that has passed. */
  Tick: {}
})
export type SubscriptionCommand = typeof SubscriptionCommand.Type
type Commands = { readonly [Command in SubscriptionCommand as Command["_tag"]]: Command }
export type SubscriptionCommandOf<Tag extends SubscriptionCommand["_tag"]> = { readonly _tag: Tag } & Commands[Tag]
