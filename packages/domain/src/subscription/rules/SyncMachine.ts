/**
 * Follows the provider: whatever was said before and in whatever order, the newest observation decides.
 */
import { DateTime, Result } from "effect"
import { membershipOf, paymentsOf, subscriptionOf } from "../model/BillingAccount.ts"
import type { Membership } from "../model/Membership.ts"
import { isSameMoney } from "../model/Money.ts"
import { isSuperseded, lastPaidPeriod } from "../model/PaidPeriods.ts"
import { type Payment, refundedUnits } from "../model/Payment.ts"
import { isSamePlan } from "../model/PlanTerms.ts"
import type { ProviderSnapshot, ProviderSubscription } from "../model/ProviderSnapshot.ts"
import { isLive, isOwing, type PendingChange, type Subscription } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import { NoSubscription, type SubscriptionRefusal } from "../model/SubscriptionErrors.ts"
import { graceEnd } from "./BillingAccountAccess.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import * as CancelMachine from "./CancelMachine.ts"
import { isPaidAfterLeaving } from "./DeletedUserMachine.ts"
import * as EndingMachine from "./EndingMachine.ts"
import * as LifetimeMachine from "./LifetimeMachine.ts"
import { followMoney, refundRemainder } from "./RefundMachine.ts"
import { mayBegin, record } from "./SettlementMachine.ts"

export const sync = (
  { snapshot }: SubscriptionCommandOf<"Sync">,
  draft: BillingAccountDraft
): Result.Result<void, SubscriptionRefusal> => {
  const { observedAt, purchaseId } = snapshot
  const subscription = subscriptionOf(draft.account, purchaseId)
  const membership = membershipOf(draft.account, purchaseId)
  if (subscription === undefined && membership === undefined) return Result.fail(new NoSubscription())

  const seen = draft.account.observed[purchaseId]
  const isNewest = seen === undefined || DateTime.isLessThan(seen, observedAt)
  const before = paymentsOf(draft.account, purchaseId)
  for (const money of snapshot.payments.toSorted((one, other) => DateTime.Order(one.paidAt, other.paidAt))) {
    record(draft, purchaseId, money, isNewest)
  }
  if (!isNewest) return Result.succeed(undefined)
  checkout(snapshot, draft)
  if (membership !== undefined) followMembership(membership, draft)
  else if (subscription !== undefined) followSubscription(subscription, snapshot, before, draft)
  draft.emit({ _tag: "Synced", purchaseId, observedAt })
  return Result.succeed(undefined)
}

/** What became of the page on which it could be paid. */
const checkout = (
  { checkout, payments, purchaseId, subscription }: ProviderSnapshot,
  draft: BillingAccountDraft
): void => {
  const purchase = subscriptionOf(draft.account, purchaseId) ?? membershipOf(draft.account, purchaseId)
  if (purchase?.state !== "pending" || payments.length > 0) return
  const isGone = checkout?.state === "expired" || subscription?.status === "incomplete_expired"
  if (isGone) return draft.emit({ _tag: "CheckoutExpired", purchaseId })
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

const followSubscription = (
  { collectionStopped, ending: agreed, id }: Subscription,
  { subscription: provider }: ProviderSnapshot,
  before: ReadonlyArray<Payment>,
  draft: BillingAccountDraft
): void => {
  const now = () => subscriptionOf(draft.account, id)
  if (provider !== undefined) {
    begin(now(), provider, draft)
    period(now(), provider, draft)
    credit(now(), provider, draft)
    // Before the money: who had it end before a dispute did has it end still when that is won.
    EndingMachine.agreed(now(), provider, draft)
  }
  const current = now()
  if (current === undefined) return
  if (isLive(current)) {
    followMoney(current, before, provider?.status === "canceled" ? provider.endedAt : undefined, draft)
  }
  if (provider === undefined) return
  EndingMachine.overrun(now(), agreed, provider, draft)
  standing(now(), provider, draft)
  if (collectionStopped === true) EndingMachine.paidAfterAll(now(), agreed, provider, draft)
  EndingMachine.goingOn(now(), provider, draft)
  change(now(), provider, draft)
  EndingMachine.over(now(), provider, draft)
  const ended = now()
  const isJustOver = isLive(current) && ended !== undefined && !isLive(ended)
  if (isJustOver && provider.status === "canceled") late(ended, provider, draft)
}

/** The first money begins it; for what had ended without, it may be too late. */
const begin = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined || isLive(subscription)) return
  const { id: purchaseId, state } = subscription
  const first = paymentsOf(draft.account, purchaseId).find((it) => it.state === "settled" && it.reason !== "returned")
  const isFree = first === undefined && (provider.status === "trialing" || provider.status === "active")
  if (first === undefined && !isFree) return
  if (state !== "pending") return late(subscription, provider, draft)
  activate(subscription, provider, draft)
}

