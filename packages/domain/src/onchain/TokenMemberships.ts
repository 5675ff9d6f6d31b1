/**
 * Lifetime memberships by ERC-721 tokens: the holder of the token has the tier. A token that moves takes the membership to
 * the user of its new wallet, or ends the membership.
 */
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import type { ChainId } from "../identity/model/ChainId.ts"
import type { UserId } from "../identity/model/UserId.ts"
import type { WalletAddress } from "../identity/model/WalletAddress.ts"
import {
  type AccountContended,
  type BillingAccountConflict,
  Catalogue,
  lifetimeTermsOf,
  makeBillingAccountSteps,
  PurchaseId,
  SubscriptionRepository
} from "../subscription/index.ts"
import { type Chain, tierOfToken } from "./model/Chain.ts"
import { NodeFault } from "./model/OnchainErrors.ts"
import { ChainLedger, type TokenOwner } from "./ports/ChainLedger.ts"
import { ChainNodes } from "./ports/ChainNodes.ts"
import { Chains } from "./ports/Chains.ts"
import { LinkedWallets } from "./ports/LinkedWallets.ts"
import { depthsOf, tagsOf } from "./rules/Depths.ts"
import { maxUint256, tokenNameOf, tokenOfName, type TokenRef } from "./rules/TokenIds.ts"
import { cursorOf } from "./rules/Track.ts"

/** The token gives no membership here, or no linked wallet of the user holds it at settling depth. */
export class TokenNotHeld extends Schema.TaggedError<TokenNotHeld>()("TokenNotHeld", {}) {
  override get message() {
    return "no linked wallet of the user holds this token, or the token gives no membership here"
  }
}

/** No endpoint of the chain answers. Try again later. */
export class TokenUnreadable extends Schema.TaggedError<TokenUnreadable>()("TokenUnreadable", {}) {
  override get message() {
    return "the chain does not answer: try again later"
  }
}

const dying = <A>(step: Effect.Effect<A, AccountContended | BillingAccountConflict>) => Effect.catch(step, Effect.die)

/** How many tokens are reviewed at once. */
const batch = 50

