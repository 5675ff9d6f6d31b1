/**
 * Plans of the default catalogue, and a provider's observations of a subscription to one of them.
 */
import { DateTime } from "effect"
import {
  defaultPlans,
  ExternalId,
  type LifetimeTerms,
  lifetimeTermsOf,
  type PlanTerms,
  type ProviderSubscription,
  termsOf,
  Tier
} from "../../subscription/index.ts"

export const external = (name: string) => ExternalId.make(name)

export const start = DateTime.makeUnsafe("2027-01-31T10:00:00.000Z")

const found = <A>(value: A | undefined): A => {
  if (value === undefined) throw new Error("the default catalogue has it")
  return value
}

export const plan = (tier: "PRO" | "ENTERPRISE", period: "monthly" | "yearly"): PlanTerms =>
  found(termsOf(defaultPlans, Tier.make(tier), period))
export const lifetime = (tier: "PRO" | "ENTERPRISE"): LifetimeTerms =>
  found(lifetimeTermsOf(defaultPlans, Tier.make(tier)))

export const proMonthly = plan("PRO", "monthly")

export const providerSubscription = (
  rest: Partial<ProviderSubscription> & Pick<ProviderSubscription, "periodStart" | "periodEnd">
): ProviderSubscription => ({
  externalId: external("sub_1"),
  status: "active",
  terms: proMonthly,
  anchor: start,
  endedUnpaid: false,
  ...rest
})
