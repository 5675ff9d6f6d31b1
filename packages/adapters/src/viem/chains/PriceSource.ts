/**
 * Where the price of a native currency in US dollars comes from: a fixed price, or a feed of Chainlink.
 */
import { Schema, SchemaTransformation } from "effect"
import { ContractAddress } from "./ContractAddress.ts"

/** A feed with Chainlink's interface `AggregatorV3Interface` (https://docs.chain.link/data-feeds/api-reference). */
export const PriceFeed = Schema.Struct({
  /** The proxy contract of the feed, whose answer is the price in US dollars. */
  feed: ContractAddress,
  /** The longest time between two answers of the feed. An older answer is no price. */
  heartbeatSeconds: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 604_800 })),
  /** The feed of the uptime of the sequencer, if the chain is a rollup. */
  sequencer: Schema.optionalKey(ContractAddress)
})
export type PriceFeed = typeof PriceFeed.Type

/** A decimal number of US dollars, as an exact fraction. */
const Dollars = Schema.String.check(
  Schema.isPattern(/^(?!0*(?:\.0*)?$)\d{1,12}(?:\.\d{1,18})?$/u, {
    expected: "a price in US dollars, as in \"2500.00\""
  })
).pipe(
  Schema.decodeTo(
    Schema.Struct({ numerator: Schema.BigInt, decimals: Schema.Int }),
    SchemaTransformation.transform({
      decode: (text) => {
        const [units = "0", fraction = ""] = text.split(".")
        return { numerator: BigInt(units + fraction), decimals: fraction.length }
      },
      encode: ({ decimals, numerator }) => {
        const digits = String(numerator).padStart(decimals + 1, "0")
        const point = digits.length - decimals
        return decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`
      }
    })
  )
)

export const FixedPrice = Schema.Struct({ usd: Dollars })
export type FixedPrice = typeof FixedPrice.Type

export const PriceSource = Schema.Union([FixedPrice, PriceFeed])
export type PriceSource = typeof PriceSource.Type
