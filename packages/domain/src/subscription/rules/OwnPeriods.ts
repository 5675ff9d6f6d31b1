/**
 * The periods of a subscription that dchat bills: each payment starts or extends one.
 */
import { DateTime, Result } from "effect"
import { isSameMoney } from "../model/Money.ts"
import type { Payment } from "../model/Payment.ts"
import { nextPeriodEnd, periodEnd } from "../model/Periods.ts"
import { isSamePlan, type PlanTerms } from "../model/PlanTerms.ts"
import { isLive, isOpen, type Subscription } from "../model/Subscription.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import * as CancelMachine from "./CancelMachine.ts"
import { quotePaidBy } from "./QuoteRules.ts"
import { returnPayment } from "./RefundMachine.ts"

/** The renewal of a monthly plan is open for this many days before the end of the period, of a yearly plan for more. */
export const renewalDays = { monthly: 7, yearly: 30 } as const

/** When the renewal opens. */
export const renewalOpensAt = ({ paidThrough, terms }: Subscription): DateTime.Utc | undefined =>
  paidThrough && DateTime.subtract(paidThrough, { days: renewalDays[terms.period] })

/** The plan of the next period. */
export const nextTermsOf = ({ change, terms }: Subscription): PlanTerms =>
  change?.direction === "down" ? change.terms : terms

/** Whether a renewal was requested for this plan at this price. */
export const isPriced = ({ terms }: Payment, next: PlanTerms): boolean =>
  terms === undefined || (isSamePlan(terms, next) && isSameMoney(terms.price, next.price))

/** Whether a late payment can still activate its purchase: no other purchase has taken its place. */
export const mayBegin = (subscription: Subscription, draft: BillingAccountDraft): boolean =>
  subscription.activatedAt === undefined && isFree(subscription, draft)

const isFree = (subscription: Subscription, draft: BillingAccountDraft): boolean =>
  draft.account.closed !== true && !draft.account.subscriptions.some(isOpen) &&
  !CancelMachine.isCoveredByLifetime(subscription, draft)

/** Gives the subscription what a payment pays for: its first period, a further period, or a change of plan. */
export const pay = (subscription: Subscription, payment: Payment, draft: BillingAccountDraft): void => {
  if (payment.kind === "change" && payment.change !== undefined) return payChange(subscription, payment, draft)
  if (subscription.state === "pending") return begin(subscription, payment, draft)
  // The plan of the next period has changed since the renewal was requested.
  if (payment.kind === "renewal" && !isPriced(payment, nextTermsOf(subscription))) return superfluous(payment, draft)
  if (isLive(subscription)) {
    return continues(subscription, payment, draft) ? renew(subscription, payment, draft) : superfluous(payment, draft)
  }
  if (payment.kind === "renewal") return renewLate(subscription, payment, draft)
  if (!mayBegin(subscription, draft)) return superfluous(payment, draft)
  draft.emit({ _tag: "LatePayment", purchaseId: subscription.id, paymentId: payment.id, returned: false })
  begin(subscription, payment, draft)
}

/** The payment pays for nothing, and becomes a credit. */
export const superfluous = (payment: Payment, draft: BillingAccountDraft): void => {
  const { id: paymentId, purchaseId } = payment
  draft.emit({ _tag: "LatePayment", purchaseId, paymentId, returned: true })
  returnPayment(payment, draft)
}

/**
 * A payment of the user undoes the cancellation of the user. Any other end stays, and makes the payment superfluous, as
 * does a charge that was on its way at the cancellation.
 */
const continues = (
  { ending, id: purchaseId }: Subscription,
  payment: Payment,
  draft: BillingAccountDraft
): boolean => {
  if (ending === undefined) return true
  if (isCharged(payment) || (ending.cause !== "user" && ending.cause !== "no_renewal")) return false
  CancelMachine.uncancel(purchaseId, draft)
  return true
}

/** Whether dchat has charged the payment by an authorisation. */
const isCharged = (payment: Payment): boolean => {
  const quote = payment.transfer && quotePaidBy(payment.transfer, payment)
  return quote !== undefined && Result.isSuccess(quote) && quote.success.charged === true
}

