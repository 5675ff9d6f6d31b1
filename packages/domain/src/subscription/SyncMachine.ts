/**
 * Follows the provider: whatever was said before and in whatever order, the newest observation decides.
 */
import { DateTime, Result } from "effect"
import { graceEnd } from "./AccountAccess.ts"
import type { AccountDraft } from "./AccountDraft.ts"
import * as LifetimeMachine from "./LifetimeMachine.ts"
import type { Membership } from "./Membership.ts"
import { lastPaidPeriod } from "./PaidPeriods.ts"
import { type Payment, refundedUnits } from "./Payment.ts"
import { isSamePlan } from "./PlanTerms.ts"
import type { ProviderSnapshot, ProviderSubscription } from "./ProviderSnapshot.ts"
import * as PurchaseMachine from "./PurchaseMachine.ts"
import { followMoney, giveBack } from "./RefundMachine.ts"
import { mayBegin, record } from "./SettlementMachine.ts"
import { isLive, type PendingChange, type Subscription } from "./Subscription.ts"
import { membershipOf, paymentsOf, subscriptionOf } from "./SubscriptionAccount.ts"
import type { SubscriptionCommandOf } from "./SubscriptionCommand.ts"
import { NoSubscription, type SubscriptionRefusal } from "./SubscriptionErrors.ts"

export const sync = (
  { snapshot }: SubscriptionCommandOf<"Sync">,
  draft: AccountDraft
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
  draft.emit({ _tag: "Observed", purchaseId, observedAt })
  return Result.succeed(undefined)
}

/** What became of the page on which it could be paid. */
const checkout = ({ checkout, payments, purchaseId, subscription }: ProviderSnapshot, draft: AccountDraft): void => {
  const purchase = subscriptionOf(draft.account, purchaseId) ?? membershipOf(draft.account, purchaseId)
  if (purchase?.state !== "pending" || payments.length > 0) return
  const isGone = checkout?.state === "expired" || subscription?.status === "incomplete_expired"
  if (isGone) return draft.emit({ _tag: "Lapsed", purchaseId })
  const quoted = paymentsOf(draft.account, purchaseId).find(({ state }) => state === "quoted")
  if (checkout?.state === "complete" && quoted !== undefined) {
    draft.emit({ _tag: "PaymentSubmitted", paymentId: quoted.id })
  }
}

const followMembership = ({ id }: Membership, draft: AccountDraft): void => {
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
  { id }: Subscription,
  { subscription: provider }: ProviderSnapshot,
  before: ReadonlyArray<Payment>,
  draft: AccountDraft
): void => {
  const now = () => subscriptionOf(draft.account, id)
  if (provider !== undefined) {
    begin(now(), provider, draft)
    period(now(), provider, draft)
    // Before the money: who had it end before a dispute did has it end still when that is won.
    ending(now(), provider, draft)
  }
  const current = now()
  if (current === undefined) return
  if (isLive(current)) {
    followMoney(current, before, provider?.status === "canceled" ? provider.endedAt : undefined, draft)
  }
  if (provider === undefined) return
  overrun(now(), provider, draft)
  standing(now(), provider, draft)
  goingOn(now(), provider, draft)
  change(now(), provider, draft)
  over(now(), provider, draft)
  const ended = now()
  const isJustOver = isLive(current) && ended !== undefined && !isLive(ended)
  if (isJustOver && provider.status === "canceled") late(ended, provider, draft)
}

/** The first money begins it; for what had ended without, it may be too late. */
const begin = (subscription: Subscription | undefined, provider: ProviderSubscription, draft: AccountDraft): void => {
  if (subscription === undefined || isLive(subscription)) return
  const { id: purchaseId, state } = subscription
  const first = paymentsOf(draft.account, purchaseId).find((it) => it.state === "settled" && it.reason !== "returned")
  const isFree = first === undefined && (provider.status === "trialing" || provider.status === "active")
  if (first === undefined && !isFree) return
  if (state !== "pending") return late(subscription, provider, draft)
  activate(subscription, provider, draft)
}