const late = (subscription: Subscription, provider: ProviderSubscription, draft: BillingAccountDraft): void => {
  const { activatedAt, endedAt, id: purchaseId, paidThrough } = subscription
  const payments = paymentsOf(draft.account, purchaseId)
  // For a period that was not known to be paid when it ended: whoever was believed to owe it had nothing of it.
  const isUnused = (payment: Payment) =>
    paidThrough !== undefined && payment.periodEnd !== undefined &&
    DateTime.isGreaterThan(payment.periodEnd, paidThrough) && !isSuperseded(payment, payments)
  const isAfterwards = (payment: Payment) =>
    activatedAt === undefined || isUnused(payment) || isPaidAfterLeaving(draft.account, payment) ||
    (endedAt !== undefined && payment.paidAt !== undefined && DateTime.isGreaterThan(payment.paidAt, endedAt))
  const owed = payments.filter((payment) =>
    payment.state === "settled" && payment.reason !== "returned" && isAfterwards(payment) &&
    refundedUnits(payment) < payment.amount.minorUnits
  )
  const returned = !mayBegin(subscription, draft) || provider.status === "canceled"
  for (const payment of owed) {
    draft.emit({ _tag: "LatePayment", purchaseId, paymentId: payment.id, returned })
    if (returned) refundRemainder(payment, draft)
  }
  if (!returned && owed.length > 0) return activate(subscription, provider, draft)
  const { externalId, openInvoice, status } = provider
  if (status !== "canceled" && status !== "incomplete_expired") {
    draft.tell(purchaseId, { _tag: "CancelNow", externalId })
  }
  // Whoever paid it would have it back.
  if (openInvoice !== undefined) draft.tell(purchaseId, { _tag: "VoidOpenInvoice", externalId })
}

const activate = (
  { autoRenew, id: purchaseId }: Subscription,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  const { anchor, externalId } = provider
  const { periodEnd: paidThrough, periodStart } = lastPaidPeriod(paymentsOf(draft.account, purchaseId)) ?? provider
  const first = paymentsOf(draft.account, purchaseId).find(({ state }) => state === "settled")
  const activatedAt = first?.paidAt ?? anchor
  draft.emit({ _tag: "Activated", purchaseId, activatedAt, anchor, periodStart, paidThrough, externalId })
  const active = subscriptionOf(draft.account, purchaseId)
  const mustEnd = !autoRenew && provider.endsAt === undefined
  if (mustEnd && active !== undefined) CancelMachine.cancelAtEnd(active, "no_renewal", draft)
}

const credit = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined) return
  const { credit: known, id: purchaseId } = subscription
  const { credit: told } = provider
  const isSame = known === undefined || told === undefined ? known === told : isSameMoney(known, told)
  if (!isSame) draft.emit({ _tag: "CreditChanged", purchaseId, ...(told && { credit: told }) })
}

