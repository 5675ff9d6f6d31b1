/**
 * What somebody may do, by the highest tier that they have at the moment they ask.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import type { UserId } from "../identity/UserId.ts"
import { type Access, accessAt } from "./AccountAccess.ts"
import { settledAt } from "./AccountMachine.ts"
import { Catalogue, type Plan, planOf } from "./Catalogue.ts"
import { SubscriptionRepository } from "./SubscriptionRepository.ts"

export interface Entitled {
  readonly plan: Plan
  readonly source: Access["source"]
  /** When it ends if nothing happens; for good where there is none. */
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
          const { source, tier, until } = accessAt(settledAt(yield* repository.load(userId), now), now)
          const plan = tier && planOf(catalogue, tier)
          // A tier that the catalogue does not have any more gives what everybody has.
          if (plan === undefined) return { plan: catalogue[0], source: "none" as const }
          return { plan, source, ...(until && { until }) }
        })
      })
    })
  )
}
