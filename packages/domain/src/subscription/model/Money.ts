/**
 * Amounts of fiat money, which are never floating point.
 */
import { Schema } from "effect"

/** ISO 4217, in capitals. */
export const Currency = Schema.String.check(Schema.isPattern(/^[A-Z]{3}$/u, { expected: "an ISO 4217 code" }))

export const Money = Schema.Struct({
  currency: Currency,
  /** Cents of a currency with cents: the smallest unit that can be paid, as ISO 4217 has it. */
  minorUnits: Schema.BigInt.check(Schema.isGreaterThanOrEqualToBigInt(0n))
})
export type Money = typeof Money.Type

export const isSameMoney = (one: Money, other: Money): boolean =>
  one.currency === other.currency && one.minorUnits === other.minorUnits

/**
 * Digits behind the point of the smallest unit, where there are not two (ISO 4217, list one,
 * https://www.six-group.com/en/products-services/financial-information/data-standards.html).
 */
const digits = new Map([
  ...[
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF"
  ]
    .map((currency) => [currency, 0] as const),
  ...["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].map((currency) => [currency, 3] as const),
  ...["CLF", "UYW"].map((currency) => [currency, 4] as const)
])

export const minorDigits = (currency: string): number => digits.get(currency) ?? 2
