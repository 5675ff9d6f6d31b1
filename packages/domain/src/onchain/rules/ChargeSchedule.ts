/**
 * When a renewal is tried out and charged, and the amount that a charge takes.
 */
import { DateTime } from "effect"
import {
  type Asset,
  type Authorization,
  type BillingAccount,
  chargeAt,
  type Money,
  type Payment,
  type Quote,
  type Subscription,
  warnAt
} from "../../subscription/index.ts"
import type { ChargeAction, OperatorTransaction } from "../model/OperatorTransaction.ts"
import { stablecoinAmount } from "./QuoteAmounts.ts"

/** A charge that failed on the chain is tried again after this many hours. */
const retryHours = 6

/** A renewal is charged at most this often. */
const mostAttempts = 4

/** A charge that is not in a block this long before the end of its quote is withdrawn, in minutes. */
const withdrawMinutes = 10

/** How long after the authorisation a charge is tried out for the first time, in minutes. */
export const firstLookMinutes = 10

/** `Rest`: nothing to do. `TryOut`: the user has to know if the charge would fail. `Charge`: the renewal is charged. */
export interface Look {
  readonly _tag: "Rest" | "TryOut" | "Charge"
  /** When the subscription is looked at again. */
  readonly nextAt: DateTime.Utc
}

/** At least once a day, because a reorganisation can move the end of a period. */
export const lookAt = (subscription: Subscription, now: DateTime.Utc): Look => {
  const [warn, charge] = [warnAt(subscription), chargeAt(subscription)]
  const tomorrow = DateTime.add(now, { days: 1 })
  if (warn === undefined || charge === undefined) return { _tag: "Rest", nextAt: tomorrow }
  if (!DateTime.isLessThan(now, charge)) return { _tag: "Charge", nextAt: DateTime.add(now, { hours: 1 }) }
  if (!DateTime.isLessThan(now, warn)) return { _tag: "TryOut", nextAt: DateTime.min(charge, tomorrow) }
  const since = subscription.authorization?.since ?? now
  const isNew = DateTime.isLessThan(now, DateTime.add(since, { hours: 1 }))
  return { _tag: isNew ? "TryOut" : "Rest", nextAt: DateTime.min(warn, tomorrow) }
}

/** The price of the next period. */
export const renewalPrice = ({ change, terms }: Subscription): Money =>
  change?.direction === "down" ? change.terms.price : terms.price

/** The amount that the next renewal takes. A credit of the user counts first. */
export const renewalAmount = (asset: Asset, subscription: Subscription, { walletCredit }: BillingAccount): bigint => {
  const price = renewalPrice(subscription)
  const rest = price.minorUnits - (walletCredit?.minorUnits ?? 0n)
  return rest > 0n ? stablecoinAmount(asset, { ...price, minorUnits: rest }) : 0n
}

/** The charge of a quote. Undefined if the authorisation is for another chain, token or wallet. */
export const chargeOf = (
  { asset: token, chainId, kind, payer }: Authorization,
  quote: Quote
): ChargeAction | undefined =>
  quote.charged === true && quote.chainId === chainId && quote.asset.token === token && quote.payer === payer
    ? { _tag: "Charge", kind, token, payer, recipient: quote.recipient, amount: quote.amount }
    : undefined

/**
 * Whether a payment may be charged now: no charge of the subscription is open, none of the payment has succeeded, and the
 * last one of the payment is a while ago.
 */
export const mayCharge = (
  { id }: Payment,
  transactions: ReadonlyArray<OperatorTransaction>,
  now: DateTime.Utc
): boolean => {
  const own = transactions.filter(({ key }) => key === id)
  const isCharging = transactions.some(({ action, state }) => action._tag === "Charge" && state === "open")
  return !isCharging && own.length < mostAttempts &&
    own.every(({ closedAt, state }) =>
      state !== "succeeded" && closedAt !== undefined &&
      !DateTime.isLessThan(now, DateTime.add(closedAt, { hours: retryHours }))
    )
}

/** A quote that the user asked for and may be paying now. */
export const isBeingPaid = ({ quotes = [] }: Payment, now: DateTime.Utc): boolean =>
  quotes.some(({ charged, expiresAt }) => charged !== true && DateTime.isGreaterThan(expiresAt, now))

/** Whether a charge that is in no block should still happen. */
export const isStillDue = (payment: Payment, subscription: Subscription, now: DateTime.Utc): boolean => {
  const { authorization } = subscription
  if (authorization === undefined || (payment.state !== "quoted" && payment.state !== "submitted")) return false
  const quote = payment.quotes?.findLast(({ charged }) => charged === true)
  return quote !== undefined && chargeOf(authorization, quote) !== undefined &&
    DateTime.isLessThan(now, DateTime.subtract(quote.acceptedUntil, { minutes: withdrawMinutes }))
}
