/**
 * What happens in an account. Facts only; the time, the number and the cause are in the record of the event.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { BillingAccount } from "./BillingAccount.ts"
import { refusableIntents } from "./BillingIntent.ts"
import { Grant } from "./Grant.ts"
import { Membership } from "./Membership.ts"
import { Money } from "./Money.ts"
import { Checkout, Payment } from "./Payment.ts"
import { PlanTerms } from "./PlanTerms.ts"
import { Ending, PendingChange, Subscription, Suspension } from "./Subscription.ts"
import { ExternalId, GrantId, PaymentId, PurchaseId } from "./SubscriptionIds.ts"

const of = { purchaseId: PurchaseId }
const ended = { ...of, endedAt: Schema.DateTimeUtc }

/** From which money to which the period went. */
const period = {
  anchor: Schema.DateTimeUtc,
  periodStart: Schema.DateTimeUtc,
  paidThrough: Schema.DateTimeUtc
}

export const SubscriptionEvent = Schema.TaggedUnion({
  SubscriptionCreated: { subscription: Subscription, payment: Payment },
  MembershipCreated: { membership: Membership, payment: Payment },
  CheckoutOpened: { paymentId: PaymentId, checkout: Checkout },
  /** Another purchase took the place of one that was never paid. */
  Superseded: of,
  /** Nobody paid in time. */
  CheckoutExpired: of,
  /** The first payment is on its way, as with a bank debit: made, not here yet. */
  PaymentSubmitted: { paymentId: PaymentId },
  /** Money came. `expected`: what was asked for, where it differs. */
  PaymentRecorded: { payment: Payment, expected: Schema.optionalKey(Money) },
  /** Refunds, disputes or the receipt of a payment are others now. */
  PaymentChanged: { payment: Payment },
  /** `activatedAt`: when it was paid, however late that was noticed. */
  Activated: { ...of, ...period, activatedAt: Schema.DateTimeUtc, externalId: Schema.optionalKey(ExternalId) },
  MembershipActivated: of,
  /** Money came for something that had ended without it: `returned`, or the purchase began after all. */
  LatePayment: { ...of, paymentId: PaymentId, returned: Schema.Boolean },
  /** A further period is paid. */
  Renewed: { ...of, ...period, recovered: Schema.Boolean },
  /** The provider's period is another than ours was. */
  PeriodCorrected: { ...of, ...period },
  ChargeFailed: { ...of, unpaid: Schema.Boolean, invoiceUrl: Schema.optionalKey(Schema.String) },
  /** The provider owes whoever pays another amount than before; nothing, where there is none. */
  CreditChanged: { ...of, credit: Schema.optionalKey(Money) },
  /** What was owed is paid or forgiven, without a new period. */
  Recovered: of,
  /** A deadline passed that only the provider can decide. */
  SyncRequested: { ...of, deadline: Schema.DateTimeUtc },
  CancelScheduled: { ...of, ending: Ending },
  CancelUndone: of,
  /** The user ended it at once, or an administrator, or nobody owns it any more. */
  Cancelled: ended,
  /** It was flagged, and its end has come; or the provider ended it. */
  Ended: ended,
  /** The paid time is over and nothing was paid for more. */
  Expired: ended,
  /** The provider is told to end it unless what is owed was paid: after the grace, or because that is wanted. */
  CollectionStopped: of,
  ChangeRequested: { ...of, change: PendingChange },
  ChangeScheduled: { ...of, change: PendingChange },
  /** `since`: when the new plan began, however late that was noticed. */
  Changed: { ...of, terms: PlanTerms, since: Schema.optionalKey(Schema.DateTimeUtc) },
  ChangeLapsed: of,
  ChangeUndone: of,
  RefundRequested: { ...of, paymentId: PaymentId },
  Refunded: { ...of, paymentId: PaymentId },
  PartialRefund: { ...of, paymentId: PaymentId, amount: Money },
  RefundFailed: { ...of, paymentId: PaymentId },
  Suspended: { ...of, suspension: Suspension },
  Restored: of,
  /** The dispute is lost, or the chain never took the payment again. */
  Revoked: { ...of, cause: Schema.Literals(["dispute", "reorg"]) },
  /** A dispute about money that pays for no current period. */
  DisputeRecorded: { ...of, paymentId: PaymentId },
  PaymentReversed: { paymentId: PaymentId },
  PaymentRestored: { paymentId: PaymentId },
  /** Held by a token, without being bought here. */
  MembershipClaimed: { membership: Membership },
  /** The token by which it is held went to somebody else's wallet, and the membership with it. */
  MembershipMoved: { ...of, to: UserId },
  /** The token went to a wallet of nobody we know, or its wallet was unlinked: whoever links that one has it. */
  MembershipReleased: of,
  Granted: { grant: Grant },
  GrantRevoked: { grantId: GrantId },
  /** The end is `days` days away. */
  ReminderDue: { ...of, endsAt: Schema.DateTimeUtc, days: Schema.Int },
  /** Nothing is billed any more. */
  /** The owner of the account has deleted it, at `leftAt`. */
  BillingEnded: { leftAt: Schema.optionalKey(Schema.DateTimeUtc) },
  /** The person became part of another, who has everything now. */
  MergedOut: { to: UserId },
  /** Everything that somebody had who became part of this person. */
  MergedIn: { account: BillingAccount },
  /** The provider will not do what it was told. What else follows from that has events of its own. */
  IntentRefused: { ...of, intent: Schema.Literals(refusableIntents) },
  /** What the provider said then is taken in. */
  Synced: { ...of, observedAt: Schema.DateTimeUtc }
})
export type SubscriptionEvent = typeof SubscriptionEvent.Type
export type SubscriptionEventOf<Tag extends SubscriptionEvent["_tag"]> = Extract<
  SubscriptionEvent,
  { readonly _tag: Tag }
>

/** Because of what an event happened. */
export const SubscriptionCause = Schema.TaggedUnion({
  User: {},
  /** Somebody who runs the installation. */
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
