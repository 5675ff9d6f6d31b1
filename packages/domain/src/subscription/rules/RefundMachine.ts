/**
 * Refunds and disputes.
 */
import { DateTime, Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { type BillingAccount, paymentsOf, subscriptionOf } from "../model/BillingAccount.ts"
import type { Membership } from "../model/Membership.ts"
import type { Money } from "../model/Money.ts"
import { isSuperseded } from "../model/PaidPeriods.ts"
import { isFullyRefunded, type Payment, refundedUnits } from "../model/Payment.ts"
import type { Tier } from "../model/PlanTerms.ts"
import { isLive, type Subscription } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import { NoSubscription, RefundInProgress, RefundNotAllowed } from "../model/SubscriptionErrors.ts"
import type { PaymentId, PurchaseId } from "../model/SubscriptionIds.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import * as CancelMachine from "./CancelMachine.ts"
import { countedBy, disputeOf, leftOf, wholeOf } from "./ReturnedMoney.ts"
import { addCredit } from "./WalletCredit.ts"

/** A user can request a refund for this many days after the first activation in a tier. */
export const refundDays = 7

/** The amount that the user can have refunded, and until when. */
export interface Refundable {
  readonly purchaseId: PurchaseId
  readonly amount: Money
  readonly until: DateTime.Utc
}

/** The payment of a purchase that can be refunded, and until when the user can request that. */
interface Returnable {
  readonly payment: Payment
  readonly until: DateTime.Utc | undefined
}

const askUntil = (since: DateTime.Utc | undefined): DateTime.Utc | undefined =>
  since && DateTime.add(since, { days: refundDays })

const ofSubscription = rule((account: BillingAccount, subscription: Subscription) => {
  if (subscription.refund !== undefined) return Result.fail(new RefundInProgress())
  if (subscription.state !== "active") return Result.fail(new RefundNotAllowed({ reason: "not_active" }))
  const payment = currentPayment(account, subscription)
  if (payment === undefined) return Result.fail(new RefundNotAllowed({ reason: "no_payment" }))
  return Result.succeed({ payment, until: askUntil(subscription.tierSince) })
})

const ofMembership = rule((account: BillingAccount, { id, refund, state }: Membership) => {
  if (refund !== undefined) return Result.fail(new RefundInProgress())
  if (state !== "active") return Result.fail(new RefundNotAllowed({ reason: "not_active" }))
  const payment = paymentsOf(account, id).find((it) =>
    it.state === "settled" && it.paymentIntent !== undefined && leftOf(it).minorUnits > 0n
  )
  if (payment === undefined) return Result.fail(new RefundNotAllowed({ reason: "no_payment" }))
  return Result.succeed({ payment, until: askUntil(payment.paidAt) })
})

/** Whether the user, and not only an administrator, can request this refund at a time. */
const mayAsk = (account: BillingAccount, tier: Tier, at: DateTime.Utc) =>
  rule((judged: Returnable) => {
    const { until } = judged
    if (until === undefined || DateTime.isGreaterThan(at, until)) {
      return Result.fail(new RefundNotAllowed({ reason: "too_late" }))
    }
    return account.refundedTiers.includes(tier)
      ? Result.fail(new RefundNotAllowed({ reason: "used" }))
      : Result.succeed(judged)
  })

/** The purchases that could be refunded; subscriptions come first. */
const returnablesOf = (account: BillingAccount) => [
  ...account.subscriptions.filter(isLive).map((purchase) => ({ purchase, judged: ofSubscription(account, purchase) })),
  ...account.memberships.filter(({ state }) => state === "active" || state === "suspended").map((purchase) => ({
    purchase,
    judged: ofMembership(account, purchase)
  }))
]

/** Undefined if a request would be refused. */
export const refundableOf = (account: BillingAccount, at: DateTime.Utc): Refundable | undefined => {
  for (const { judged, purchase } of returnablesOf(account)) {
    const asked = Result.getOrUndefined(Result.flatMap(judged, mayAsk(account, purchase.terms.tier, at)))
    if (asked?.until === undefined) continue
    return { purchaseId: purchase.id, amount: wholeOf(account, asked.payment), until: asked.until }
  }
  return undefined
}

export const refund = rule(({ admin, purchaseId }: SubscriptionCommandOf<"Refund">, draft: BillingAccountDraft) => {
  const { account, at } = draft
  const asked = returnablesOf(account).flatMap(({ judged, purchase }) =>
    purchaseId !== undefined && purchase.id !== purchaseId ? [] : [{
      purchase,
      judged: admin === true ? judged : Result.flatMap(judged, mayAsk(account, purchase.terms.tier, at))
    }]
  )
  const [first] = asked
  if (first === undefined) return Result.fail(new NoSubscription())
  const { judged, purchase } = asked.find(({ judged }) => Result.isSuccess(judged)) ?? first
  return Result.map(judged, ({ payment }) => {
    draft.emit({ _tag: "RefundRequested", purchaseId: purchase.id, paymentId: payment.id })
    if ("biller" in purchase && purchase.ending === undefined) CancelMachine.cancelAtEnd(purchase, "refund", draft)
    refundRemainder(payment, draft)
  })
})

/** The provider refused the refund: the purchase continues as before the request. */
export const refused = (paymentId: PaymentId, draft: BillingAccountDraft): void => {
  const { memberships, subscriptions } = draft.account
  const live = subscriptions.find((it) => isLive(it) && it.refund?.paymentId === paymentId)
  if (live !== undefined) return failed(live, paymentId, draft)
  const held = memberships.find(({ refund }) => refund?.paymentId === paymentId)
  if (held !== undefined) draft.emit({ _tag: "RefundFailed", purchaseId: held.id, paymentId })
}

/** Tells the provider to refund the rest of a payment, or an amount of it. */
export const refundRemainder = (payment: Payment, draft: BillingAccountDraft, amount = leftOf(payment)): void => {
  const { id: paymentId, paymentIntent, purchaseId } = payment
  if (paymentIntent === undefined || amount.minorUnits <= 0n) return
  draft.enqueue(purchaseId, { _tag: "Refund", paymentId, paymentIntent, amount })
}

/** Returns a payment that paid for nothing: by a refund, or as a credit for a payment on a chain. */
export const returnPayment = (payment: Payment, draft: BillingAccountDraft): void =>
  payment.method === "web3"
    ? addCredit(payment.amount, "superfluous", payment.id, draft)
    : refundRemainder(payment, draft)

/**
 * Applies the refunds and disputes of a subscription's payments. `over`: the end of the subscription at the provider;
 * refunds and disputes after that have no effect.
 */
export const followMoney = (
  subscription: Subscription,
  before: ReadonlyArray<Payment>,
  over: DateTime.Utc | undefined,
  draft: BillingAccountDraft
): void => {
  for (const payment of paymentsOf(draft.account, subscription.id)) {
    const known = before.find(({ id }) => id === payment.id)
    const now = () => subscriptionOf(draft.account, subscription.id)
    const timely = over === undefined ? payment : until(payment, over)
    followRefunds(timely, known, now(), draft)
    followDisputes(timely, known, now(), draft)
  }
}

/** The payment of the current period, if any amount of it can be refunded. */
const currentPayment = (account: BillingAccount, subscription: Subscription): Payment | undefined =>
  paymentsOf(account, subscription.id).findLast((payment) =>
    payment.state === "settled" && isCurrent(payment, subscription, account) && leftOf(payment).minorUnits > 0n &&
    (payment.method !== "stripe" || payment.paymentIntent !== undefined)
  )

const followRefunds = (
  payment: Payment,
  known: Payment | undefined,
  subscription: Subscription | undefined,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined || !isLive(subscription)) return
  const { id: purchaseId, refund } = subscription
  const isAsked = refund?.paymentId === payment.id
  if (isFullyRefunded(payment) && (isAsked || isCurrent(payment, subscription, draft.account))) {
    draft.emit({ _tag: "Refunded", purchaseId, paymentId: payment.id })
    giveBackAfter(payment, draft)
    if (isAsked) {
      for (const { amount, payment: earlier } of countedBy(draft.account, payment)) {
        refundRemainder(earlier, draft, amount)
      }
    }
    if (subscription.externalId !== undefined) {
      draft.enqueue(purchaseId, { _tag: "CancelNow", externalId: subscription.externalId })
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

/** Refunds payments for later periods, which were unknown when the user requested the refund. */
const giveBackAfter = ({ periodEnd, purchaseId }: Payment, draft: BillingAccountDraft): void => {
  const payments = paymentsOf(draft.account, purchaseId)
  for (const payment of payments) {
    const isLater = periodEnd !== undefined && payment.periodEnd !== undefined && payment.state === "settled" &&
      DateTime.isGreaterThan(payment.periodEnd, periodEnd) && payment.reason !== "returned"
    if (!isLater || isSuperseded(payment, payments) || leftOf(payment).minorUnits <= 0n) continue
    draft.emit({ _tag: "LatePayment", purchaseId, paymentId: payment.id, returned: true })
    refundRemainder(payment, draft)
  }
}

/** Whether a refund since the request has failed, and no other refund is pending. */
export const hasFailed = ({ refunds }: Payment, since: DateTime.Utc): boolean => {
  // The provider reports times in whole seconds.
  const from = DateTime.startOf(since, "second")
  return refunds.every(({ state }) => state !== "pending") &&
    refunds.some(({ at, state }) => state === "failed" && !DateTime.isLessThan(at, from))
}

const failed = (subscription: Subscription, paymentId: PaymentId, draft: BillingAccountDraft): void => {
  const { id: purchaseId } = subscription
  draft.emit({ _tag: "RefundFailed", purchaseId, paymentId })
  if (subscription.ending?.cause === "refund") CancelMachine.uncancel(purchaseId, draft)
}

const followDisputes = (
  payment: Payment,
  known: Payment | undefined,
  subscription: Subscription | undefined,
  draft: BillingAccountDraft
): void => {
  const outcome = disputeOf(payment)
  if (subscription === undefined || outcome === undefined) return
  const { id: purchaseId, suspension } = subscription
  const isItsSuspension = suspension?.paymentId === payment.id && subscription.state === "suspended"
  if (isItsSuspension && outcome === "won") {
    draft.emit({ _tag: "Restored", purchaseId })
    if (subscription.ending?.cause === "dispute") CancelMachine.uncancel(purchaseId, draft)
  } else if (
    outcome === "lost" && isLive(subscription) && (isItsSuspension || isCurrent(payment, subscription, draft.account))
  ) {
    draft.emit({ _tag: "Revoked", purchaseId, cause: "dispute" })
    const { externalId } = subscription
    if (externalId !== undefined) draft.enqueue(purchaseId, { _tag: "CancelNow", externalId })
  } else if (outcome === "open" && isLive(subscription) && isCurrent(payment, subscription, draft.account)) {
    if (subscription.state === "suspended") return
    suspend(subscription, payment.id, "dispute", draft)
    if (subscription.ending === undefined) CancelMachine.cancelAtEnd(subscription, "dispute", draft)
  } else if (outcome !== (known && disputeOf(known))) {
    draft.emit({ _tag: "DisputeRecorded", purchaseId, paymentId: payment.id })
  }
}

export const suspend = (
  purchase: Subscription | Membership,
  paymentId: PaymentId,
  cause: "dispute" | "reorg",
  draft: BillingAccountDraft
): void => {
  const from = purchase.state === "past_due" ? "past_due" : "active"
  draft.emit({ _tag: "Suspended", purchaseId: purchase.id, suspension: { since: draft.at, cause, paymentId, from } })
}

/** The payment with its refunds and disputes at that time. */
const until = (payment: Payment, over: DateTime.Utc): Payment => ({
  ...payment,
  refunds: payment.refunds.filter(({ at }) => !DateTime.isGreaterThan(at, over)),
  disputes: payment.disputes.flatMap((dispute) => {
    if (DateTime.isGreaterThan(dispute.openedAt, over)) return []
    const isOpen = dispute.closedAt !== undefined && DateTime.isGreaterThan(dispute.closedAt, over)
    return [isOpen ? { ...dispute, state: "open" as const } : dispute]
  })
})

/** Whether a payment pays for the current period. */
export const isCurrent = (payment: Payment, { id, paidThrough }: Subscription, account: BillingAccount): boolean => {
  const { kind, periodEnd } = payment
  return kind !== "lifetime" && periodEnd !== undefined && paidThrough !== undefined &&
    !DateTime.isLessThan(periodEnd, paidThrough) && !isSuperseded(payment, paymentsOf(account, id))
}