const late = (subscription: Subscription, provider: ProviderSubscription, draft: AccountDraft): void => {
  const { activatedAt, endedAt, id: purchaseId } = subscription
  const isAfterwards = (payment: Payment) =>
    activatedAt === undefined ||
    (endedAt !== undefined && payment.paidAt !== undefined && DateTime.isGreaterThan(payment.paidAt, endedAt))
  const owed = paymentsOf(draft.account, purchaseId).filter((payment) =>
    payment.state === "settled" && payment.reason !== "returned" && isAfterwards(payment) &&
    refundedUnits(payment) < payment.amount.minorUnits
  )
  const returned = !mayBegin(subscription, draft) || provider.status === "canceled"
  for (const payment of owed) {
    draft.emit({ _tag: "LatePayment", purchaseId, paymentId: payment.id, returned })
    if (returned) giveBack(payment, draft)
  }
  if (!returned && owed.length > 0) return activate(subscription, provider, draft)
  if (provider.status !== "canceled" && provider.status !== "incomplete_expired") {
    draft.tell(purchaseId, { _tag: "CancelNow", externalId: provider.externalId })
  }
}

const activate = (
  { autoRenew, id: purchaseId }: Subscription,
  provider: ProviderSubscription,
  draft: AccountDraft
): void => {
  const { anchor, externalId } = provider
  const { periodEnd: paidThrough, periodStart } = lastPaidPeriod(paymentsOf(draft.account, purchaseId)) ?? provider
  const first = paymentsOf(draft.account, purchaseId).find(({ state }) => state === "settled")
  const activatedAt = first?.paidAt ?? anchor
  draft.emit({ _tag: "Activated", purchaseId, activatedAt, anchor, periodStart, paidThrough, externalId })
  const active = subscriptionOf(draft.account, purchaseId)
  const mustEnd = !autoRenew && provider.endsAt === undefined
  if (mustEnd && active !== undefined) PurchaseMachine.cancelAtEnd(active, "no_renewal", draft)
}

