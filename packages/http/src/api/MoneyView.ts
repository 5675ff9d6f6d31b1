/**
 * An amount of money.
 */
import { Currency, type Money } from "@dchat/domain/subscription"
import { Schema } from "effect"

export const MoneyView = Schema.Struct({
  currency: Currency,
  /** Cents, of a currency with cents. */
  minorUnits: Schema.Int
}).annotate({ identifier: "Money" })
export type MoneyView = typeof MoneyView.Type

export const moneyViewOf = ({ currency, minorUnits }: Money): MoneyView => ({
  currency,
  minorUnits: Number(minorUnits)
})
