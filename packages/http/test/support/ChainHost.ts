/**
 * A host that accepts payments on a local chain: USDC, the native currency, and memberships by tokens.
 */
import type { OnchainOptions } from "@dchat/adapters/node"
import { EvmNodes } from "@dchat/adapters/viem"
import { ChainId, WalletAddress } from "@dchat/domain/identity"
import { type Chain, PriceOracle } from "@dchat/domain/onchain"
import { Tier } from "@dchat/domain/subscription"
import { TestChain } from "@dchat/doubles/chain"
import { Effect, Layer } from "effect"
import type { Address } from "viem"
import { backends } from "../../../adapters/test/support/TestDatabase.ts"
import { DatabasePorts, MemoryPorts } from "../../src/host/Layers.ts"
import { testHost } from "./TestHost.ts"

export const addressOf = (address: Address): WalletAddress => WalletAddress.make(address.toLowerCase())

/** Receives the payments. */
export const recipient = WalletAddress.make(`0x${"5e".repeat(20)}`)

const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })

const optionsFor = ({ chainId, contracts, url }: TestChain["Service"]): OnchainOptions => {
  const chain: Chain = {
    chainId: ChainId.make(chainId),
    name: "Local",
    native: { symbol: "ETH", decimals: 18 },
    tokens: [{ token: addressOf(contracts.usdc.address), symbol: "USDC", decimals: 6 }],
    recipient,
    router: addressOf(contracts.router.address),
    provisionalAt: { blocks: 1 },
    settledAt: { blocks: 3 },
    finalAt: { blocks: 6 },
    maxRange: 10,
    memberships: [{ contract: addressOf(contracts.membership.address), tier: Tier.make("PRO") }]
  }
  return {
    chains: [chain],
    nodes: EvmNodes.layer([{ chain, rpcUrls: [url] }]),
    exposure: { installation: usd(1_000_00n), user: usd(50_00n) },
    // One ether is 2,500 dollars.
    prices: Layer.succeed(PriceOracle, {
      nativeAmount: (_, { minorUnits }) => Effect.succeed(minorUnits * 10n ** 18n / 250_000n)
    })
  }
}

const hostOn = <Ports, E, R>(ports: Layer.Layer<Ports, E, R>) =>
  Layer.unwrap(Effect.map(TestChain, (chain) => testHost(ports, { onchain: optionsFor(chain) }))).pipe(
    Layer.provideMerge(TestChain.layer({ mining: "on-demand" }))
  )

/** Hosts on a local chain, which mines on demand: one in memory, and one on each PostgreSQL. */
export const chainHosts = [
  { name: "in memory", layer: hostOn(MemoryPorts) },
  ...backends.map(({ layer: database, name }) => ({
    name: `on ${name}`,
    layer: hostOn(DatabasePorts.pipe(Layer.provide(database)))
  }))
]
