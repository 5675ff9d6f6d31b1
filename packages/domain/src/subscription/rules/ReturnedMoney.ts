/**
 * The amounts of a refund: the rest of the payment, and the earlier payments that counted towards its price.
 */
import { DateTime } from "effect"
import { type BillingAccount, paymentsOf } from "../model/BillingAccount.ts"
import type { Money } from "../model/Money.ts"
import { type Payment, refundedUnits } from "../model/Payment.ts"

/** The worst outcome among the disputes of a payment. */
export const disputeOf = ({ disputes }: Payment): "open" | "won" | "lost" | undefined => {
  if (disputes.some(({ state }) => state === "lost")) return "lost"
  if (disputes.some(({ state }) => state === "open")) return "open"
  return disputes.length > 0 ? "won" : undefined
}

/** The part of a payment that was not refunded. */
export const leftOf = (payment: Payment): Money => ({
  ...payment.amount,
  minorUnits: payment.amount.minorUnits - refundedUnits(payment)
})

/**
 * The parts of earlier payments that a refund includes, because they counted towards the price: the latest first. A
 * payment with an open or lost dispute cannot be refunded.
 */
export const countedBy = (account: BillingAccount, { counted, paidAt, purchaseId }: Payment) => {
  let rest = counted?.minorUnits ?? 0n
  return paymentsOf(account, purchaseId)
    .filter((it) => it.state === "settled" && it.paidAt && paidAt && DateTime.isLessThan(it.paidAt, paidAt))
    .filter((it) => disputeOf(it) === undefined || disputeOf(it) === "won")
    .toSorted((one, other) => (other.paidAt?.epochMilliseconds ?? 0) - (one.paidAt?.epochMilliseconds ?? 0))
    .flatMap((payment) => {
      const left = leftOf(payment).minorUnits
      const minorUnits = left < rest ? left : rest
      if (payment.paymentIntent === undefined || minorUnits <= 0n) return []
      rest -= minorUnits
      return [{ payment, amount: { ...payment.amount, minorUnits } }]
    })
}

/** The total of a refund. */
export const wholeOf = (account: BillingAccount, payment: Payment): Money => ({
  ...payment.amount,
  minorUnits: countedBy(account, payment)
    .reduce((sum, { amount }) => sum + amount.minorUnits, leftOf(payment).minorUnits)
})
