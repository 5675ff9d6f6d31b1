/**
 * Whole events of a billing account, as tests expect them: of the first purchase, PRO by the month, since `start`.
 */
import type { UserId } from "@dchat/domain/identity"
import type {
  Ending,
  EndingCause,
  Grant,
  GrantId,
  LifetimeTerms,
  Membership,
  Money,
  Payment,
  PaymentId,
  PaymentMethod,
  PendingChange,
  PlanTerms,
  ProviderPayment,
  Subscription,
  SubscriptionEvent,
  SubscriptionEventOf,
  Suspension
} from "@dchat/domain/subscription"
import { DateTime } from "effect"
import { external, monthOne, paymentId, proMonthly, purchaseId, start } from "./accounts.ts"

type At = DateTime.Utc

const lapsingAfter = (at: At) => DateTime.add(at, { hours: 23 })

/** The n-th payment before it is paid. */
const quoted = (
  n: number,
  createdAt: At,
  { kind, method, terms }: { readonly kind: "first" | "lifetime"; readonly method: PaymentMethod } & {
    readonly terms: LifetimeTerms
  }
): Payment => ({
  id: paymentId(n),
  purchaseId: purchaseId(n),
  kind,
  method,
  state: "quoted",
  amount: terms.price,
  createdAt,
  refunds: [],
  disputes: []
})

type Rest = Partial<Payment> & { readonly n?: number }

/** A payment for the n-th purchase that has arrived. First and lifetime payments were ordered at `start`. */
const paid = ({ id, ...money }: ProviderPayment, { n = 1, ...rest }: Rest): Payment => {
  const isOrdered = money.kind === "first" || money.kind === "lifetime"
  return {
    ...money,
    id: isOrdered ? paymentId(n) : id,
    purchaseId: purchaseId(n),
    method: "stripe",
    state: "settled",
    createdAt: isOrdered ? start : money.paidAt,
    ...rest
  }
}

export const subscriptionCreated = (n: number, createdAt: At, rest: Partial<Subscription> = {}): SubscriptionEvent => {
  const { method = "stripe", terms = proMonthly } = rest
  return {
    _tag: "SubscriptionCreated",
    subscription: {
      id: purchaseId(n),
      state: "pending",
      terms,
      method,
      biller: method === "stripe" ? "stripe" : "dchat",
      autoRenew: method === "stripe",
      createdAt,
      lapsesAt: lapsingAfter(createdAt),
      ...rest
    },
    payment: quoted(n, createdAt, { kind: "first", method, terms })
  }
}

export const membershipCreated = (
  n: number,
  createdAt: At,
  terms: LifetimeTerms,
  method: PaymentMethod = "stripe"
): SubscriptionEvent => ({
  _tag: "MembershipCreated",
  membership: { id: purchaseId(n), state: "pending", terms, method, createdAt, lapsesAt: lapsingAfter(createdAt) },
  payment: quoted(n, createdAt, { kind: "lifetime", method, terms })
})

/** `expected`: the amount of the plan, if the payment has another amount. */
export const paymentRecorded = (
  money: ProviderPayment,
  { expected, ...rest }: Rest & { readonly expected?: Money } = {}
): SubscriptionEvent => ({
  _tag: "PaymentRecorded",
  payment: paid(money, rest),
  ...(expected && { expected })
})

export const paymentChanged = (money: ProviderPayment, rest: Rest = {}): SubscriptionEvent => ({
  _tag: "PaymentChanged",
  payment: paid(money, rest)
})

export const paymentSubmitted = (n = 1): SubscriptionEvent => ({ _tag: "PaymentSubmitted", paymentId: paymentId(n) })

export const paymentReversed = (id: PaymentId = paymentId(1)): SubscriptionEvent => ({
  _tag: "PaymentReversed",
  paymentId: id
})

export const paymentRestored = (id: PaymentId = paymentId(1)): SubscriptionEvent => ({
  _tag: "PaymentRestored",
  paymentId: id
})

/** Events of the n-th purchase without further fields. */
const ofPurchase = <
  Tag extends
    | "Superseded"
    | "CheckoutExpired"
    | "MembershipActivated"
    | "MembershipReleased"
    | "Recovered"
    | "CancelUndone"
    | "CollectionStopped"
    | "ChangeLapsed"
    | "ChangeUndone"
    | "Restored"
>(_tag: Tag) =>
(n = 1) => ({ _tag, purchaseId: purchaseId(n) })

export const superseded = ofPurchase("Superseded")
export const checkoutExpired = ofPurchase("CheckoutExpired")
export const membershipActivated = ofPurchase("MembershipActivated")
export const membershipReleased = ofPurchase("MembershipReleased")
export const recovered = ofPurchase("Recovered")
export const cancelUndone = ofPurchase("CancelUndone")
export const collectionStopped = ofPurchase("CollectionStopped")
export const changeLapsed = ofPurchase("ChangeLapsed")
export const changeUndone = ofPurchase("ChangeUndone")
export const restored = ofPurchase("Restored")

/** The first month at Stripe. */
export const activated = (rest: Partial<SubscriptionEventOf<"Activated">> = {}): SubscriptionEvent => ({
  _tag: "Activated",
  purchaseId: purchaseId(1),
  activatedAt: start,
  anchor: start,
  periodStart: start,
  paidThrough: monthOne,
  externalId: external("sub_1"),
  ...rest
})

/** The first period of a purchase that is billed here. It starts with the payment. */
export const activatedByUs = (activatedAt: At, paidThrough: At): SubscriptionEvent => ({
  _tag: "Activated",
  purchaseId: purchaseId(1),
  activatedAt,
  anchor: activatedAt,
  periodStart: activatedAt,
  paidThrough
})

