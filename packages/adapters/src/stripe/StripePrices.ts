/**
 * Maps Stripe's prices to plans. The lookup key finds the price of a plan that is on sale, and the metadata identify
 * the plan of any price. When the price of a plan rises, the lookup key moves to a new price, and existing
 * subscriptions keep the old price.
 */
import { ProviderRefused } from "@dchat/domain/billing"
import { BillingPeriod, type LifetimeTerms, lookupKeyOf, type PlanTerms, Tier } from "@dchat/domain/subscription"
import { Clock, Effect, Option, Schema } from "effect"
import type { Stripe } from "stripe"
import { fromStripe } from "./StripeAmounts.ts"
import { ask, decoded } from "./StripeFailure.ts"
import { periodKey, tierKey } from "./StripeMetadata.ts"
import { StripePrice, StripePrices } from "./StripeObjects.ts"

/** For how long what was looked up is taken for true, in milliseconds. */
const freshness = 5 * 60 * 1000

const decodeTier = Schema.decodeUnknownOption(Tier)
const decodePeriod = Schema.decodeUnknownOption(BillingPeriod)

/**
 * The plan of a price; none for a price that is not one of dchat's. The terms hold even if the plan is no longer sold.
 */
export const termsOfPrice = ({ currency, metadata, unit_amount }: StripePrice): Option.Option<PlanTerms> =>
  Option.gen(function*() {
    const tier = yield* decodeTier(metadata[tierKey])
    const period = yield* decodePeriod(metadata[periodKey])
    const amount = yield* Option.fromNullOr(unit_amount)
    return { tier, period, price: fromStripe(amount, currency) }
  })

export const makePrices = (stripe: Stripe) => {
  const byKey = new Map<string, { readonly price: string; readonly until: number }>()
  const byId = new Map<string, StripePrice>()

  return {
    /** The price at which a plan is sold now. */
    priceOf: Effect.fnUntraced(function*(terms: PlanTerms | LifetimeTerms) {
      const key = lookupKeyOf(terms.tier, "period" in terms ? terms.period : "nft")
      const now = yield* Clock.currentTimeMillis
      const known = byKey.get(key)
      if (known !== undefined && known.until > now) return known.price
      const { data: [found] } = yield* Effect.flatMap(
        ask(() => stripe.prices.list({ lookup_keys: [key], active: true, limit: 1 })),
        decoded(StripePrices)
      )
      if (found === undefined) {
        return yield* new ProviderRefused({ detail: `no price ${key}: run \`dchat plans sync\`` })
      }
      byKey.set(key, { price: found.id, until: now + freshness })
      return found.id
    }),
    /** A price of which only the id is known; what it says of itself never changes. */
    priceById: Effect.fnUntraced(function*(id: string) {
      const known = byId.get(id)
      if (known !== undefined) return known
      const price = yield* Effect.flatMap(ask(() => stripe.prices.retrieve(id)), decoded(StripePrice))
      byId.set(id, price)
      return price
    })
  }
}

export type Prices = ReturnType<typeof makePrices>
