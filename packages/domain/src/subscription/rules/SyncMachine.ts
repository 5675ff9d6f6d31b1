/**
 * Follows the provider. The newest observation decides, in whatever order observations arrive.
 */
import { DateTime, Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { membershipOf, paymentsOf, subscriptionOf } from "../model/BillingAccount.ts"
import type { Membership } from "../model/Membership.ts"
import { isSameMoney } from "../model/Money.ts"
import { lastPaidPeriod } from "../model/PaidPeriods.ts"
import type { Payment } from "../model/Payment.ts"
import { isSamePlan } from "../model/PlanTerms.ts"
import type { ProviderSnapshot, ProviderSubscription } from "../model/ProviderSnapshot.ts"
import { isLive, isOwing, type PendingChange, type Subscription } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import { NoSubscription } from "../model/SubscriptionErrors.ts"
import * as ActivationMachine from "./ActivationMachine.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import * as Dunning from "./Dunning.ts"
import * as EndingMachine from "./EndingMachine.ts"
import * as LifetimeMachine from "./LifetimeMachine.ts"
import { followMoney } from "./RefundMachine.ts"
import { recordPayment } from "./SettlementMachine.ts"

export const sync = rule((
  { snapshot }: SubscriptionCommandOf<"Sync">,
  draft: BillingAccountDraft
) => {
  const { observedAt, purchaseId } = snapshot
  const subscription = subscriptionOf(draft.account, purchaseId)
  const membership = membershipOf(draft.account, purchaseId)
  if (subscription === undefined && membership === undefined) return Result.fail(new NoSubscription())

  const seen = draft.account.observed[purchaseId]
  const isNewest = seen === undefined || DateTime.isLessThan(seen, observedAt)
  const before = paymentsOf(draft.account, purchaseId)
  for (const money of snapshot.payments.toSorted((one, other) => DateTime.Order(one.paidAt, other.paidAt))) {
    recordPayment(draft, purchaseId, money, isNewest)
  }
  if (!isNewest) return Result.void
  followCheckout(snapshot, draft)
  if (membership !== undefined) followMembership(membership, draft)
  else if (subscription !== undefined) followSubscription(subscription, snapshot, before, draft)
  draft.emit({ _tag: "Synced", purchaseId, observedAt })
  return Result.void
})

/** The payment page of a pending purchase expired, or the payment was submitted there. */
const followCheckout = (
  { checkout, payments, purchaseId, subscription }: ProviderSnapshot,
  draft: BillingAccountDraft
): void => {
  const purchase = subscriptionOf(draft.account, purchaseId) ?? membershipOf(draft.account, purchaseId)
  if (purchase?.state !== "pending" || payments.length > 0) return
  const hasExpired = checkout?.state === "expired" || subscription?.status === "incomplete_expired"
  if (hasExpired) return draft.emit({ _tag: "CheckoutExpired", purchaseId })
  const quoted = paymentsOf(draft.account, purchaseId).find(({ state }) => state === "quoted")
  if (checkout?.state === "complete" && quoted !== undefined) {
    draft.emit({ _tag: "PaymentSubmitted", paymentId: quoted.id })
  }
}

const followMembership = ({ id }: Membership, draft: BillingAccountDraft): void => {
  const payment = paymentsOf(draft.account, id).find(({ state }) => state === "settled")
  const current = membershipOf(draft.account, id)
  if (current === undefined || payment === undefined) return
  if (payment.reason !== "returned" && (current.state === "pending" || current.activatedAt === undefined)) {
    LifetimeMachine.activate(current, payment, draft)
  }
  const now = membershipOf(draft.account, id)
  if (now !== undefined) LifetimeMachine.followMoney(now, draft)
}

/** The steps by which a subscription follows the provider. Each step decides on the outcome of the step before. */
const followSubscription = (
  before: Subscription,
  { subscription: provider }: ProviderSnapshot,
  paymentsBefore: ReadonlyArray<Payment>,
  draft: BillingAccountDraft
): void => {
  const now = () => subscriptionOf(draft.account, before.id)
  if (provider === undefined) return followReturnedMoney(now(), undefined, paymentsBefore, draft)

  ActivationMachine.activate(now(), provider, draft)
  updatePeriod(now(), provider, draft)
  updateCredit(now(), provider, draft)
  // Before refunds and disputes: a cancellation from before a dispute stays when the dispute is won.
  EndingMachine.scheduleEnd(now(), provider, draft)
  const active = now()
  followReturnedMoney(active, provider, paymentsBefore, draft)
  EndingMachine.refundOverrun(now(), before.ending, provider, draft)
  Dunning.trackDunning(now(), provider, draft)
  if (before.collectionStopped === true) {
    EndingMachine.cancelAfterRecovery(now(), before.ending, provider, draft)
  }
  EndingMachine.undoCancellation(now(), provider, draft)
  followChange(now(), provider, draft)
  EndingMachine.end(now(), provider, draft)
  refundUnused(active, now(), provider, draft)
}

const followReturnedMoney = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription | undefined,
  paymentsBefore: ReadonlyArray<Payment>,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined || !isLive(subscription)) return
  const endedAt = provider?.status === "canceled" ? provider.endedAt : undefined
  followMoney(subscription, paymentsBefore, endedAt, draft)
}

