/**
 * Amounts as Stripe writes them: in the smallest unit, but for a few currencies not in that of ISO 4217
 * (https://docs.stripe.com/currencies#zero-decimal, #three-decimal and #special-cases).
 */
import { ProviderRefused } from "@dchat/domain/billing"
import { minorDigits, type Money } from "@dchat/domain/subscription"
import { Effect } from "effect"

/**
 * Digits behind the point where Stripe has others than ISO 4217. The króna and the shilling lost theirs, which Stripe
 * keeps as `00`; of the ariary Stripe knows no parts. Forints and Taiwan dollars are charged by two digits, as in ISO;
 * only their payouts are whole.
 */
const stripeDigits = new Map([["ISK", 2], ["UGX", 2], ["MGA", 0]])

const digitsOf = (currency: string): number => stripeDigits.get(currency) ?? minorDigits(currency)

/** The step of amounts in the smallest unit. In currencies with three decimal places, the last digit is 0. */
const stepOf = (currency: string): bigint => digitsOf(currency) === 3 ? 10n : 1n

/** Refused where Stripe does not take an amount as fine as this one. */
export const toStripe = ({ currency, minorUnits }: Money): Effect.Effect<number, ProviderRefused> => {
  const digits = digitsOf(currency) - minorDigits(currency)
  const scale = 10n ** BigInt(Math.abs(digits))
  const isWhole = digits >= 0 || minorUnits % scale === 0n
  const amount = digits >= 0 ? minorUnits * scale : minorUnits / scale
  if (isWhole && amount % stepOf(currency) === 0n) return Effect.succeed(Number(amount))
  return Effect.fail(new ProviderRefused({ detail: `no amount of ${currency} may be as fine as ${minorUnits}` }))
}

/**
 * Converts an amount of Stripe and drops fractions of the smallest unit of ISO 4217. `currency` is in lower case, as
 * Stripe writes it.
 */
export const fromStripe = (amount: number, currency: string): Money => {
  const name = currency.toUpperCase()
  const digits = digitsOf(name) - minorDigits(name)
  const scale = 10n ** BigInt(Math.abs(digits))
  return { currency: name, minorUnits: digits >= 0 ? BigInt(amount) / scale : BigInt(amount) * scale }
}
