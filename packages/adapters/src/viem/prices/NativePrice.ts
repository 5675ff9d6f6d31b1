/**
 * The price of one unit of a native currency in US dollars, as an exact fraction, and amounts by this price.
 */
import { minorDigits, type Money } from "@dchat/domain/subscription"

export interface NativePrice {
  /** In units of 10^-decimals US dollars. Above zero. */
  readonly numerator: bigint
  readonly decimals: number
}

/** The amount in base units of a currency that has this value at this price, rounded up. */
export const amountAt = (price: NativePrice, assetDecimals: number, { currency, minorUnits }: Money): bigint => {
  const dividend = minorUnits * 10n ** BigInt(price.decimals + assetDecimals)
  const divisor = price.numerator * 10n ** BigInt(minorDigits(currency))
  return (dividend + divisor - 1n) / divisor
}
