/**
 * Reads the `SubscriptionManager` contract of the former system.
 */
import type { ChainId, WalletAddress } from "@dchat/domain/identity"
import { type Chain, type ContractSubscription, ContractSubscriptions, NodeFault } from "@dchat/domain/onchain"
import { DateTime, type Duration, Effect, Layer } from "effect"
import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem"
import type { EvmChains } from "../chains/EvmChains.ts"
import * as EvmRpc from "../endpoint/EvmRpc.ts"

const abi = parseAbi([
  "struct Subscription { uint256 id; address user; uint8 tier; uint8 duration; uint8 status; uint256 startTime; uint256 endTime; uint256 amount; address paymentToken; bool autoRenew; uint256 createdAt; }",
  "struct NFTMembership { uint256 tokenId; address owner; uint8 tier; uint256 mintedAt; bool active; }",
  "function userSubscriptions(address) view returns (uint256)",
  "function getSubscription(uint256) view returns (Subscription)",
  "function userNFTMemberships(address) view returns (uint256)",
  "function getNFTMembership(uint256) view returns (NFTMembership)"
])

/** The tiers of the contract by their numbers: 0 is the free tier. */
const tiers = [undefined, "PRO", "ENTERPRISE"] as const

/** The status of a subscription that was neither cancelled nor refunded. */
const active = 0

/** The latest time that JavaScript knows, in seconds. */
const endOfTime = 8_640_000_000_000n

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

const unreadable = (rpc: EvmRpc.EvmRpc) => () => rpc.fault("the contract is no SubscriptionManager")

const numberOf = Effect.fnUntraced(
  function*(
    rpc: EvmRpc.EvmRpc,
    contract: string,
    functionName: "userSubscriptions" | "userNFTMemberships",
    wallet: WalletAddress
  ) {
    const data = yield* rpc.call(
      contract,
      encodeFunctionData({ abi, functionName, args: [`0x${wallet.slice(2)}`] }),
      "latest"
    )
    return yield* Effect.try({
      try: () => decodeFunctionResult({ abi, functionName, data: data ?? "0x" }),
      catch: unreadable(rpc)
    })
  }
)

const subscriptionOf = Effect.fnUntraced(function*(rpc: EvmRpc.EvmRpc, contract: string, wallet: WalletAddress) {
  const id = yield* numberOf(rpc, contract, "userSubscriptions", wallet)
  if (id === 0n) return []
  const data = yield* rpc.call(
    contract,
    encodeFunctionData({ abi, functionName: "getSubscription", args: [id] }),
    "latest"
  )
  const { endTime, status, tier: number, user } = yield* Effect.try({
    try: () => decodeFunctionResult({ abi, functionName: "getSubscription", data: data ?? "0x" }),
    catch: unreadable(rpc)
  })
  const tier = tiers[number]
  const until = DateTime.makeUnsafe(Number(endTime < endOfTime ? endTime : endOfTime) * 1000)
  const isValid = status === active && isSame(user, wallet) && DateTime.isGreaterThan(until, yield* DateTime.now)
  return tier === undefined || !isValid ? [] : [{ name: `subscription ${id}`, tier, until }]
})

const membershipOf = Effect.fnUntraced(function*(rpc: EvmRpc.EvmRpc, contract: string, wallet: WalletAddress) {
  const id = yield* numberOf(rpc, contract, "userNFTMemberships", wallet)
  if (id === 0n) return []
  const data = yield* rpc.call(
    contract,
    encodeFunctionData({ abi, functionName: "getNFTMembership", args: [id] }),
    "latest"
  )
  const { active: isActive, owner, tier: number } = yield* Effect.try({
    try: () => decodeFunctionResult({ abi, functionName: "getNFTMembership", data: data ?? "0x" }),
    catch: unreadable(rpc)
  })
  const tier = tiers[number]
  return tier === undefined || !isActive || !isSame(owner, wallet) ? [] : [{ name: `membership ${id}`, tier }]
})

const entriesBy = (rpc: EvmRpc.EvmRpc, contract: string, wallet: WalletAddress) =>
  Effect.map(
    Effect.all([subscriptionOf(rpc, contract, wallet), membershipOf(rpc, contract, wallet)]),
    ([subscriptions, memberships]): ReadonlyArray<ContractSubscription> => [...subscriptions, ...memberships]
  )

/** `timeout`: for each request to an endpoint, 5 seconds unless given. */
export const layer = (
  chains: EvmChains,
  { timeout = "5 seconds" }: { readonly timeout?: Duration.Input | undefined } = {}
): Layer.Layer<ContractSubscriptions> => {
  const rpcs = new Map<ChainId, ReadonlyArray<EvmRpc.EvmRpc>>(
    chains.map(({ chainId, rpcUrls }) => [chainId, rpcUrls.map((url) => EvmRpc.make(url, chainId, timeout))])
  )
  return Layer.succeed(ContractSubscriptions, {
    of: Effect.fn("ContractSubscriptions.of")(function*({ chainId, name, subscriptionManager }: Chain, wallet) {
      if (subscriptionManager === undefined) return []
      const missing: Effect.Effect<ReadonlyArray<ContractSubscription>, NodeFault> = Effect.fail(
        new NodeFault({ endpoint: name, detail: "no endpoint" })
      )
      return yield* (rpcs.get(chainId) ?? [])
        .map((rpc) => entriesBy(rpc, subscriptionManager, wallet))
        .reduceRight((other, one) => Effect.catch(one, () => other), missing)
    })
  })
}