const begin = ({ id: purchaseId, terms }: Subscription, payment: Payment, draft: BillingAccountDraft): void => {
  const { paidAt = draft.at } = payment
  const paidThrough = periodEnd(paidAt, terms.period, 1)
  draft.emit({ _tag: "Activated", purchaseId, activatedAt: paidAt, anchor: paidAt, periodStart: paidAt, paidThrough })
  assignPeriod(payment, paidAt, paidThrough, draft)
}

/** The subscription expired before its renewal was known, or before the renewal was paid. */
const renewLate = (subscription: Subscription, payment: Payment, draft: BillingAccountDraft): void => {
  const { paidThrough = draft.at, state, terms } = subscription
  const { paidAt = draft.at } = payment
  if (state !== "expired" || !isFree(subscription, draft)) return superfluous(payment, draft)
  if (!DateTime.isGreaterThan(paidAt, paidThrough)) return renew(subscription, payment, draft)
  const next = periodEnd(paidAt, terms.period, 1)
  extend(subscription, payment, { anchor: paidAt, start: paidAt, next }, draft)
}

const renew = (subscription: Subscription, payment: Payment, draft: BillingAccountDraft): void => {
  const { anchor = draft.at, change, id: purchaseId, paidThrough = draft.at, terms } = subscription
  if (change === undefined || (change.direction === "up") !== (payment.kind === "change")) {
    const next = nextPeriodEnd(anchor, terms.period, paidThrough)
    return extend(subscription, payment, { anchor, start: paidThrough, next }, draft)
  }
  // A change up starts with the payment, a change down with the next period. Another interval starts a new anchor.
  const start = change.direction === "up" ? payment.paidAt ?? draft.at : paidThrough
  const isSameInterval = change.terms.period === terms.period && change.direction === "down"
  const from = isSameInterval ? anchor : start
  draft.emit({ _tag: "Changed", purchaseId, terms: change.terms, since: start })
  extend(subscription, payment, { anchor: from, start, next: nextPeriodEnd(from, change.terms.period, start) }, draft)
}

/**
 * A change that was paid before it lapsed takes effect, even if the payment is known later. If another payment has moved the
 * end of the paid periods since, the price of the change was wrong.
 */
const payChange = (subscription: Subscription, payment: Payment, draft: BillingAccountDraft): void => {
  const { change, paidAt: start = draft.at } = payment
  const { paidThrough } = subscription
  const isTimely = change !== undefined && !DateTime.isGreaterThan(start, change.until) &&
    isSameTime(change.paidThrough ?? paidThrough, paidThrough)
  if (!isTimely || !isLive(subscription) || !continues(subscription, payment, draft)) return superfluous(payment, draft)
  draft.emit({ _tag: "Changed", purchaseId: subscription.id, terms: change.terms, since: start })
  extend(subscription, payment, { anchor: start, start, next: periodEnd(start, change.terms.period, 1) }, draft)
}

const isSameTime = (one: DateTime.Utc | undefined, other: DateTime.Utc | undefined): boolean =>
  one !== undefined && other !== undefined && DateTime.Equivalence(one, other)

const extend = (
  { id: purchaseId, state }: Subscription,
  payment: Payment,
  { anchor, next, start }: { readonly anchor: DateTime.Utc; readonly start: DateTime.Utc; readonly next: DateTime.Utc },
  draft: BillingAccountDraft
): void => {
  const recovered = state === "past_due"
  draft.emit({ _tag: "Renewed", purchaseId, anchor, periodStart: start, paidThrough: next, recovered })
  assignPeriod(payment, start, next, draft)
}

/** Records the period for which the payment pays. */
const assignPeriod = (
  payment: Payment,
  periodStart: DateTime.Utc,
  periodEnd: DateTime.Utc,
  draft: BillingAccountDraft
): void => draft.emit({ _tag: "PaymentChanged", payment: { ...payment, periodStart, periodEnd } })
