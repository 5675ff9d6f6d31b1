/**
 * Prevents the start of a host whose catalogue lacks a plan that users have and pay for.
 */
import { Effect, Layer, Schema } from "effect"
import { rankOf } from "./model/Plans.ts"
import { Tier } from "./model/PlanTerms.ts"
import { Catalogue } from "./ports/Catalogue.ts"
import { SubscriptionRepository } from "./ports/SubscriptionRepository.ts"

/** The catalogue lacks plans that users have. */
export class PlansIncomplete
  extends Schema.TaggedError<PlansIncomplete>()("PlansIncomplete", { tiers: Schema.Array(Tier) })
{
  override get message() {
    return `the plans do not list ${
      this.tiers.join(", ")
    }, which users have: list these tiers, and mark the tiers that are not sold as retired`
  }
}

export const layerCatalogueCheck = Layer.effectDiscard(
  Effect.gen(function*() {
    const plans = yield* Catalogue
    const { tiersHeld } = yield* SubscriptionRepository
    const tiers = (yield* tiersHeld).filter((tier) => rankOf(plans, tier) === undefined).toSorted()
    if (tiers.length > 0) return yield* new PlansIncomplete({ tiers })
  })
)