export class TokenMemberships extends Context.Service<TokenMemberships, {
  /** Gives the membership to the user of the token's owner, and takes it from the user before. */
  follow(chain: Chain, token: TokenOwner): Effect.Effect<void>
  /** Compares the memberships of a user with the linked wallets, after a wallet was linked or unlinked. */
  review(userId: UserId): Effect.Effect<void>
  /** Compares the next tokens of a chain with the memberships. Returns the last token, or undefined at the end. */
  reviewTokens(chainId: ChainId, after: TokenOwner | undefined): Effect.Effect<TokenOwner | undefined>
  /** A user names a token of a linked wallet, for example one that the wallet had before the chain was read. */
  claim(userId: UserId, token: TokenRef): Effect.Effect<void, TokenNotHeld | TokenUnreadable>
}>()("@dchat/domain/onchain/TokenMemberships") {
  static readonly layer = Layer.effect(
    TokenMemberships,
    Effect.gen(function*() {
      const ledger = yield* ChainLedger
      const nodes = yield* ChainNodes
      const chains = yield* Chains
      const wallets = yield* LinkedWallets
      const plans = yield* Catalogue
      const repository = yield* SubscriptionRepository
      const random = yield* SecureRandom.SecureRandom
      const { perform } = yield* makeBillingAccountSteps

      const follow = Effect.fn("TokenMemberships.follow")(
        function*(chain: Chain, { contract, owner, tokenId }: TokenOwner) {
          const { chainId } = chain
          const tier = tierOfToken(chain, contract, tokenId)
          const terms = tier && lifetimeTermsOf(plans, tier)
          if (terms === undefined) return
          const token = tokenNameOf({ chainId, contract, tokenId })
          const cause = { _tag: "Payment", externalId: token } as const
          const to = owner && (yield* wallets.ownerOf(chainId, owner))
          const holder = Option.getOrUndefined(yield* repository.purchaseOfMoney(token))?.userId
          if (holder === to) return
          if (holder !== undefined) {
            yield* dying(perform(holder, { _tag: "TokenGone", token, ...(to !== undefined && { to }) }, cause))
          }
          if (to === undefined) return
          const purchaseId = PurchaseId.make(yield* random.uuidV7())
          yield* dying(perform(to, { _tag: "HoldToken", purchaseId, terms, token }, cause))
        }
      )

      /** A token whose owner is not known yet stays as it is. */
      const followKnown = Effect.fnUntraced(function*({ chainId, contract, tokenId }: TokenRef) {
        const chain = chains.of(chainId)
        const known = yield* ledger.token(chainId, contract, tokenId)
        if (chain !== undefined && known !== undefined) yield* follow(chain, known)
      })

      const review = Effect.fn("TokenMemberships.review")(function*(userId: UserId) {
        const { memberships } = yield* repository.load(userId)
        for (const { state, token } of memberships) {
          const named = token && tokenOfName(token)
          if (named !== undefined && (state === "active" || state === "suspended")) yield* followKnown(named)
        }
        const linked = yield* wallets.of(userId)
        for (const chain of chains.all.filter((it) => it.memberships.length > 0)) {
          for (const { address } of linked) {
            for (const token of yield* ledger.tokensOf(chain.chainId, address)) yield* follow(chain, token)
          }
        }
      })

      const reviewTokens = Effect.fn("TokenMemberships.reviewTokens")(
        function*(chainId: ChainId, after: TokenOwner | undefined) {
          const chain = chains.of(chainId)
          if (chain === undefined || chain.memberships.length === 0) return undefined
          const tokens = yield* ledger.tokensAfter(chainId, after, batch)
          for (const token of tokens) yield* follow(chain, token)
          return tokens.length < batch ? undefined : tokens.at(-1)
        }
      )

      /** The owner at settling depth, by the first endpoint that answers and has the blocks that were read already. */
      const ownerNow = Effect.fnUntraced(function*(chain: Chain, { contract, tokenId }: TokenRef) {
        const readTo = cursorOf(yield* ledger.track(chain.chainId, "settled"))?.number ?? 0
        const asked = nodes.endpoints(chain.chainId).map((
          endpoint
        ): Effect.Effect<{ readonly owner: WalletAddress | undefined; readonly block: number }, NodeFault> =>
          Effect.gen(function*() {
            const { settled: block } = depthsOf(chain, yield* endpoint.head(tagsOf(chain)))
            if (block < readTo) return yield* new NodeFault({ endpoint: endpoint.name, detail: "is behind" })
            return { owner: yield* endpoint.ownerOf(contract, tokenId, block), block }
          })
        )
        return yield* Effect.firstSuccessOf(asked).pipe(Effect.mapError(() => new TokenUnreadable()))
      })

      const claim = Effect.fn("TokenMemberships.claim")(function*(userId: UserId, token: TokenRef) {
        const { chainId, contract, tokenId } = token
        const chain = chains.of(chainId)
        const isOurs = chain !== undefined && tokenId <= maxUint256 &&
          tierOfToken(chain, contract, tokenId) !== undefined
        if (!isOurs) return yield* new TokenNotHeld()
        for (;;) {
          const { block, owner } = yield* ownerNow(chain, token)
          if (owner === undefined || (yield* wallets.ownerOf(chainId, owner)) !== userId) {
            return yield* new TokenNotHeld()
          }
          yield* ledger.setOwner(chainId, { contract, tokenId, owner })
          // A scan may have stored a newer owner meanwhile.
          const readTo = cursorOf(yield* ledger.track(chainId, "settled"))?.number ?? 0
          if (readTo <= block) return yield* follow(chain, { contract, tokenId, owner })
        }
      })

      return TokenMemberships.of({ follow, review, reviewTokens, claim })
    })
  )
}
