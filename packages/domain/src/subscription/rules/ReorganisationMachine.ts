/**
 * Settled payments that a reorganisation took out of their chain, and that the chain includes again.
 */
import { DateTime, Result, Struct } from "effect"
import { membershipOf, paymentOf, paymentsOf, subscriptionOf } from "../model/BillingAccount.ts"
import type { Membership } from "../model/Membership.ts"
import { isSuperseded, lastPaidPeriod } from "../model/PaidPeriods.ts"
import type { Payment } from "../model/Payment.ts"
import { isLive, type Subscription } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import type { PurchaseId } from "../model/SubscriptionIds.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import * as OwnPeriods from "./OwnPeriods.ts"
import { overpaid, quotePaidBy } from "./QuoteRules.ts"
import { isCurrent, suspend } from "./RefundMachine.ts"
import { leftOf } from "./ReturnedMoney.ts"
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
  const membership = membershipOf(draft.account, payment.purchaseId)
  if ((subscription ?? membership)?.suspension?.paymentId === paymentId) {
    draft.emit({ _tag: "Restored", purchaseId: payment.purchaseId })
    if (subscription !== undefined) suspendAgain(subscription.id, draft)
  } else if (isUnused(payment, subscription, membership, draft)) payAgain(payment, subscription, draft)
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
  const reversed = paymentOf(draft.account, payment.id) ?? payment
  draft.emit({ _tag: "PaymentChanged", payment: Struct.omit(reversed, ["periodStart", "periodEnd"]) })
}

/** Another payment of the current period is still gone. */
const suspendAgain = (purchaseId: PurchaseId, draft: BillingAccountDraft): void => {
  const subscription = subscriptionOf(draft.account, purchaseId)
  if (subscription === undefined || subscription.state === "suspended" || !isLive(subscription)) return
  const gone = paymentsOf(draft.account, purchaseId).find((it) =>
    it.state === "reversed" && isCurrent(it, subscription, draft.account)
  )
  if (gone !== undefined) reverseOf(subscription, gone, draft)
}

/** Whether the user does not have what the payment pays for: its period was given back, or the purchase was revoked. */
const isUnused = (
  payment: Payment,
  subscription: Subscription | undefined,
  membership: Membership | undefined,
  { account }: BillingAccountDraft
): boolean => {
  if (payment.reason === "returned" || leftOf(payment).minorUnits <= 0n) return false
  if (subscription === undefined) return membership?.state === "revoked"
  const { kind, periodEnd } = payment
  if (periodEnd === undefined) return kind === "renewal"
  const { endedAt, id, state } = subscription
  return state === "expired" && endedAt !== undefined && DateTime.isLessThan(endedAt, periodEnd) &&
    !isSuperseded(payment, paymentsOf(account, id))
}

const payAgain = (payment: Payment, subscription: Subscription | undefined, draft: BillingAccountDraft): void => {
  const restored = paymentOf(draft.account, payment.id) ?? payment
  if (subscription !== undefined && payment.periodEnd === undefined) OwnPeriods.pay(subscription, restored, draft)
  else OwnPeriods.superfluous(restored, draft)
}

/** By how much the payment raised the credit of the user. Nothing for a payment without a quote. */
const creditOf = (payment: Payment): ReadonlyArray<bigint> => {
  const { reason, transfer } = payment
  if (transfer === undefined) return []
  const quote = quotePaidBy(transfer, payment)
  const [more, used] = quote._tag === "Success"
    ? [overpaid(transfer, quote.success).minorUnits, quote.success.credit?.minorUnits ?? 0n]
    : [0n, 0n]
  return [more - used + (reason === "returned" ? leftOf(payment).minorUnits : 0n)]
}

const moveCredit = (units: bigint, { amount, id }: Payment, draft: BillingAccountDraft): void => {
  const money = { ...amount, minorUnits: units < 0n ? -units : units }
  if (units < 0n) useCredit(money, "reversed", id, draft)
  else addCredit(money, "reversed", id, draft)
}
