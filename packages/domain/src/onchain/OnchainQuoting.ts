/**
 * Quotes payments on the chains of this installation, bound to a linked wallet of the user.
 */
import { DateTime, Effect, Layer, Struct } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import {
  AssetNotOffered,
  type Quote,
  type QuoteRequest,
  type QuoteWish,
  Quoting,
  WalletNotUsable,
  WalletPlaceholder,
  Web3NotConfigured
} from "../subscription/index.ts"
import type { AcceptedAsset, Chain } from "./model/Chain.ts"
import { Chains } from "./ports/Chains.ts"
import { LinkedWallets } from "./ports/LinkedWallets.ts"
import { PriceOracle } from "./ports/PriceOracle.ts"
import { minimumOf } from "./rules/Dust.ts"
import { stablecoinAmount, stablecoinCurrency, timeLimits } from "./rules/QuoteAmounts.ts"
import { referenceOf } from "./rules/References.ts"
import { makeTransactionInspection } from "./TransactionInspection.ts"

const assetOf = ({ native, tokens }: Chain, { asset }: QuoteWish): AcceptedAsset | undefined =>
  asset === "native" ? native : tokens.find(({ token }) => token === asset)

export const layer = Layer.effect(
  Quoting,
  Effect.gen(function*() {
    const chains = yield* Chains
    const wallets = yield* LinkedWallets
    const oracle = yield* PriceOracle
    const inspect = yield* makeTransactionInspection

    /** An externally owned account pays on every chain, a contract wallet on its own chain only. */
    const payerFor = Effect.fnUntraced(function*(userId: UserId, wish: QuoteWish) {
      const linked = yield* wallets.of(userId)
      if (linked.length === 0) return yield* new WalletPlaceholder()
      const usable = linked.filter(({ chainId }) => chainId === undefined || chainId === wish.chainId)
      const chosen = wish.payer === undefined ? usable[0] : usable.find(({ address }) => address === wish.payer)
      return chosen?.address ?? (yield* new WalletNotUsable())
    })

    const offered = Effect.fnUntraced(function*(userId: UserId, wish: QuoteWish) {
      if (chains.all.length === 0) return yield* new Web3NotConfigured()
      const chain = chains.of(wish.chainId)
      const asset = chain && assetOf(chain, wish)
      if (chain === undefined || asset === undefined) return yield* new AssetNotOffered()
      return { chain, asset, payer: yield* payerFor(userId, wish) }
    })

    const quote = Effect.fn("Quoting.quote")(function*({ credit, paymentId, price, userId, wish }: QuoteRequest) {
      const { asset: accepted, chain, payer } = yield* offered(userId, wish)
      const asset = Struct.omit(accepted, ["minimum"])
      if (price.currency !== stablecoinCurrency) return yield* new AssetNotOffered()
      const amount = price.minorUnits === 0n
        ? 0n
        : asset.token === undefined
        ? yield* oracle.nativeAmount(chain.chainId, price)
        : stablecoinAmount(asset, price)
      if (amount > 0n && amount < minimumOf(accepted)) return yield* new AssetNotOffered()
      const quotedAt = yield* DateTime.now
      const quoted: Quote = {
        chainId: chain.chainId,
        asset,
        amount,
        payer,
        recipient: chain.recipient,
        reference: referenceOf(paymentId),
        price,
        quotedAt,
        ...timeLimits(asset, quotedAt),
        ...(chain.router && { router: chain.router }),
        ...(credit && { credit })
      }
      return quoted
    })

    return Quoting.of({
      inspect,
      offered: Effect.sync(() =>
        chains.all.filter(({ chainId }) => chains.of(chainId) !== undefined)
          .map(({ chainId, explorer, name, native, tokens }) => ({
            chainId,
            name,
            explorer,
            assets: native === undefined ? tokens : [native, ...tokens]
          }))
      ),
      quote,
      check: (userId, wish) => Effect.asVoid(offered(userId, wish)),
      require: Effect.suspend(() => chains.all.length === 0 ? Effect.fail(new Web3NotConfigured()) : Effect.void)
    })
  })
)
