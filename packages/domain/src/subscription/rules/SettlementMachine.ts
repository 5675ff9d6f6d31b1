/**
 * Records payments, and applies payments for purchases that are billed here.
 */
import { Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { membershipOf, paymentsOf, subscriptionOf } from "../model/BillingAccount.ts"
import type { Membership } from "../model/Membership.ts"
import { isSameMoney, type Money } from "../model/Money.ts"
import type { Dispute, Payment, Refund } from "../model/Payment.ts"
import type { ProviderPayment } from "../model/ProviderSnapshot.ts"
import type { Subscription } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import { NoSubscription } from "../model/SubscriptionErrors.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import * as LifetimeMachine from "./LifetimeMachine.ts"
import * as OwnPeriods from "./OwnPeriods.ts"

/** Applies a payment for a purchase that is billed here. */
export const settlePayment = rule((
  { payment: money, purchaseId }: SubscriptionCommandOf<"PaymentSettled">,
  draft: BillingAccountDraft
) => {
  const subscription = subscriptionOf(draft.account, purchaseId)
  const membership = membershipOf(draft.account, purchaseId)
  if (subscription === undefined && membership === undefined) return Result.fail(new NoSubscription())
  const payment = recordPayment(draft, purchaseId, money, true)
  if (payment === undefined) return Result.void
  applyPayment(subscription, membership, payment, draft)
  return Result.void
})

/** Gives the purchase what a new payment pays for. */
export const applyPayment = (
  subscription: Subscription | undefined,
  membership: Membership | undefined,
  payment: Payment,
  draft: BillingAccountDraft
): void => {
  if (membership !== undefined) LifetimeMachine.activate(membership, payment, draft)
  else if (subscription !== undefined) OwnPeriods.pay(subscription, payment, draft)
}

/**
 * Records a payment, and returns the payment if it is new. Only a newer observation replaces a known refund or dispute.
 */
export const recordPayment = (
  draft: BillingAccountDraft,
  purchaseId: Subscription["id"],
  money: ProviderPayment,
  isNewest: boolean
): Payment | undefined => {
  const own = paymentsOf(draft.account, purchaseId)
  const isOfAnother = draft.account.payments.some((it) =>
    it.externalId === money.externalId && it.purchaseId !== purchaseId
  )
  if (isOfAnother) return undefined
  const known = own.find(({ externalId }) => externalId === money.externalId)
  if (known !== undefined) {
    const merged = mergedWith(known, money, isNewest)
    if (!isSamePayment(known, merged)) draft.emit({ _tag: "PaymentChanged", payment: merged })
    return undefined
  }
  const asked = own.find(({ externalId, kind }) => externalId === undefined && kind === money.kind)
  const { id, kind, paidAt, ...rest } = money
  const payment: Payment = {
    ...asked,
    ...rest,
    id: asked?.id ?? id,
    purchaseId,
    kind,
    method: asked?.method ?? methodOf(draft, purchaseId),
    state: "settled",
    createdAt: asked?.createdAt ?? paidAt,
    paidAt
  }
  const expected = asked === undefined ? pricesOf(draft, payment) : [asked.amount]
  const [first] = expected
  const isOther = first !== undefined && !expected.some((price) => isSameMoney(price, payment.amount))
  draft.emit({ _tag: "PaymentRecorded", payment, ...(isOther && { expected: first }) })
  return payment
}

/** The expected prices of a renewal: of the current plan, and of the plan to which it changes. */
const pricesOf = (draft: BillingAccountDraft, { kind, purchaseId }: Payment): ReadonlyArray<Money> => {
  const subscription = subscriptionOf(draft.account, purchaseId)
  if (kind !== "renewal" || subscription === undefined) return []
  const { change, terms } = subscription
  return change === undefined ? [terms.price] : [terms.price, change.terms.price]
}

const methodOf = (draft: BillingAccountDraft, purchaseId: Subscription["id"]) =>
  (subscriptionOf(draft.account, purchaseId) ?? membershipOf(draft.account, purchaseId))?.method ?? "stripe"

const mergedWith = (known: Payment, money: ProviderPayment, isNewest: boolean): Payment => ({
  ...known,
  ...(money.receiptUrl !== undefined && { receiptUrl: money.receiptUrl }),
  ...(money.paymentIntent !== undefined && { paymentIntent: money.paymentIntent }),
  refunds: united(known.refunds, money.refunds, isNewest),
  disputes: united(known.disputes, money.disputes, isNewest)
})

/** Both lists together. An entry that is in both is taken from the newer list. */
const united = <A extends Refund | Dispute>(
  known: ReadonlyArray<A>,
  told: ReadonlyArray<A>,
  isNewest: boolean
): ReadonlyArray<A> => {
  const [first, second] = isNewest ? [known, told] : [told, known]
  const byId = new Map([...first, ...second].map((it) => [it.externalId, it]))
  return [...byId.values()].toSorted((one, other) => one.externalId < other.externalId ? -1 : 1)
}

const isSamePayment = (one: Payment, other: Payment): boolean =>
  one.receiptUrl === other.receiptUrl && one.paymentIntent === other.paymentIntent &&
  one.refunds.length === other.refunds.length && one.disputes.length === other.disputes.length &&
  one.refunds.every(({ amount, state }, index) => {
    const refund = other.refunds[index]
    return refund !== undefined && refund.state === state && isSameMoney(refund.amount, amount)
  }) &&
  one.disputes.every(({ state }, index) => other.disputes[index]?.state === state)
