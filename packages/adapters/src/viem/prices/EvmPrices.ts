/**
 * The prices of native currencies: fixed by the configuration, or by feeds of Chainlink.
 */
import type { ChainId } from "@dchat/domain/identity"
import { type AcceptedAsset, type NodeFault, PriceOracle } from "@dchat/domain/onchain"
import { PriceUnavailable } from "@dchat/domain/subscription"
import { Cache, type Duration, Effect, Exit, Layer } from "effect"
import type { EvmChains } from "../chains/EvmChains.ts"
import type { PriceFeed } from "../chains/PriceSource.ts"
import * as EvmRpc from "../endpoint/EvmRpc.ts"
import { PriceUnusable, readPrice } from "./ChainlinkFeed.ts"
import { amountAt, type NativePrice } from "./NativePrice.ts"

/** For how long a price is used again, and for how long a feed is not asked again after a failure. */
const timeToLive = { price: "5 seconds", failure: "1 second" } as const

interface Priced {
  readonly native: AcceptedAsset
  readonly price: Effect.Effect<NativePrice, NodeFault | PriceUnusable>
}

/** By the first endpoint that has a price which can be used: the price of an endpoint that is behind may be too old. */
const byFeed = (rpcs: ReadonlyArray<EvmRpc.EvmRpc>, feed: PriceFeed): Priced["price"] =>
  rpcs.map((rpc) => readPrice(rpc, feed)).reduce((one, other) => Effect.catch(one, () => other))

/** `timeout`: for each request to an endpoint, 3 seconds unless given. */
export const layer = (
  chains: EvmChains,
  { timeout = "3 seconds" }: { readonly timeout?: Duration.Input | undefined } = {}
): Layer.Layer<PriceOracle> =>
  Layer.effect(
    PriceOracle,
    Effect.gen(function*() {
      const priced = new Map<ChainId, Priced>()
      for (const { chainId, payments, rpcUrls } of chains) {
        const native = payments?.chain.native
        const source = payments?.price
        if (native === undefined || source === undefined) continue
        const price = "usd" in source
          ? Effect.succeed(source.usd)
          : byFeed(rpcUrls.map((url) => EvmRpc.make(url, chainId, timeout)), source)
        priced.set(chainId, { native, price })
      }

      const lookup = (chainId: ChainId): Effect.Effect<NativePrice, PriceUnavailable> =>
        (priced.get(chainId)?.price ?? Effect.fail(new PriceUnusable({ reason: "no price is configured" }))).pipe(
          Effect.tapError((failure) =>
            Effect.logWarning(`No price of a native currency: ${failure.message}`).pipe(
              Effect.annotateLogs({ chainId })
            )
          ),
          Effect.mapError(() => new PriceUnavailable())
        )
      const cache = yield* Cache.makeWith(lookup, {
        capacity: Math.max(1, priced.size),
        timeToLive: (exit) => Exit.isSuccess(exit) ? timeToLive.price : timeToLive.failure
      })

      return PriceOracle.of({
        nativeAmount: Effect.fn("PriceOracle.nativeAmount")(function*(chainId, value) {
          const { native } = priced.get(chainId) ?? {}
          if (native === undefined || value.currency !== "USD") return yield* new PriceUnavailable()
          return amountAt(yield* Cache.get(cache, chainId), native.decimals, value)
        })
      })
    })
  )
