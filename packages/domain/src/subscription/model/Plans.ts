/**
 * The plans and their prices. An application that embeds @dchat may replace them.
 */
import { Schema } from "effect"
import { Money } from "./Money.ts"
import { type BillingPeriod, type LifetimeTerms, type PlanTerms, Tier } from "./PlanTerms.ts"

/** `unlimited`, or a number of what the limit counts. */
export const Limit = Schema.Union([Schema.Natural, Schema.Literal("unlimited")])
export type Limit = typeof Limit.Type

export const PlanLimits = Schema.Struct({
  groupMembers: Limit,
  /** Bytes of one upload. */
  uploadBytes: Limit,
  callSeconds: Limit,
  storageBytes: Limit,
  customStickers: Limit,
  /** Further limits, each for a calendar month. */
  monthly: Schema.optionalKey(Schema.Record(Schema.String, Limit))
})
export type PlanLimits = typeof PlanLimits.Type

export const Plan = Schema.Struct({
  tier: Tier,
  prices: Schema.Struct({ monthly: Money, yearly: Money, nft: Money }),
  limits: PlanLimits,
  /** The names of the features, such as `call_recording`. */
  features: Schema.Array(Schema.String),
  /** The plan is not sold any more. Users who have it keep it. */
  retired: Schema.optionalKey(Schema.Literal(true))
})
export type Plan = typeof Plan.Type

/**
 * Ordered from the lowest plan, which every user has for free, to the highest: the position is the rank. A plan that users
 * have stays in the list, marked as retired if it is not sold any more.
 */
export const Plans = Schema.NonEmptyArray(Plan).check(
  Schema.makeFilter((plans) => {
    const prices = plans.flatMap(({ prices }) => [prices.monthly, prices.yearly, prices.nft])
    if (new Set(plans.map(({ tier }) => tier)).size < plans.length) return "expected each tier once"
    if (new Set(prices.map(({ currency }) => currency)).size > 1) return "expected one currency"
    if (plans[0]?.retired === true) return "expected the lowest plan not to be retired"
    if (prices.slice(0, 3).some(({ minorUnits }) => minorUnits > 0n)) return "expected the lowest plan to be free"
    return prices.slice(3).every(({ minorUnits }) => minorUnits > 0n) || "expected the higher plans to cost something"
  })
)
export type Plans = typeof Plans.Type

const mebibyte = 1024 ** 2
const gibibyte = 1024 ** 3

const usd = (minorUnits: bigint): Money => ({ currency: "USD", minorUnits })

const paidFeatures = ["call_recording", "nft_avatars", "advanced_search", "priority_support"]

export const defaultPlans: Plans = [
  {
    tier: Tier.make("FREE"),
    prices: { monthly: usd(0n), yearly: usd(0n), nft: usd(0n) },
    limits: {
      groupMembers: 100,
      uploadBytes: 100 * mebibyte,
      callSeconds: 60 * 60,
      storageBytes: 5 * gibibyte,
      customStickers: 0
    },
    features: ["basic_search", "standard_support"]
  },
  {
    tier: Tier.make("PRO"),
    prices: { monthly: usd(499n), yearly: usd(49_99n), nft: usd(199_00n) },
    limits: {
      groupMembers: 500,
      uploadBytes: gibibyte,
      callSeconds: "unlimited",
      storageBytes: 100 * gibibyte,
      customStickers: 50
    },
    features: paidFeatures
  },
  {
    tier: Tier.make("ENTERPRISE"),
    prices: { monthly: usd(19_99n), yearly: usd(199_99n), nft: usd(999_00n) },
    limits: {
      groupMembers: "unlimited",
      uploadBytes: 10 * gibibyte,
      callSeconds: "unlimited",
      storageBytes: 1024 * gibibyte,
      customStickers: "unlimited"
    },
    features: [...paidFeatures, "custom_branding", "api_access", "dedicated_support"]
  }
]

export const planOf = (plans: Plans, tier: string): Plan | undefined => plans.find((plan) => plan.tier === tier)

/** The rank of a tier; undefined for the lowest tier and for unknown tiers. */
export const rankOf = (plans: Plans, tier: Tier): number | undefined => {
  const rank = plans.findIndex((plan) => plan.tier === tier)
  return rank > 0 ? rank : undefined
}

/**
 * Whether a tier gives as much as another one. A tier that is not in the catalogue gives as much as itself only.
 */
export const isAtLeast = (plans: Plans, tier: Tier, other: Tier): boolean => {
  const [rank, wanted] = [rankOf(plans, tier), rankOf(plans, other)]
  return tier === other || (rank !== undefined && wanted !== undefined && rank >= wanted)
}

/** A higher tier, or the same tier for a longer period. Every other change is a change down. */
export const isChangeUp = (plans: Plans, from: PlanTerms, to: PlanTerms): boolean =>
  from.tier === to.tier
    ? from.period === "monthly" && to.period === "yearly"
    : isAtLeast(plans, to.tier, from.tier)

/** The plans that can be bought, and the free plan. */
export const soldOf = (plans: Plans): ReadonlyArray<Plan> => plans.filter(({ retired }) => retired !== true)

const boughtOf = (plans: Plans, tier: Tier): Plan | undefined =>
  rankOf(plans, tier) === undefined ? undefined : soldOf(plans).find((plan) => plan.tier === tier)

/** The terms of this plan; undefined if the plan cannot be bought. */
export const termsOf = (plans: Plans, tier: Tier, period: BillingPeriod): PlanTerms | undefined => {
  const plan = boughtOf(plans, tier)
  return plan && { tier, period, price: plan.prices[period] }
}

export const lifetimeTermsOf = (plans: Plans, tier: Tier): LifetimeTerms | undefined => {
  const plan = boughtOf(plans, tier)
  return plan && { tier, price: plan.prices.nft }
}

/** The lookup key of a price at the payment provider, such as `dchat_pro_monthly`. */
export const lookupKeyOf = (tier: Tier, period: BillingPeriod | "nft"): string =>
  `dchat_${tier.toLowerCase()}_${period}`
