/**
 * The catalogue of plans, and the entitlements of a user.
 */
import {
  type Entitled,
  Limit as AnyLimit,
  type Plan,
  PlanLimits as Limits,
  Tier,
  type Used
} from "@dchat/domain/subscription"
import { Schema } from "effect"
import { MoneyView, moneyViewOf } from "./MoneyView.ts"
import { Time } from "./Time.ts"

const Prices = Schema.Struct({ monthly: MoneyView, yearly: MoneyView, nft: MoneyView }).annotate({
  identifier: "PlanPrices"
})

const Limit = AnyLimit.annotate({ identifier: "Limit" })

const PlanLimits = Limits.mapFields((fields) => ({
  ...fields,
  groupMembers: Limit,
  uploadBytes: Limit,
  callSeconds: Limit,
  storageBytes: Limit,
  customStickers: Limit,
  monthly: Schema.optionalKey(Schema.Record(Schema.String, Limit))
})).annotate({ identifier: "PlanLimits" })

export const PlanView = Schema.Struct({
  tier: Tier,
  /** `nft` is the price of a lifetime membership, paid once. */
  prices: Prices,
  /** Sizes in bytes, the length of calls in seconds. */
  limits: PlanLimits,
  features: Schema.Array(Schema.String)
}).annotate({ identifier: "Plan" })
export type PlanView = typeof PlanView.Type

export const planViewOf = ({ features, limits, prices, tier }: Plan): PlanView => ({
  tier,
  prices: pricesOf(prices),
  limits,
  features
})

export const PricingView = Schema.Struct({ tier: Tier, prices: Prices }).annotate({ identifier: "Pricing" })
export type PricingView = typeof PricingView.Type

export const pricingViewOf = ({ prices, tier }: Plan): PricingView => ({ tier, prices: pricesOf(prices) })

const pricesOf = ({ monthly, nft, yearly }: Plan["prices"]) => ({
  monthly: moneyViewOf(monthly),
  yearly: moneyViewOf(yearly),
  nft: moneyViewOf(nft)
})

/** The usage of one feature. */
export const UsageView = Schema.Struct({
  feature: Schema.String,
  /** `month`: begins anew with each calendar month (UTC), at `resetsAt`. `level`: what is held at a time. */
  kind: Schema.Literals(["month", "level"]),
  used: Schema.Int,
  limit: Limit,
  resetsAt: Schema.optionalKey(Time)
}).annotate({ identifier: "Usage" })
export type UsageView = typeof UsageView.Type

export const EntitlementsView = Schema.Struct({
  tier: Tier,
  source: Schema.Literals(["none", "grant", "subscription", "membership"]),
  limits: PlanLimits,
  features: Schema.Array(Schema.String),
  /** The usage of the features that are counted. */
  usage: Schema.Array(UsageView),
  /** The time at which the entitlements end if nothing changes. */
  validUntil: Schema.optionalKey(Time)
}).annotate({ identifier: "Entitlements" })
export type EntitlementsView = typeof EntitlementsView.Type

export const entitlementsViewOf = (
  { plan, source, until }: Entitled,
  usage: ReadonlyArray<Used>
): EntitlementsView => ({
  tier: plan.tier,
  source,
  limits: plan.limits,
  features: plan.features,
  usage,
  ...(until && { validUntil: until })
})