/** The plan and the period are the provider's; nothing unpaid counts. */
const period = (
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
  const isGoing = provider.status === "active" || provider.status === "trialing"
  const timely = paymentsOf(draft.account, purchaseId).filter((payment) => isTimely(payment, provider))
  const paid = lastPaidPeriod(timely) ?? (isGoing ? provider : undefined)
  const { anchor, periodStart } = provider
  if (paid !== undefined && (paidThrough === undefined || DateTime.isGreaterThan(paid.periodEnd, paidThrough))) {
    const recovered = isOwing(subscription)
    const period = { anchor, periodStart: paid.periodStart, paidThrough: paid.periodEnd }
    draft.emit({ _tag: "Renewed", purchaseId, ...period, recovered })
    return
  }
  if (paidThrough === undefined) return
  // A change to shorter periods: what was paid for the longer one is part of its price.
  if (paid !== undefined && DateTime.isLessThan(paid.periodEnd, paidThrough)) {
    const corrected = { anchor, periodStart: paid.periodStart, paidThrough: paid.periodEnd }
    return draft.emit({ _tag: "PeriodCorrected", purchaseId, ...corrected })
  }
  const isOther = subscription.anchor === undefined || subscription.periodStart === undefined ||
    !DateTime.Equivalence(subscription.anchor, anchor) || !DateTime.Equivalence(subscription.periodStart, periodStart)
  if (isGoing && isOther) draft.emit({ _tag: "PeriodCorrected", purchaseId, anchor, periodStart, paidThrough })
}

/**
 * What came after the end is too late to renew anything. Where it was ended because it was not paid, so is what came just
 * before that, for the period that was cut off or for one that was over by then.
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

/** Up, a plan begins when it is paid; down, with the period. */
const changedAt = (payments: ReadonlyArray<Payment>, { change }: Subscription): DateTime.Utc | undefined =>
  change?.direction === "down"
    ? lastPaidPeriod(payments)?.periodStart
    : payments.findLast(({ kind }) => kind === "change")?.paidAt

const standing = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined || !isLive(subscription)) return
  const { collectionStopped, externalId, id: purchaseId, paidThrough, unpaid = false } = subscription
  const owes = isOwing(subscription)
  if (provider.status === "active" || provider.status === "trialing") {
    if (owes) draft.emit({ _tag: "Recovered", purchaseId })
    return
  }
  if (provider.status !== "past_due" && provider.status !== "unpaid") return
  const isUnpaid = provider.status === "unpaid"
  const invoiceUrl = provider.openInvoice?.url
  if (!owes || unpaid !== isUnpaid || subscription.invoiceUrl !== invoiceUrl) {
    const page = invoiceUrl === undefined ? {} : { invoiceUrl }
    draft.emit({ _tag: "ChargeFailed", purchaseId, unpaid: isUnpaid, ...page })
  }
  if (externalId === undefined) return
  const isPastGrace = paidThrough !== undefined && !DateTime.isLessThan(draft.at, graceEnd(paidThrough))
  // The provider has refused it, or somebody brought it back there.
  if (collectionStopped === true) draft.tell(purchaseId, { _tag: "CancelNow", externalId, ifUnpaid: true })
  else if (isPastGrace) CancelMachine.abandon(purchaseId, externalId, draft)
}

const change = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined || !isLive(subscription)) return
  const { change, id: purchaseId } = subscription
  const told = changeOf(provider, draft)
  if (told === undefined) {
    if (change !== undefined) {
      draft.emit({ _tag: change.direction === "up" ? "ChangeLapsed" : "ChangeUndone", purchaseId })
    }
    return
  }
  const isKnown = change !== undefined && change.direction === told.direction &&
    change.invoiceUrl === told.invoiceUrl &&
    isSamePlan(change.terms, told.terms) && DateTime.Equivalence(change.until, told.until)
  if (isKnown) return
  const next = { ...told, since: change?.since ?? told.since }
  draft.emit({ _tag: told.direction === "up" ? "ChangeRequested" : "ChangeScheduled", purchaseId, change: next })
}

const changeOf = (
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