/** The plan and the period are the provider's; nothing unpaid counts. */
const period = (subscription: Subscription | undefined, provider: ProviderSubscription, draft: AccountDraft): void => {
  if (subscription === undefined || !isLive(subscription)) return
  const { id: purchaseId, paidThrough, state, suspension, terms } = subscription
  if (provider.terms !== undefined && !isSamePlan(provider.terms, terms)) {
    const since = changedAt(paymentsOf(draft.account, purchaseId), subscription) ?? provider.periodStart
    draft.emit({ _tag: "Changed", purchaseId, terms: provider.terms, since })
  }
  const isGoing = provider.status === "active" || provider.status === "trialing"
  const { endedAt } = provider
  // What came after the end is too late to renew anything.
  const timely = paymentsOf(draft.account, purchaseId).filter(({ paidAt }) =>
    endedAt === undefined || paidAt === undefined || !DateTime.isGreaterThan(paidAt, endedAt)
  )
  const paid = lastPaidPeriod(timely) ?? (isGoing ? provider : undefined)
  const { anchor, periodStart } = provider
  if (paid !== undefined && (paidThrough === undefined || DateTime.isGreaterThan(paid.periodEnd, paidThrough))) {
    const recovered = state === "past_due" || suspension?.from === "past_due"
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

/** Up, a plan begins when it is paid; down, with the period. */
const changedAt = (payments: ReadonlyArray<Payment>, { change }: Subscription): DateTime.Utc | undefined =>
  change?.direction === "down"
    ? lastPaidPeriod(payments)?.periodStart
    : payments.findLast(({ kind }) => kind === "change")?.paidAt

const standing = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: AccountDraft
): void => {
  if (subscription === undefined || !isLive(subscription)) return
  const { abandoned, externalId, id: purchaseId, paidThrough, state, suspension, unpaid = false } = subscription
  const owes = state === "past_due" || suspension?.from === "past_due"
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
  const isPastGrace = paidThrough !== undefined && !DateTime.isLessThan(draft.at, graceEnd(paidThrough))
  if (isPastGrace && abandoned !== true && externalId !== undefined) {
    draft.emit({ _tag: "Abandoned", purchaseId })
    draft.tell(purchaseId, { _tag: "CancelNow", externalId, ifUnpaid: true })
    draft.tell(purchaseId, { _tag: "VoidOpenInvoice", externalId })
  }
}

/** Money for a time after the end that was agreed here goes back: the cancellation reached the provider too late. */
const overrun = (
  subscription: Subscription | undefined,
  { status }: ProviderSubscription,
  draft: AccountDraft
): void => {
  if (status !== "canceled" || subscription?.ending === undefined || !isLive(subscription)) return
  const { ending: { cause, endsAt }, id: purchaseId } = subscription
  if (cause === "provider") return
  for (const payment of paymentsOf(draft.account, purchaseId)) {
    const { periodStart, reason, state } = payment
    const isOver = periodStart !== undefined && !DateTime.isLessThan(periodStart, endsAt)
    if (!isOver || state !== "settled" || reason === "returned") continue
    draft.emit({ _tag: "LatePayment", purchaseId, paymentId: payment.id, returned: true })
    giveBack(payment, draft)
  }
}

const ending = (
  subscription: Subscription | undefined,
  { endsAt }: ProviderSubscription,
  draft: AccountDraft
): void => {
  if (endsAt === undefined || subscription === undefined || isUnsettled(subscription, draft)) return
  const { ending, id: purchaseId } = subscription
  if (ending !== undefined && DateTime.Equivalence(ending.endsAt, endsAt)) return
  const { cause = "provider", since = draft.at } = ending ?? {}
  draft.emit({ _tag: "CancelScheduled", purchaseId, ending: { endsAt, since, cause } })
}

const goingOn = (
  subscription: Subscription | undefined,
  { endsAt, status }: ProviderSubscription,
  draft: AccountDraft
): void => {
  if (endsAt !== undefined || status === "canceled" || subscription === undefined || isUnsettled(subscription, draft)) {
    return
  }
  const { ending, externalId, id: purchaseId, refund, suspension } = subscription
  // Money that is disputed or about to go back pays for no further period, whatever is clicked in the portal.
  const mustEnd = refund !== undefined || suspension?.cause === "dispute"
  if (mustEnd && externalId !== undefined) draft.tell(purchaseId, { _tag: "CancelAtPeriodEnd", externalId })
  else if (ending !== undefined) draft.emit({ _tag: "CancelUndone", purchaseId })
}

const change = (subscription: Subscription | undefined, provider: ProviderSubscription, draft: AccountDraft): void => {
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
  { at: since }: AccountDraft
): PendingChange | undefined => {
  if (pendingUpdate?.terms !== undefined) {
    const page = openInvoice?.url === undefined ? {} : { invoiceUrl: openInvoice.url }
    return { direction: "up", terms: pendingUpdate.terms, since, until: pendingUpdate.expiresAt, ...page }
  }
  if (scheduled?.terms !== undefined) return { direction: "down", terms: scheduled.terms, since, until: scheduled.at }
  return undefined
}

const over = (subscription: Subscription | undefined, provider: ProviderSubscription, draft: AccountDraft): void => {
  if (provider.status !== "canceled" || subscription === undefined) return
  if (!isLive(subscription) && subscription.state !== "pending") return
  const { abandoned, id: purchaseId, state } = subscription
  const endedAt = provider.endedAt ?? draft.at
  const isExpiry = provider.endedUnpaid || abandoned === true || state === "suspended"
  draft.emit({ _tag: isExpiry ? "Expired" : "Ended", purchaseId, endedAt })
}

/** It is over, or what was just asked of the provider about its end has not reached it. */
const isUnsettled = (subscription: Subscription, { intents }: AccountDraft): boolean =>
  !isLive(subscription) ||
  intents.some(({ intent, purchaseId }) =>
    purchaseId === subscription.id && (intent._tag === "CancelAtPeriodEnd" || intent._tag === "UndoCancel")
  )
