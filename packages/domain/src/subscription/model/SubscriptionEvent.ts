/**
 * The events of a billing account. The time, the number and the cause of an event are in its record.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { Authorization, AuthorizationEnd, ChargeFault } from "./Authorization.ts"
import { BillingAccount } from "./BillingAccount.ts"
import { refusableIntents } from "./BillingIntent.ts"
import { Grant } from "./Grant.ts"
import { Membership } from "./Membership.ts"
import { Money } from "./Money.ts"
import { Checkout, Payment } from "./Payment.ts"
import { PlanTerms } from "./PlanTerms.ts"
import { Bytes32, Quote } from "./Quote.ts"
import { Ending, PendingChange, Subscription, Suspension } from "./Subscription.ts"
import { ExternalId, GrantId, PaymentId, PurchaseId } from "./SubscriptionIds.ts"
import { Transfer } from "./Transfer.ts"

const of = { purchaseId: PurchaseId }
const ended = { ...of, endedAt: Schema.DateTimeUtc }

/** The paid period. */
const period = {
  anchor: Schema.DateTimeUtc,
  periodStart: Schema.DateTimeUtc,
  paidThrough: Schema.DateTimeUtc
}

export const SubscriptionEvent = Schema.TaggedUnion({
  SubscriptionCreated: { subscription: Subscription, payment: Payment },
  MembershipCreated: { membership: Membership, payment: Payment },
  CheckoutOpened: { paymentId: PaymentId, checkout: Checkout },
  /** Another purchase replaced a purchase that was never paid. */
  Superseded: of,
  /** The checkout was not paid in time. */
  CheckoutExpired: of,
  /** A further payment of a purchase is due: a renewal, or the difference of a change. */
  PaymentRequested: { payment: Payment },
  PaymentQuoted: { paymentId: PaymentId, quote: Quote },
  /**
   * The first payment was made and has not arrived yet, as with a bank debit. `transactionHash`: the user names the
   * transaction that pays.
   */
  PaymentSubmitted: { paymentId: PaymentId, transactionHash: Schema.optionalKey(Bytes32) },
  /** A block has the transfer that pays. `provisional`: the payment gives access before it is settled. */
  PaymentConfirming: {
    paymentId: PaymentId,
    transfer: Transfer,
    provisional: Schema.optionalKey(Schema.Literal(true))
  },
  /** A reorganisation took the transfer out of the chain before the payment was settled. */
  PaymentDropped: { paymentId: PaymentId },
  /** Absent `credit`: nothing is left. Absent `debt`: nothing is owed. */
  WalletCreditChanged: {
    credit: Schema.optionalKey(Money),
    debt: Schema.optionalKey(Money),
    cause: Schema.Literals(["overpaid", "superfluous", "used", "returned", "reversed"]),
    paymentId: Schema.optionalKey(PaymentId)
  },
  /** A payment arrived. `expected`: the amount of the plan, if the payment has another amount. */
  PaymentRecorded: { payment: Payment, expected: Schema.optionalKey(Money) },
  /** The refunds, the disputes or the receipt of a payment have changed. */
  PaymentChanged: { payment: Payment },
  /** `activatedAt`: the time of the payment, which may be known later. */
  Activated: { ...of, ...period, activatedAt: Schema.DateTimeUtc, externalId: Schema.optionalKey(ExternalId) },
  MembershipActivated: of,
  /** A payment arrived for a purchase that had ended: it is refunded (`returned`), or it activates the purchase. */
  LatePayment: { ...of, paymentId: PaymentId, returned: Schema.Boolean },
  /** A further period is paid. */
  Renewed: { ...of, ...period, recovered: Schema.Boolean },
  /** The period of the provider differs from the period known here. */
  PeriodCorrected: { ...of, ...period },
  ChargeFailed: { ...of, unpaid: Schema.Boolean, invoiceUrl: Schema.optionalKey(Schema.String) },
  /** The customer's balance at the provider has changed. Without `credit` the balance is zero. */
  CreditChanged: { ...of, credit: Schema.optionalKey(Money) },
  /** The missing payment was made or waived, without a new period. */
  Recovered: of,
  /** A deadline has passed, and only the provider knows the outcome. */
  SyncRequested: { ...of, deadline: Schema.DateTimeUtc },
  CancelScheduled: { ...of, ending: Ending },
  CancelUndone: of,
  /** The purchase was ended at once: by the user, by an administrator, or because the user was deleted. */
  Cancelled: ended,
  /** A cancelled subscription has reached its end, or the provider has ended it. */
  Ended: ended,
  /** The paid period is over and no payment was made for another one. */
  Expired: ended,
  /** The provider is told to end the subscription unless the open invoice was paid: after the grace, or on cancellation. */
  CollectionStopped: of,
  ChangeRequested: { ...of, change: PendingChange },
  ChangeScheduled: { ...of, change: PendingChange },
  /** `since`: the start of the new plan, which may be known later. */
  Changed: { ...of, terms: PlanTerms, since: Schema.optionalKey(Schema.DateTimeUtc) },
  ChangeLapsed: of,
  ChangeUndone: of,
  RefundRequested: { ...of, paymentId: PaymentId },
  Refunded: { ...of, paymentId: PaymentId },
  PartialRefund: { ...of, paymentId: PaymentId, amount: Money },
  RefundFailed: { ...of, paymentId: PaymentId },
  Suspended: { ...of, suspension: Suspension },
  Restored: of,
  /** The dispute was lost, or the chain did not include the payment again. */
  Revoked: { ...of, cause: Schema.Literals(["dispute", "reorg"]) },
  /** A dispute about a payment that does not pay for the current period. */
  DisputeRecorded: { ...of, paymentId: PaymentId },
  PaymentReversed: { paymentId: PaymentId },
  PaymentRestored: { paymentId: PaymentId },
  /** The membership comes from a token in a linked wallet, without a purchase here. */
  MembershipClaimed: { membership: Membership },
  /** The token moved to a wallet of another user, and the membership with it. */
  MembershipMoved: { ...of, to: UserId },
  /** The token moved to an unknown wallet, or its wallet was unlinked. */
  MembershipReleased: of,
  Granted: { grant: Grant },
  GrantRevoked: { grantId: GrantId },
  /** The end is `days` days away. */
  ReminderDue: { ...of, endsAt: Schema.DateTimeUtc, days: Schema.Int },
  RenewalAuthorized: { ...of, authorization: Authorization },
  AuthorizationEnded: { ...of, cause: AuthorizationEnd },
  /** The renewal at `endsAt` would fail: the user has to act, or to renew by hand. */
  RenewalWarned: { ...of, reason: ChargeFault, endsAt: Schema.DateTimeUtc },
  /** The user was deleted at `leftAt`; billing has ended. */
  BillingEnded: { leftAt: Schema.optionalKey(Schema.DateTimeUtc) },
  /** The account was merged into the account of another user. */
  MergedOut: { to: UserId },
  /** The account of another user was merged into this account. */
  MergedIn: { account: BillingAccount },
  /** The provider refused an intent. The consequences are events of their own. */
  IntentRefused: { ...of, intent: Schema.Literals(refusableIntents) },
  /** The account follows this observation of the provider. */
  Synced: { ...of, observedAt: Schema.DateTimeUtc }
})
export type SubscriptionEvent = typeof SubscriptionEvent.Type
export type SubscriptionEventOf<Tag extends SubscriptionEvent["_tag"]> = Extract<
  SubscriptionEvent,
  { readonly _tag: Tag }
>

/** The events of one purchase. */
export type PurchaseEvent = Extract<SubscriptionEvent, { readonly purchaseId: PurchaseId }>

/** The cause of an event. */
export const SubscriptionCause = Schema.TaggedUnion({
  User: {},
  /** An administrator of the installation. */
  Admin: { actor: Schema.String.check(Schema.isMaxLength(200)), reason: Schema.String.check(Schema.isMaxLength(500)) },
  Provider: { observedAt: Schema.DateTimeUtc },
  Payment: { externalId: ExternalId },
  /** A deadline. */
  Clock: {}
})
export type SubscriptionCause = typeof SubscriptionCause.Type

export const SubscriptionRecord = Schema.Struct({
  /** From 1, gapless per account. */
  seq: Schema.Int,
  at: Schema.DateTimeUtc,
  event: SubscriptionEvent,
  cause: SubscriptionCause
})
export type SubscriptionRecord = typeof SubscriptionRecord.Type
