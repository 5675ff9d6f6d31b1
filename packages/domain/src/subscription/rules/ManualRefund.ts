/**
 * Refunds that an administrator sends by hand, because a chain has no refunds.
 */
import { Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { membershipOf, paymentOf, subscriptionOf } from "../model/BillingAccount.ts"
import { isLive } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import { CreditTooLow, NoSubscription, RefundNotAllowed } from "../model/SubscriptionErrors.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import { leftOf } from "./ReturnedMoney.ts"
import { freeCredit, useCredit } from "./WalletCredit.ts"

/** Records the refund of a whole payment, and ends what the payment pays for. */
export const recordRefund = rule((
  { externalId, paymentId }: SubscriptionCommandOf<"RecordRefund">,
  draft: BillingAccountDraft
) => {
  const payment = paymentOf(draft.account, paymentId)
  if (payment === undefined) return Result.fail(new NoSubscription())
  if (payment.refunds.some((it) => it.externalId === externalId)) return Result.void
  const amount = leftOf(payment)
  if (payment.method !== "web3" || payment.state !== "settled" || amount.minorUnits <= 0n) {
    return Result.fail(new RefundNotAllowed({ reason: "no_payment" }))
  }
  const isReturned = payment.reason === "returned"
  // The money is a credit of the user, who may have used the credit meanwhile.
  if (isReturned && freeCredit(draft.account) < amount.minorUnits) return Result.fail(new CreditTooLow())
  const refund = { externalId, amount, state: "succeeded", at: draft.at } as const
  draft.emit({ _tag: "PaymentChanged", payment: { ...payment, refunds: [...payment.refunds, refund] } })
  if (isReturned) useCredit(amount, "returned", paymentId, draft)
  const { purchaseId } = payment
  const subscription = subscriptionOf(draft.account, purchaseId)
  const membership = membershipOf(draft.account, purchaseId)
  const isInUse = (subscription !== undefined && isLive(subscription)) ||
    membership?.state === "active" || membership?.state === "suspended"
  if (isInUse && !isReturned) draft.emit({ _tag: "Refunded", purchaseId, paymentId })
  return Result.void
})
