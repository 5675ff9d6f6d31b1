/**
 * The terms of a purchase: the plan, and its price at the time of the purchase. The rank of a tier, its limits and its
 * features come from the catalogue at the time of each use.
 */
import { Schema } from "effect"
import { Money } from "./Money.ts"

/** Names a plan of the catalogue, as in `PRO`. */
export const Tier = Schema.String.check(Schema.isPattern(/^[A-Z][A-Z0-9_]{0,31}$/u)).pipe(Schema.brand("Tier"))
export type Tier = typeof Tier.Type

export const BillingPeriod = Schema.Literals(["monthly", "yearly"])
export type BillingPeriod = typeof BillingPeriod.Type

const tier = { tier: Tier, price: Money }

export const PlanTerms = Schema.Struct({ ...tier, period: BillingPeriod })
export type PlanTerms = typeof PlanTerms.Type

/** A tier for good, paid once. */
export const LifetimeTerms = Schema.Struct(tier)
export type LifetimeTerms = typeof LifetimeTerms.Type

export const isSamePlan = (one: PlanTerms, other: PlanTerms): boolean =>
  one.tier === other.tier && one.period === other.period
