/**
 * Settled payments that a reorganisation took out of their chain, and that the chain includes again.
 */
import { DateTime, Result } from "effect"
import { membershipOf, paymentOf, paymentsOf, subscriptionOf } from "../model/BillingAccount.ts"
import { lastPaidPeriod } from "../model/PaidPeriods.ts"
import type { Payment } from "../model/Payment.ts"
import { isLive, type Subscription } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import { overpaid, quotePaidBy } from "./QuoteRules.ts"
import { isCurrent, suspend } from "./RefundMachine.ts"
import { addCredit, useCredit } from "./WalletCredit.ts"

export const reversed = ({ paymentId }: SubscriptionCommandOf<"PaymentReversed">, draft: BillingAccountDraft) => {
  const payment = paymentOf(draft.account, paymentId)
  if (payment?.state !== "settled") return Result.void
  draft.emit({ _tag: "PaymentReversed", paymentId })
  creditOf(payment).forEach((units) => moveCredit(-units, payment, draft))
  const subscription = subscriptionOf(draft.account, payment.purchaseId)
  const membership = membershipOf(draft.account, payment.purchaseId)
  if (subscription !== undefined && isLive(subscription) && subscription.state !== "suspended") {
    reverseOf(subscription, payment, draft)
  } else if (membership?.state === "active") suspend(membership, paymentId, "reorg", draft)
  return Result.void
}

export const restored = ({ paymentId }: SubscriptionCommandOf<"PaymentRestored">, draft: BillingAccountDraft) => {
  const payment = paymentOf(draft.account, paymentId)
  if (payment?.state !== "reversed") return Result.void
  draft.emit({ _tag: "PaymentRestored", paymentId })
  creditOf(payment).forEach((units) => moveCredit(units, payment, draft))
  const subscription = subscriptionOf(draft.account, payment.purchaseId)
  const purchase = subscription ?? membershipOf(draft.account, payment.purchaseId)
  if (purchase?.suspension?.paymentId === paymentId) draft.emit({ _tag: "Restored", purchaseId: purchase.id })
  else if (subscription !== undefined && isLive(subscription)) extendAgain(subscription, payment, draft)
  return Result.void
}

/** A renewal that was paid early gives its period back. Any other payment of the current period suspends. */
const reverseOf = (subscription: Subscription, payment: Payment, draft: BillingAccountDraft): void => {
  const { anchor, id: purchaseId } = subscription
  if (!isCurrent(payment, subscription, draft.account)) {
    return draft.emit({ _tag: "DisputeRecorded", purchaseId, paymentId: payment.id })
  }
  const before = lastPaidPeriod(paymentsOf(draft.account, purchaseId))
  const isEarly = before !== undefined && DateTime.isGreaterThan(before.periodEnd, draft.at) && anchor !== undefined &&
    payment.kind === "renewal"
  if (!isEarly) return suspend(subscription, payment.id, "reorg", draft)
  const { periodEnd: paidThrough, periodStart } = before
  draft.emit({ _tag: "PeriodCorrected", purchaseId, anchor, periodStart, paidThrough })
}

const extendAgain = (
  { anchor, id: purchaseId, paidThrough }: Subscription,
  { kind, periodEnd, periodStart }: Payment,
  draft: BillingAccountDraft
): void => {
  if (kind !== "renewal" || periodEnd === undefined || periodStart === undefined || anchor === undefined) return
  if (paidThrough === undefined || !DateTime.Equivalence(paidThrough, periodStart)) return
  draft.emit({ _tag: "Renewed", purchaseId, anchor, periodStart, paidThrough: periodEnd, recovered: false })
}

/** By how much the payment raised the credit of the user. Nothing for a payment without a quote. */
const creditOf = (payment: Payment): ReadonlyArray<bigint> => {
  const { amount, reason, transfer } = payment
  if (transfer === undefined) return []
  const quote = quotePaidBy(transfer, payment)
  const [more, used] = quote._tag === "Success"
    ? [overpaid(transfer, quote.success).minorUnits, quote.success.credit?.minorUnits ?? 0n]
    : [0n, 0n]
  return [more - used + (reason === "returned" ? amount.minorUnits : 0n)]
}

const moveCredit = (units: bigint, { amount, id }: Payment, draft: BillingAccountDraft): void => {
  const money = { ...amount, minorUnits: units < 0n ? -units : units }
  if (units < 0n) useCredit(money, "reversed", id, draft)
  else addCredit(money, "reversed", id, draft)
}
