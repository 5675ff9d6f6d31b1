/**
 * Amounts and time limits of quotes.
 */
import { DateTime } from "effect"
import { type Asset, minorDigits, type Money } from "../../subscription/index.ts"

/** For how many minutes a price holds. The price of a native currency moves. */
const holdsMinutes = { native: 15, token: 60 }

/** For how many hours after the order a stablecoin is accepted. */
const lateHours = 24

/** The currency whose value the accepted tokens have. */
export const stablecoinCurrency = "USD"

/** The amount of a stablecoin that has this value, rounded up to its base unit. */
export const stablecoinAmount = ({ decimals }: Asset, { currency, minorUnits }: Money): bigint => {
  const digits = minorDigits(currency)
  if (decimals >= digits) return minorUnits * 10n ** BigInt(decimals - digits)
  const divisor = 10n ** BigInt(digits - decimals)
  return (minorUnits + divisor - 1n) / divisor
}

export const timeLimits = ({ token }: Asset, quotedAt: DateTime.Utc) => {
  const expiresAt = DateTime.add(quotedAt, { minutes: token === undefined ? holdsMinutes.native : holdsMinutes.token })
  return { expiresAt, acceptedUntil: token === undefined ? expiresAt : DateTime.add(quotedAt, { hours: lateHours }) }
}
