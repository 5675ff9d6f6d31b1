/**
 * Reads the price of a native currency from a feed of Chainlink. A price that may be old is no price.
 */
import type { NodeFault } from "@dchat/domain/onchain"
import { Clock, Effect, Schema } from "effect"
import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem"
import type { PriceFeed } from "../chains/PriceSource.ts"
import type { EvmRpc } from "../endpoint/EvmRpc.ts"
import type { NativePrice } from "./NativePrice.ts"

const abi = parseAbi([
  "function decimals() view returns (uint8)",
  "function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)"
])

/** The time that a transaction of the feed and the difference of clocks may need, in seconds. */
const tolerance = 60n

/** For so many seconds after an outage of the sequencer, prices are not used. Chainlink's example waits as long. */
const grace = 3600n

/** The feed has no price that can be used now. */
export class PriceUnusable extends Schema.TaggedError<PriceUnusable>()("PriceUnusable", { reason: Schema.String }) {
  override get message() {
    return this.reason
  }
}

const noFeed = (address: string) => () => new PriceUnusable({ reason: `the contract ${address} is no price feed` })

const decimalsOf = Effect.fnUntraced(function*(rpc: EvmRpc, feed: string) {
  const data = yield* rpc.call(feed, encodeFunctionData({ abi, functionName: "decimals" }), "latest")
  return yield* Effect.try({
    try: () => decodeFunctionResult({ abi, functionName: "decimals", data: data ?? "0x" }),
    catch: noFeed(feed)
  })
})

/** `startedAt` and `updatedAt` are seconds since 1970. */
const roundOf = Effect.fnUntraced(function*(rpc: EvmRpc, feed: string) {
  const data = yield* rpc.call(feed, encodeFunctionData({ abi, functionName: "latestRoundData" }), "latest")
  const [, answer, startedAt, updatedAt] = yield* Effect.try({
    try: () => decodeFunctionResult({ abi, functionName: "latestRoundData", data: data ?? "0x" }),
    catch: noFeed(feed)
  })
  return { answer, startedAt, updatedAt }
})

/** https://docs.chain.link/data-feeds/l2-sequencer-feeds: 0 is up, and `startedAt` is the time of the last change. */
const checkSequencer = Effect.fnUntraced(function*(rpc: EvmRpc, sequencer: string, now: bigint) {
  const { answer, startedAt } = yield* roundOf(rpc, sequencer)
  if (answer !== 0n || startedAt === 0n) return yield* new PriceUnusable({ reason: "the sequencer is down" })
  if (now - startedAt <= grace) return yield* new PriceUnusable({ reason: "the sequencer was down a short time ago" })
})

/** The price by one endpoint. */
export const readPrice = Effect.fnUntraced(function*(
  rpc: EvmRpc,
  { feed, heartbeatSeconds, sequencer }: PriceFeed
): Effect.fn.Return<NativePrice, NodeFault | PriceUnusable> {
  const now = BigInt(Math.floor((yield* Clock.currentTimeMillis) / 1000))
  const [{ answer, updatedAt }, decimals] = yield* Effect.all([roundOf(rpc, feed), decimalsOf(rpc, feed)], {
    concurrency: 2
  })
  if (sequencer !== undefined) yield* checkSequencer(rpc, sequencer, now)
  if (answer <= 0n) return yield* new PriceUnusable({ reason: "the price is not above zero" })
  if (now - updatedAt > BigInt(heartbeatSeconds) + tolerance) {
    return yield* new PriceUnusable({ reason: "the price is too old" })
  }
  if (updatedAt - now > tolerance) return yield* new PriceUnusable({ reason: "the price is of the future" })
  return { numerator: answer, decimals }
})
