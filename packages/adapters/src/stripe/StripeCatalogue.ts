/**
 * Creates the plans of the catalogue at Stripe: a product for each tier and a price for each period, found by lookup
 * keys.
 */
import {
  BillingPeriod,
  lookupKeyOf,
  type Money,
  type Plan,
  type Plans,
  soldOf,
  type Tier
} from "@dchat/domain/subscription"
import { Effect } from "effect"
import type { Stripe } from "stripe"
import { toStripe } from "./StripeAmounts.ts"
import { makeClient, type StripeAccess } from "./StripeClient.ts"
import { ask, call } from "./StripeFailure.ts"
import { periodKey, tierKey } from "./StripeMetadata.ts"
import { configurePortal } from "./StripePortal.ts"

export interface SyncedPrice {
  readonly lookupKey: string
  readonly outcome: "kept" | "created" | "replaced"
}

const intervals = { monthly: "month", yearly: "year" } as const

const productOf = Effect.fnUntraced(function*(stripe: Stripe, { tier }: Plan) {
  const id = `dchat_${tier.toLowerCase()}`
  const known = call(() => stripe.products.retrieve(id))
  yield* Effect.catchTag(
    known,
    "StripeMissing",
    () => ask(() => stripe.products.create({ id, name: tier, metadata: { [tierKey]: tier } }))
  )
  return id
})

const priceFor = Effect.fnUntraced(
  function*(
    stripe: Stripe,
    product: string,
    tier: Tier,
    period: BillingPeriod | "nft",
    price: Money
  ) {
    const { currency } = price
    const unit_amount = yield* toStripe(price)
    const lookupKey = lookupKeyOf(tier, period)
    const { data: [known] } = yield* ask(() => stripe.prices.list({ lookup_keys: [lookupKey], active: true, limit: 1 }))
    const isSame = known?.unit_amount === unit_amount && known.currency === currency.toLowerCase()
    if (isSame) return { lookupKey, outcome: "kept" } satisfies SyncedPrice
    yield* ask(() =>
      stripe.prices.create({
        product,
        currency: currency.toLowerCase(),
        unit_amount,
        lookup_key: lookupKey,
        transfer_lookup_key: true,
        metadata: { [tierKey]: tier, [periodKey]: period },
        ...(period !== "nft" && { recurring: { interval: intervals[period] } })
      })
    )
    return { lookupKey, outcome: known === undefined ? "created" : "replaced" } satisfies SyncedPrice
  }
)

/**
 * Can be repeated: matching objects stay unchanged. Subscriptions with an old price, or with a plan that is no longer
 * sold, keep that price or plan.
 */
export const syncPlans = Effect.fn("Stripe.syncPlans")(function*(access: StripeAccess, plans: Plans) {
  const stripe = makeClient(access)
  const prices: Array<SyncedPrice> = []
  for (const plan of soldOf(plans).slice(1)) {
    const product = yield* productOf(stripe, plan)
    for (const period of [...BillingPeriod.literals, "nft"] as const) {
      prices.push(yield* priceFor(stripe, product, plan.tier, period, plan.prices[period]))
    }
  }
  yield* ask(() => configurePortal(stripe))
  return prices
})
