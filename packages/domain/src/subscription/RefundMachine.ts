/**
 * Money that goes back: refunds, disputes, and payments that their chain dropped.
 */
import { DateTime, Result } from "effect"
import type { AccountDraft } from "./AccountDraft.ts"
import type { Membership } from "./Membership.ts"
import type { Money } from "./Money.ts"
import { isSuperseded } from "./PaidPeriods.ts"
import { isFullyRefunded, type Payment, refundedUnits } from "./Payment.ts"
import * as PurchaseMachine from "./PurchaseMachine.ts"
import { isLive, type Subscription } from "./Subscription.ts"
import { membershipOf, paymentOf, paymentsOf, type SubscriptionAccount, subscriptionOf } from "./SubscriptionAccount.ts"
import type { SubscriptionCommandOf } from "./SubscriptionCommand.ts"
import { NoSubscription, RefundInProgress, RefundNotAllowed, type SubscriptionRefusal } from "./SubscriptionErrors.ts"
import type { PaymentId } from "./SubscriptionIds.ts"

type Decided = Result.Result<void, SubscriptionRefusal>

/** Somebody new in a tier can have their money back for this long, in days. */
export const refundDays = 7

/** What somebody gets back who asks for it themselves, and until when they can ask. */
export interface Refundable {
  readonly amount: Money
  readonly until: DateTime.Utc
}

const askUntil = ({ tierSince }: Subscription): DateTime.Utc | undefined =>
  tierSince && DateTime.add(tierSince, { days: refundDays })

/** None where asking would be refused, or would give nothing back. */
export const refundableOf = (account: SubscriptionAccount, at: DateTime.Utc): Refundable | undefined => {
  const live = account.subscriptions.find(isLive)
  if (live?.state !== "active" || live.refund !== undefined) return undefined
  const payment = currentPayment(account, live)
  const until = askUntil(live)
  if (payment === undefined || until === undefined || DateTime.isGreaterThan(at, until)) return undefined
  return account.refundedTiers.includes(live.terms.tier) ? undefined : { amount: leftOf(payment), until }
}

export const refund = ({ admin }: SubscriptionCommandOf<"Refund">, draft: AccountDraft): Decided => {
  const live = draft.account.subscriptions.find(isLive)
  if (live === undefined) return Result.fail(new NoSubscription())
  if (live.refund !== undefined) return Result.fail(new RefundInProgress())
  if (live.state !== "active") return Result.fail(new RefundNotAllowed({ reason: "not_active" }))
  const payment = currentPayment(draft.account, live)
  if (payment === undefined) return Result.fail(new RefundNotAllowed({ reason: "no_payment" }))
  if (admin !== true) {
    const until = askUntil(live)
    if (until === undefined || DateTime.isGreaterThan(draft.at, until)) {
      return Result.fail(new RefundNotAllowed({ reason: "too_late" }))
    }
    if (draft.account.refundedTiers.includes(live.terms.tier)) {
      return Result.fail(new RefundNotAllowed({ reason: "used" }))
    }
  }
  draft.emit({ _tag: "RefundRequested", purchaseId: live.id, paymentId: payment.id })
  if (live.ending === undefined) PurchaseMachine.cancelAtEnd(live, "refund", draft)
  giveBack(payment, draft)
  return Result.succeed(undefined)
}

/** Nothing goes back: the subscription goes on as before it was asked for. */
export const refused = (paymentId: PaymentId, draft: AccountDraft): void => {
  const live = draft.account.subscriptions.find((it) => isLive(it) && it.refund?.paymentId === paymentId)
  if (live !== undefined) failed(live, paymentId, draft)
}

const leftOf = (payment: Payment): Money => ({
  ...payment.amount,
  minorUnits: payment.amount.minorUnits - refundedUnits(payment)
})

