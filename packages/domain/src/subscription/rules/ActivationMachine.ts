/**
 * Starts a subscription with its first payment, and decides about payments that arrive after the end.
 */
import { DateTime } from "effect"
import { paymentsOf, subscriptionOf } from "../model/BillingAccount.ts"
import { isSuperseded, lastPaidPeriod } from "../model/PaidPeriods.ts"
import { type Payment, refundedUnits } from "../model/Payment.ts"
import type { ProviderSubscription } from "../model/ProviderSnapshot.ts"
import { isLive, type Subscription } from "../model/Subscription.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import * as CancelMachine from "./CancelMachine.ts"
import { isPaidAfterLeaving } from "./DeletedUserMachine.ts"
import { mayBegin } from "./OwnPeriods.ts"
import { refundRemainder } from "./RefundMachine.ts"

/** Activates a pending subscription with its first payment, or with a free period of the provider. */
export const activate = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined || isLive(subscription)) return
  const { id: purchaseId, state } = subscription
  const isPaid = paymentsOf(draft.account, purchaseId).some((it) => it.state === "settled" && it.reason !== "returned")
  if (!isPaid && provider.status !== "trialing" && provider.status !== "active") return
  if (state === "pending") begin(subscription, provider, draft)
  else resolveLatePayments(subscription, provider, draft)
}

/**
 * Payments that arrive after the end of a subscription: they start a subscription that was never active, or they are
 * refunded and the subscription is ended at the provider.
 */
export const resolveLatePayments = (
  subscription: Subscription,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  const { id: purchaseId } = subscription
  const late = latePayments(subscription, draft)
  const returned = !mayBegin(subscription, draft) || provider.status === "canceled"
  for (const payment of late) {
    draft.emit({ _tag: "LatePayment", purchaseId, paymentId: payment.id, returned })
    if (returned) refundRemainder(payment, draft)
  }
  if (!returned && late.length > 0) return begin(subscription, provider, draft)
  const { externalId, openInvoice, status } = provider
  if (status !== "canceled" && status !== "incomplete_expired") {
    draft.enqueue(purchaseId, { _tag: "CancelNow", externalId })
  }
  // A payment of the open invoice would have to be refunded.
  if (openInvoice !== undefined) draft.enqueue(purchaseId, { _tag: "VoidOpenInvoice", externalId })
}

const latePayments = (
  { activatedAt, endedAt, id, paidThrough }: Subscription,
  { account }: BillingAccountDraft
): ReadonlyArray<Payment> => {
  const payments = paymentsOf(account, id)
  // The payment was unknown when the subscription ended, so the user had no access for its period.
  const isUnused = (payment: Payment) =>
    paidThrough !== undefined && payment.periodEnd !== undefined &&
    DateTime.isGreaterThan(payment.periodEnd, paidThrough) && !isSuperseded(payment, payments)
  const isLate = (payment: Payment) =>
    activatedAt === undefined || isUnused(payment) || isPaidAfterLeaving(account, payment) ||
    (endedAt !== undefined && payment.paidAt !== undefined && DateTime.isGreaterThan(payment.paidAt, endedAt))
  return payments.filter((payment) =>
    payment.state === "settled" && payment.reason !== "returned" && isLate(payment) &&
    refundedUnits(payment) < payment.amount.minorUnits
  )
}

const begin = (
  { autoRenew, id: purchaseId }: Subscription,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  const { anchor, externalId } = provider
  const payments = paymentsOf(draft.account, purchaseId)
  const { periodEnd: paidThrough, periodStart } = lastPaidPeriod(payments) ?? provider
  const activatedAt = payments.find(({ state }) => state === "settled")?.paidAt ?? anchor
  draft.emit({ _tag: "Activated", purchaseId, activatedAt, anchor, periodStart, paidThrough, externalId })
  const active = subscriptionOf(draft.account, purchaseId)
  const mustEnd = !autoRenew && provider.endsAt === undefined
  if (mustEnd && active !== undefined) CancelMachine.cancelAtEnd(active, "no_renewal", draft)
}
