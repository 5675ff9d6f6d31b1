/**
 * The price of a change to a higher plan, for subscriptions that dchat bills.
 */
import { DateTime } from "effect"
import { paymentsOf } from "../model/BillingAccount.ts"
import type { BillingAccount } from "../model/BillingAccount.ts"
import type { Money } from "../model/Money.ts"
import { isSuperseded } from "../model/PaidPeriods.ts"
import type { Payment } from "../model/Payment.ts"
import type { PlanTerms } from "../model/PlanTerms.ts"
import type { Subscription } from "../model/Subscription.ts"
import type { PaymentId } from "../model/SubscriptionIds.ts"

/** The price of the new plan, minus the unused part of the paid periods. */
export interface ChangePrice {
  readonly amountDue: Money
  /** The unused part that counts towards the price. */
  readonly counted: Money
}

export const changePriceOf = (
  account: BillingAccount,
  { id }: Subscription,
  terms: PlanTerms,
  at: DateTime.Utc
): ChangePrice => {
  const payments = paymentsOf(account, id)
  const unused = payments
    .filter((it) => it.state === "settled" && it.reason !== "returned" && !isSuperseded(it, payments))
    .reduce((sum, it) => sum + unusedOf(it, at), 0n)
  const { price } = terms
  const counted = unused < price.minorUnits ? unused : price.minorUnits
  return {
    amountDue: { ...price, minorUnits: price.minorUnits - counted },
    counted: { ...price, minorUnits: counted }
  }
}

/** The value of the rest of the paid period, rounded down. */
const unusedOf = ({ amount, counted, periodEnd, periodStart }: Payment, at: DateTime.Utc): bigint => {
  if (periodStart === undefined || periodEnd === undefined || !DateTime.isGreaterThan(periodEnd, at)) return 0n
  const whole = amount.minorUnits + (counted?.minorUnits ?? 0n)
  const from = Math.max(at.epochMilliseconds, periodStart.epochMilliseconds)
  const length = BigInt(periodEnd.epochMilliseconds - periodStart.epochMilliseconds)
  return whole * BigInt(periodEnd.epochMilliseconds - from) / length
}

export const changePayment = (
  account: BillingAccount,
  subscription: Subscription,
  { at, paymentId, terms, until }: {
    readonly at: DateTime.Utc
    readonly paymentId: PaymentId
    readonly terms: PlanTerms
    readonly until: DateTime.Utc
  }
): Payment => {
  const { amountDue, counted } = changePriceOf(account, subscription, terms, at)
  return {
    id: paymentId,
    purchaseId: subscription.id,
    kind: "change",
    method: subscription.method,
    state: "quoted",
    amount: amountDue,
    createdAt: at,
    change: { terms, until, ...(subscription.paidThrough && { paidThrough: subscription.paidThrough }) },
    ...(counted.minorUnits > 0n && { counted }),
    refunds: [],
    disputes: []
  }
}
