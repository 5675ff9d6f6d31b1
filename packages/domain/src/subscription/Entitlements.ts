/**
 * The plan of a user at the time of the request, by the highest tier.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import { type Plan, planOf } from "./model/Plans.ts"
import { Catalogue } from "./ports/Catalogue.ts"
import { SubscriptionRepository } from "./ports/SubscriptionRepository.ts"
import { type Access, accessAt } from "./rules/BillingAccountAccess.ts"
import { accountAt } from "./rules/BillingAccountMachine.ts"

export interface Entitled {
  readonly plan: Plan
  readonly source: Access["source"]
  /** The end if nothing changes. Absent if the access has no end. */
  readonly until?: DateTime.Utc
}

export class Entitlements extends Context.Service<Entitlements, {
  of(userId: UserId): Effect.Effect<Entitled>
}>()("@dchat/domain/subscription/Entitlements") {
  static readonly layer = Layer.effect(
    Entitlements,
    Effect.gen(function*() {
      const repository = yield* SubscriptionRepository
      const catalogue = yield* Catalogue

      return Entitlements.of({
        of: Effect.fn("Entitlements.of")(function*(userId) {
          const now = yield* DateTime.now
          const { source, tier, until } = accessAt(
            accountAt(yield* repository.load(userId), now),
            now,
            catalogue
          )
          const plan = tier === undefined ? catalogue[0] : planOf(catalogue, tier)
          if (plan === undefined) yield* Effect.logError(`the plans do not list ${tier}, which a user has`)
          // A user gets no less than the paid plan, even if the catalogue lacks it.
          return { plan: plan ?? catalogue.at(-1) ?? catalogue[0], source, ...(until && { until }) }
        })
      })
    })
  )
}
