/**
 * Amounts of fiat money, which are never floating point.
 */
import { Schema } from "effect"

/** ISO 4217, in capitals. */
export const Currency = Schema.String.check(Schema.isPattern(/^[A-Z]{3}$/, { expected: "an ISO 4217 code" }))

export const Money = Schema.Struct({
  currency: Currency,
  /** Cents of a currency with cents: the smallest unit that can be paid, as ISO 4217 has it. */
  minorUnits: Schema.BigInt.check(Schema.isGreaterThanOrEqualToBigInt(0n))
})
export type Money = typeof Money.Type

export const isSameMoney = (one: Money, other: Money): boolean =>
  one.currency === other.currency && one.minorUnits === other.minorUnits
