/**
 * Grants by the `SubscriptionManager` contract of the former system. The contract is a source of grants only: it proves no
 * payment, and its memberships are no ERC-721 tokens.
 */
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import { SubscriptionAdministration, SubscriptionRepository, Tier } from "../subscription/index.ts"
import type { Chain } from "./model/Chain.ts"
import { Chains } from "./ports/Chains.ts"
import { ContractSubscriptions } from "./ports/ContractSubscriptions.ts"
import { LinkedWallets } from "./ports/LinkedWallets.ts"
import { grantChanges } from "./rules/ContractGrantChanges.ts"

export class ContractGrants extends Context.Service<ContractGrants, {
  /** Compares the grants of a user with the entries of all linked wallets. A chain that does not answer changes nothing. */
  review(userId: UserId): Effect.Effect<void>
}>()("@dchat/domain/onchain/ContractGrants") {
  static readonly layer = Layer.effect(
    ContractGrants,
    Effect.gen(function*() {
      const chains = yield* Chains
      const contracts = yield* ContractSubscriptions
      const wallets = yield* LinkedWallets
      const repository = yield* SubscriptionRepository
      const administration = yield* SubscriptionAdministration

      const reviewOn = Effect.fnUntraced(function*(userId: UserId, chain: Chain) {
        const { chainId, subscriptionManager } = chain
        if (subscriptionManager === undefined) return
        const linked = (yield* wallets.of(userId)).filter((it) => it.chainId === undefined || it.chainId === chainId)
        const entries = yield* Effect.forEach(linked, ({ address }) => contracts.of(chain, address))
        const actor = `SubscriptionManager ${chainId}:${subscriptionManager}`
        const { grants } = yield* repository.load(userId)
        const { give, revoke } = grantChanges(grants, actor, entries.flat())
        for (const { id } of revoke) {
          yield* administration.revokeGrant(userId, id, { actor, reason: "the contract does not hold it any more" })
        }
        for (const { name, tier, until } of give) {
          const what = { tier: Tier.make(tier), until, source: "contract" as const }
          yield* administration.grant(userId, what, { actor, reason: name })
        }
      })

      return ContractGrants.of({
        review: Effect.fn("ContractGrants.review")((userId) =>
          Effect.forEach(
            chains.all,
            (chain) =>
              reviewOn(userId, chain).pipe(
                Effect.catch(({ message }) =>
                  Effect.logWarning(`could not read the subscriptions of a contract on ${chain.name}: ${message}`)
                )
              ),
            { discard: true }
          )
        )
      })
    })
  )
}