/** Tells the provider to return what is left of a payment. */
export const giveBack = (payment: Payment, draft: AccountDraft): void => {
  const { id: paymentId, paymentIntent, purchaseId } = payment
  const amount = leftOf(payment)
  if (paymentIntent === undefined || amount.minorUnits <= 0n) return
  draft.tell(purchaseId, { _tag: "Refund", paymentId, paymentIntent, amount })
}

/**
 * What the refunds and disputes of a subscription's payments, as they are now, make of it. `over`: when it ended at the
 * provider; what went back after that is not why.
 */
export const followMoney = (
  subscription: Subscription,
  before: ReadonlyArray<Payment>,
  over: DateTime.Utc | undefined,
  draft: AccountDraft
): void => {
  for (const payment of paymentsOf(draft.account, subscription.id)) {
    const known = before.find(({ id }) => id === payment.id)
    const now = () => subscriptionOf(draft.account, subscription.id)
    const timely = over === undefined ? payment : until(payment, over)
    followRefunds(timely, known, now(), draft)
    followDisputes(timely, known, now(), draft)
  }
}

export const reversed = ({ paymentId }: SubscriptionCommandOf<"PaymentReversed">, draft: AccountDraft): Decided => {
  const payment = paymentOf(draft.account, paymentId)
  if (payment?.state !== "settled") return Result.succeed(undefined)
  draft.emit({ _tag: "PaymentReversed", paymentId })
  const subscription = subscriptionOf(draft.account, payment.purchaseId)
  const membership = membershipOf(draft.account, payment.purchaseId)
  if (subscription !== undefined && isLive(subscription) && subscription.state !== "suspended") {
    if (isCurrent(payment, subscription, draft.account)) suspend(subscription, paymentId, "reorg", draft)
    else draft.emit({ _tag: "DisputeRecorded", purchaseId: subscription.id, paymentId })
  } else if (membership?.state === "held") suspend(membership, paymentId, "reorg", draft)
  return Result.succeed(undefined)
}

export const restored = ({ paymentId }: SubscriptionCommandOf<"PaymentRestored">, draft: AccountDraft): Decided => {
  const payment = paymentOf(draft.account, paymentId)
  if (payment?.state !== "reversed") return Result.succeed(undefined)
  draft.emit({ _tag: "PaymentRestored", paymentId })
  const purchase = subscriptionOf(draft.account, payment.purchaseId) ?? membershipOf(draft.account, payment.purchaseId)
  if (purchase?.suspension?.paymentId === paymentId) draft.emit({ _tag: "Restored", purchaseId: purchase.id })
  return Result.succeed(undefined)
}

/** The payment of the period that runs, as far as there is anything to be given back of it. */
const currentPayment = (account: SubscriptionAccount, subscription: Subscription): Payment | undefined =>
  paymentsOf(account, subscription.id).findLast((payment) =>
    payment.state === "settled" && isCurrent(payment, subscription, account) && leftOf(payment).minorUnits > 0n &&
    (payment.method !== "stripe" || payment.paymentIntent !== undefined)
  )

const followRefunds = (
  payment: Payment,
  known: Payment | undefined,
  subscription: Subscription | undefined,
  draft: AccountDraft
): void => {
  if (subscription === undefined || !isLive(subscription)) return
  const { id: purchaseId, refund } = subscription
  const isAsked = refund?.paymentId === payment.id
  if (isFullyRefunded(payment) && (isAsked || isCurrent(payment, subscription, draft.account))) {
    draft.emit({ _tag: "Refunded", purchaseId, paymentId: payment.id })
    if (subscription.externalId !== undefined) {
      draft.tell(purchaseId, { _tag: "CancelNow", externalId: subscription.externalId })
    }
    return
  }
  const amount = refundedUnits(payment)
  if (amount > 0n && amount !== (known === undefined ? 0n : refundedUnits(known))) {
    const partial = { ...payment.amount, minorUnits: amount }
    draft.emit({ _tag: "PartialRefund", purchaseId, paymentId: payment.id, amount: partial })
  }
  if (isAsked && hasFailed(payment, refund.since)) failed(subscription, payment.id, draft)
}

