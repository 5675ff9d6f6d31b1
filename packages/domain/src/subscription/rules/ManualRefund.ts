/**
 * Refunds that an administrator sends by hand, because a chain has no refunds.
 */
import { Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { membershipOf, paymentOf, subscriptionOf } from "../model/BillingAccount.ts"
import { isLive } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import { NoSubscription, RefundNotAllowed } from "../model/SubscriptionErrors.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import { leftOf } from "./ReturnedMoney.ts"

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
  const refund = { externalId, amount, state: "succeeded", at: draft.at } as const
  draft.emit({ _tag: "PaymentChanged", payment: { ...payment, refunds: [...payment.refunds, refund] } })
  const { purchaseId } = payment
  const subscription = subscriptionOf(draft.account, purchaseId)
  const membership = membershipOf(draft.account, purchaseId)
  const isInUse = (subscription !== undefined && isLive(subscription)) ||
    membership?.state === "active" || membership?.state === "suspended"
  if (isInUse && payment.reason !== "returned") draft.emit({ _tag: "Refunded", purchaseId, paymentId })
  return Result.void
})