export const renewed = (
  periodStart: At,
  paidThrough: At,
  { anchor = start, recovered = false }: { readonly anchor?: At; readonly recovered?: boolean } = {}
): SubscriptionEvent => ({ _tag: "Renewed", purchaseId: purchaseId(1), anchor, periodStart, paidThrough, recovered })

export const periodCorrected = (anchor: At, periodStart: At, paidThrough: At): SubscriptionEvent => ({
  _tag: "PeriodCorrected",
  purchaseId: purchaseId(1),
  anchor,
  periodStart,
  paidThrough
})

/** `returned`: the payment is refunded, and activates nothing. */
export const latePayment = (returned: boolean, id: PaymentId = paymentId(1), n = 1): SubscriptionEvent => ({
  _tag: "LatePayment",
  purchaseId: purchaseId(n),
  paymentId: id,
  returned
})

export const chargeFailed = (invoiceUrl?: string, unpaid = false): SubscriptionEvent => ({
  _tag: "ChargeFailed",
  purchaseId: purchaseId(1),
  unpaid,
  ...(invoiceUrl !== undefined && { invoiceUrl })
})

export const creditChanged = (credit?: Money): SubscriptionEvent => ({
  _tag: "CreditChanged",
  purchaseId: purchaseId(1),
  ...(credit && { credit })
})

export const syncRequested = (deadline: At, n = 1): SubscriptionEvent => ({
  _tag: "SyncRequested",
  purchaseId: purchaseId(n),
  deadline
})

export const synced = (observedAt: At, n = 1): SubscriptionEvent => ({
  _tag: "Synced",
  purchaseId: purchaseId(n),
  observedAt
})

/** Ends with the first month unless told otherwise. */
export const cancelScheduled = (cause: EndingCause, since: At, rest: Partial<Ending> = {}): SubscriptionEvent => ({
  _tag: "CancelScheduled",
  purchaseId: purchaseId(1),
  ending: { endsAt: monthOne, since, cause, ...rest }
})

const over = <Tag extends "Cancelled" | "Ended" | "Expired">(_tag: Tag) => (endedAt: At, n = 1) => ({
  _tag,
  purchaseId: purchaseId(n),
  endedAt
})

export const cancelled = over("Cancelled")
export const ended = over("Ended")
export const expired = over("Expired")

/** A change up, which waits for its payment until a time. */
export const changeRequested = (
  terms: PlanTerms,
  since: At,
  until: At,
  rest: Partial<PendingChange> = {}
): SubscriptionEvent => ({
  _tag: "ChangeRequested",
  purchaseId: purchaseId(1),
  change: { direction: "up", terms, since, until, ...rest }
})

/** A change down, which takes effect with the next period. */
export const changeScheduled = (terms: PlanTerms, since: At, until: At = monthOne): SubscriptionEvent => ({
  _tag: "ChangeScheduled",
  purchaseId: purchaseId(1),
  change: { direction: "down", terms, since, until }
})

export const changed = (terms: PlanTerms, since: At): SubscriptionEvent => ({
  _tag: "Changed",
  purchaseId: purchaseId(1),
  terms,
  since
})

const aboutPayment =
  <Tag extends "RefundRequested" | "Refunded" | "RefundFailed" | "DisputeRecorded">(_tag: Tag) =>
  (id: PaymentId = paymentId(1), n = 1) => ({ _tag, purchaseId: purchaseId(n), paymentId: id })

export const refundRequested = aboutPayment("RefundRequested")
export const refunded = aboutPayment("Refunded")
export const refundFailed = aboutPayment("RefundFailed")
export const disputeRecorded = aboutPayment("DisputeRecorded")

export const partialRefund = (amount: Money, id: PaymentId = paymentId(1)): SubscriptionEvent => ({
  _tag: "PartialRefund",
  purchaseId: purchaseId(1),
  paymentId: id,
  amount
})

/** By a dispute about the first payment unless told otherwise. */
export const suspended = (since: At, rest: Partial<Suspension> = {}): SubscriptionEvent => ({
  _tag: "Suspended",
  purchaseId: purchaseId(1),
  suspension: { since, cause: "dispute", paymentId: paymentId(1), from: "active", ...rest }
})

export const revoked = (cause: "dispute" | "reorg" = "dispute"): SubscriptionEvent => ({
  _tag: "Revoked",
  purchaseId: purchaseId(1),
  cause
})

export const membershipClaimed = (membership: Membership): SubscriptionEvent => ({
  _tag: "MembershipClaimed",
  membership
})

export const membershipMoved = (to: UserId): SubscriptionEvent => ({
  _tag: "MembershipMoved",
  purchaseId: purchaseId(1),
  to
})

export const granted = (grant: Grant): SubscriptionEvent => ({ _tag: "Granted", grant })

export const grantRevoked = (grantId: GrantId): SubscriptionEvent => ({ _tag: "GrantRevoked", grantId })

export const reminderDue = (days: number, endsAt: At = monthOne): SubscriptionEvent => ({
  _tag: "ReminderDue",
  purchaseId: purchaseId(1),
  endsAt,
  days
})

export const billingEnded = (leftAt: At): SubscriptionEvent => ({ _tag: "BillingEnded", leftAt })

export const intentRefused = (
  intent: SubscriptionEventOf<"IntentRefused">["intent"],
  n = 1
): SubscriptionEvent => ({ _tag: "IntentRefused", purchaseId: purchaseId(n), intent })