/** One that was made since it was asked for did, and no other is under way. */
const hasFailed = ({ refunds }: Payment, since: DateTime.Utc): boolean => {
  // The provider tells times in whole seconds.
  const from = DateTime.startOf(since, "second")
  return refunds.every(({ state }) => state !== "pending") &&
    refunds.some(({ at, state }) => state === "failed" && !DateTime.isLessThan(at, from))
}

const failed = (subscription: Subscription, paymentId: PaymentId, draft: AccountDraft): void => {
  const { id: purchaseId } = subscription
  draft.emit({ _tag: "RefundFailed", purchaseId, paymentId })
  if (subscription.ending?.cause === "refund") PurchaseMachine.goOn(purchaseId, draft)
}

const followDisputes = (
  payment: Payment,
  known: Payment | undefined,
  subscription: Subscription | undefined,
  draft: AccountDraft
): void => {
  const outcome = disputeOf(payment)
  if (subscription === undefined || outcome === undefined) return
  const { id: purchaseId, suspension } = subscription
  const isItsSuspension = suspension?.paymentId === payment.id && subscription.state === "suspended"
  if (isItsSuspension && outcome === "won") {
    draft.emit({ _tag: "Restored", purchaseId })
    if (subscription.ending?.cause === "dispute") PurchaseMachine.goOn(purchaseId, draft)
  } else if (
    outcome === "lost" && isLive(subscription) && (isItsSuspension || isCurrent(payment, subscription, draft.account))
  ) {
    draft.emit({ _tag: "Revoked", purchaseId, cause: "dispute" })
    const { externalId } = subscription
    if (externalId !== undefined) draft.tell(purchaseId, { _tag: "CancelNow", externalId })
  } else if (outcome === "open" && isLive(subscription) && isCurrent(payment, subscription, draft.account)) {
    if (subscription.state === "suspended") return
    suspend(subscription, payment.id, "dispute", draft)
    if (subscription.ending === undefined) PurchaseMachine.cancelAtEnd(subscription, "dispute", draft)
  } else if (outcome !== (known && disputeOf(known))) {
    draft.emit({ _tag: "DisputeRecorded", purchaseId, paymentId: payment.id })
  }
}

export const suspend = (
  purchase: Subscription | Membership,
  paymentId: PaymentId,
  cause: "dispute" | "reorg",
  draft: AccountDraft
): void => {
  const from = purchase.state === "past_due" ? "past_due" : "active"
  draft.emit({ _tag: "Suspended", purchaseId: purchase.id, suspension: { since: draft.at, cause, paymentId, from } })
}

/** The payment with what had become of it by then. */
const until = (payment: Payment, over: DateTime.Utc): Payment => ({
  ...payment,
  refunds: payment.refunds.filter(({ at }) => !DateTime.isGreaterThan(at, over)),
  disputes: payment.disputes.flatMap((dispute) => {
    if (DateTime.isGreaterThan(dispute.openedAt, over)) return []
    const isOpen = dispute.closedAt !== undefined && DateTime.isGreaterThan(dispute.closedAt, over)
    return [isOpen ? { ...dispute, state: "open" as const } : dispute]
  })
})

/** Whether it pays for the period that runs. */
const isCurrent = (payment: Payment, { id, paidThrough }: Subscription, account: SubscriptionAccount): boolean => {
  const { kind, periodEnd } = payment
  return kind !== "lifetime" && periodEnd !== undefined && paidThrough !== undefined &&
    !DateTime.isLessThan(periodEnd, paidThrough) && !isSuperseded(payment, paymentsOf(account, id))
}

/** The worst that is said of a payment. */
export const disputeOf = ({ disputes }: Payment): "open" | "won" | "lost" | undefined => {
  if (disputes.some(({ state }) => state === "lost")) return "lost"
  if (disputes.some(({ state }) => state === "open")) return "open"
  return disputes.length > 0 ? "won" : undefined
}