/** Refunds payments for which the user gets nothing, because the provider has ended the subscription. */
const refundUnused = (
  active: Subscription | undefined,
  ended: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (active === undefined || ended === undefined || provider.status !== "canceled") return
  if (isLive(active) && !isLive(ended)) ActivationMachine.resolveLatePayments(ended, provider, draft)
}

/** Takes over the plan of the provider, and the period up to which the user has paid. */
const updatePeriod = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined || !isLive(subscription)) return
  const { id: purchaseId, paidThrough, terms } = subscription
  if (provider.terms !== undefined && !isSamePlan(provider.terms, terms)) {
    const since = changedAt(paymentsOf(draft.account, purchaseId), subscription) ?? provider.periodStart
    draft.emit({ _tag: "Changed", purchaseId, terms: provider.terms, since })
  }
  const isRunning = provider.status === "active" || provider.status === "trialing"
  const timely = paymentsOf(draft.account, purchaseId).filter((payment) => isTimely(payment, provider))
  const paid = lastPaidPeriod(timely) ?? (isRunning ? provider : undefined)
  const { anchor, periodStart } = provider
  if (paid !== undefined && (paidThrough === undefined || DateTime.isGreaterThan(paid.periodEnd, paidThrough))) {
    const recovered = isOwing(subscription)
    const period = { anchor, periodStart: paid.periodStart, paidThrough: paid.periodEnd }
    draft.emit({ _tag: "Renewed", purchaseId, ...period, recovered })
    return
  }
  if (paidThrough === undefined) return
  // A change to shorter periods: the payment for the longer period counted towards the price of the change.
  if (paid !== undefined && DateTime.isLessThan(paid.periodEnd, paidThrough)) {
    const corrected = { anchor, periodStart: paid.periodStart, paidThrough: paid.periodEnd }
    return draft.emit({ _tag: "PeriodCorrected", purchaseId, ...corrected })
  }
  const isOther = subscription.anchor === undefined || subscription.periodStart === undefined ||
    !DateTime.Equivalence(subscription.anchor, anchor) || !DateTime.Equivalence(subscription.periodStart, periodStart)
  if (isRunning && isOther) draft.emit({ _tag: "PeriodCorrected", purchaseId, anchor, periodStart, paidThrough })
}

/**
 * Whether a payment can renew the subscription. A payment after the end is too late. If the provider ended the
 * subscription as unpaid, a renewal just before the end is too late as well: for the period that the end cut off, and for
 * a period that was over when the renewal was paid.
 */
const isTimely = (
  { kind, paidAt, periodEnd, periodStart }: Payment,
  { endedAt, endedUnpaid }: ProviderSubscription
): boolean => {
  if (endedAt === undefined || paidAt === undefined) return true
  const isCutOff = endedUnpaid && kind === "renewal" && periodStart !== undefined && periodEnd !== undefined &&
    !DateTime.isGreaterThan(periodStart, endedAt) &&
    (DateTime.isGreaterThan(periodEnd, endedAt) || !DateTime.isLessThan(paidAt, periodEnd))
  return !isCutOff && !DateTime.isGreaterThan(paidAt, endedAt)
}

/** A change up takes effect with its payment, a change down with the next period. */
const changedAt = (payments: ReadonlyArray<Payment>, { change }: Subscription): DateTime.Utc | undefined =>
  change?.direction === "down"
    ? lastPaidPeriod(payments)?.periodStart
    : payments.findLast(({ kind }) => kind === "change")?.paidAt

const updateCredit = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined) return
  const { credit: known, id: purchaseId } = subscription
  const { credit: current } = provider
  const isSame = known === undefined || current === undefined ? known === current : isSameMoney(known, current)
  if (!isSame) draft.emit({ _tag: "CreditChanged", purchaseId, ...(current && { credit: current }) })
}

/** Takes over the change of plan that is pending at the provider; a change that is not there any more is dropped. */
const followChange = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined || !isLive(subscription)) return
  const { change, id: purchaseId } = subscription
  const current = pendingChangeOf(provider, draft)
  if (current === undefined) {
    if (change !== undefined) {
      draft.emit({ _tag: change.direction === "up" ? "ChangeLapsed" : "ChangeUndone", purchaseId })
    }
    return
  }
  const isKnown = change !== undefined && change.direction === current.direction &&
    change.invoiceUrl === current.invoiceUrl &&
    isSamePlan(change.terms, current.terms) && DateTime.Equivalence(change.until, current.until)
  if (isKnown) return
  const next = { ...current, since: change?.since ?? current.since }
  draft.emit({ _tag: current.direction === "up" ? "ChangeRequested" : "ChangeScheduled", purchaseId, change: next })
}

const pendingChangeOf = (
  { openInvoice, pendingUpdate, scheduled }: ProviderSubscription,
  { at: since }: BillingAccountDraft
): PendingChange | undefined => {
  if (pendingUpdate?.terms !== undefined) {
    const page = openInvoice?.url === undefined ? {} : { invoiceUrl: openInvoice.url }
    return { direction: "up", terms: pendingUpdate.terms, since, until: pendingUpdate.expiresAt, ...page }
  }
  if (scheduled?.terms !== undefined) return { direction: "down", terms: scheduled.terms, since, until: scheduled.at }
  return undefined
}
