/**
 * Port: the price of native currencies.
 */
import { Context, Effect, Layer } from "effect"
import type { ChainId } from "../../identity/model/ChainId.ts"
import { type Money, PriceUnavailable } from "../../subscription/index.ts"

export class PriceOracle extends Context.Service<PriceOracle, {
  /** The amount in base units of the native currency that has this value, rounded up. */
  nativeAmount(chainId: ChainId, value: Money): Effect.Effect<bigint, PriceUnavailable>
}>()("@dchat/domain/onchain/PriceOracle") {
  /** For an installation that knows no prices: only stablecoins can be quoted. */
  static readonly layerNone = Layer.succeed(PriceOracle, { nativeAmount: () => Effect.fail(new PriceUnavailable()) })
}
