/**
 * How much goes back when a payment does: what is left of the payment, and what earlier ones counted towards it.
 */
import { DateTime } from "effect"
import { type BillingAccount, paymentsOf } from "../model/BillingAccount.ts"
import type { Money } from "../model/Money.ts"
import { type Payment, refundedUnits } from "../model/Payment.ts"

/** The worst that is said of a payment. */
export const disputeOf = ({ disputes }: Payment): "open" | "won" | "lost" | undefined => {
  if (disputes.some(({ state }) => state === "lost")) return "lost"
  if (disputes.some(({ state }) => state === "open")) return "open"
  return disputes.length > 0 ? "won" : undefined
}

/** What of a payment has not gone back. */
export const leftOf = (payment: Payment): Money => ({
  ...payment.amount,
  minorUnits: payment.amount.minorUnits - refundedUnits(payment)
})

/**
 * What of earlier payments goes back together with a payment, because it counted against its price: the latest first.
 * What is disputed, or was taken back by that, cannot go back.
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

/** All that goes back with a payment. */
export const wholeOf = (account: BillingAccount, payment: Payment): Money => ({
  ...payment.amount,
  minorUnits: countedBy(account, payment)
    .reduce((sum, { amount }) => sum + amount.minorUnits, leftOf(payment).minorUnits)
})
