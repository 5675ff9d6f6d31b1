/**
 * Ends the billing of a deleted user: purchases end, and later payments are refunded.
 */
import { DateTime, Result } from "effect"
import { type BillingAccount, membershipOf, pendingMembership, subscriptionOf } from "../model/BillingAccount.ts"
import { type Payment, refundedUnits } from "../model/Payment.ts"
import { isOpen } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import * as CancelMachine from "./CancelMachine.ts"
import { returnPayment } from "./RefundMachine.ts"
import { disputeOf } from "./ReturnedMoney.ts"

export const endBilling = ({ leftAt }: SubscriptionCommandOf<"EndBilling">, draft: BillingAccountDraft) => {
  for (const purchase of draft.account.subscriptions.filter(isOpen)) {
    const { id: purchaseId, state } = purchase
    if (state === "pending") {
      draft.emit({ _tag: "Cancelled", purchaseId, endedAt: draft.at })
      CancelMachine.closeCheckout(purchase, draft)
    } else CancelMachine.cancelNow(subscriptionOf(draft.account, purchaseId), draft)
    draft.sync(purchaseId)
  }
  const pending = pendingMembership(draft.account)
  if (pending !== undefined) {
    draft.emit({ _tag: "CheckoutExpired", purchaseId: pending.id })
    CancelMachine.closeCheckout(pending, draft)
  }
  if (draft.account.closed !== true) draft.emit({ _tag: "BillingEnded", leftAt })
  giveBackWhatCameSince(draft)
  return Result.void
}

/** Whether a payment came after the deletion. The provider reports times in whole seconds. */
export const isPaidAfterLeaving = ({ leftAt }: BillingAccount, { paidAt }: Payment): boolean =>
  leftAt !== undefined && paidAt !== undefined && !DateTime.isLessThan(paidAt, DateTime.startOf(leftAt, "second"))

const giveBackWhatCameSince = (draft: BillingAccountDraft): void => {
  for (const payment of draft.account.payments) {
    const { id: paymentId, purchaseId } = payment
    if (!isPaidAfterLeaving(draft.account, payment) || !isKept(payment)) continue
    const membership = membershipOf(draft.account, purchaseId)
    if (membership?.state === "active" || membership?.state === "suspended") {
      draft.emit({ _tag: "Cancelled", purchaseId, endedAt: draft.at })
    }
    draft.emit({ _tag: "LatePayment", purchaseId, paymentId, returned: true })
    returnPayment(payment, draft)
  }
}

/** Whether a payment has to be refunded. A disputed payment is returned by the dispute, if at all. */
const isKept = (payment: Payment): boolean =>
  payment.state === "settled" && payment.reason !== "returned" && refundedUnits(payment) < payment.amount.minorUnits &&
  (disputeOf(payment) ?? "won") === "won"
