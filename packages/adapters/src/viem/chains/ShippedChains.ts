/**
 * The chains that need no description in the configuration.
 *
 * USDC by Circle's list (https://developers.circle.com/stablecoins/usdc-contract-addresses). Price feeds and feeds of
 * sequencers by Chainlink's lists (https://docs.chain.link/data-feeds/price-feeds/addresses and
 * https://docs.chain.link/data-feeds/l2-sequencer-feeds).
 *
 * Depths follow the confirmations that Circle waits for before it mints on another chain
 * (https://developers.circle.com/cctp/concepts/finality-and-block-confirmations): within a limit after one or two blocks,
 * otherwise after about 65 blocks of Ethereum. A rollup is settled when its batch is final on Ethereum, which is what
 * its tag `finalized` means. Polygon finalizes in seconds, but once replaced 150 blocks: a payment is watched for longer.
 */
import { WalletAddress } from "@dchat/domain/identity"
import type { Depth } from "@dchat/domain/onchain"
import type { Asset } from "@dchat/domain/subscription"
import type { PriceFeed } from "./PriceSource.ts"

export interface ShippedChain {
  readonly chainId: number
  readonly name: string
  readonly native: Asset
  readonly tokens: ReadonlyArray<Asset>
  readonly price: PriceFeed
  readonly provisionalAt: Depth
  readonly settledAt: Depth
  readonly finalAt: Depth
  readonly explorer: string
}

const usdc = (
  token: string
): ReadonlyArray<Asset> => [{ token: WalletAddress.make(token), symbol: "USDC", decimals: 6 }]

const priceFeed = (feed: string, heartbeatSeconds: number, sequencer?: string): PriceFeed => ({
  feed: WalletAddress.make(feed),
  heartbeatSeconds,
  ...(sequencer !== undefined && { sequencer: WalletAddress.make(sequencer) })
})

const ether = { symbol: "ETH", decimals: 18 }

const finalized: Depth = { tag: "finalized" }

/** Settles although the chain finalizes nothing for a while, and watches the payment until the chain has done so. */
const ethereumDepths = { provisionalAt: { blocks: 2 }, settledAt: { blocks: 65 }, finalAt: finalized }

const rollupDepths = { provisionalAt: { blocks: 1 }, settledAt: finalized, finalAt: finalized }

export const shippedChains: ReadonlyArray<ShippedChain> = [
  {
    chainId: 1,
    name: "Ethereum",
    native: ether,
    tokens: usdc("0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"),
    price: priceFeed("0x5f4ec3df9cbd43714fe2740f5e3616155c5b8419", 3600),
    ...ethereumDepths,
    explorer: "https://etherscan.io"
  },
  {
    chainId: 8453,
    name: "Base",
    native: ether,
    tokens: usdc("0x833589fcd6edb6e08f4c7c32d4f71b54bda02913"),
    price: priceFeed("0x71041dddad3595f9ced3dccfbe3d1f4b0a16bb70", 1200, "0xbcf85224fc0756b9fa45aa7892530b47e10b6433"),
    ...rollupDepths,
    explorer: "https://basescan.org"
  },
  {
    chainId: 137,
    name: "Polygon",
    native: { symbol: "POL", decimals: 18 },
    tokens: usdc("0x3c499c542cef5e3811e1192ce70d8cc03d5c3359"),
    price: priceFeed("0xab594600376ec9fd91f8e885dadf0ce036862de0", 27),
    provisionalAt: { blocks: 2 },
    settledAt: finalized,
    finalAt: { blocks: 256 },
    explorer: "https://polygonscan.com"
  },
  {
    chainId: 42_161,
    name: "Arbitrum",
    native: ether,
    tokens: usdc("0xaf88d065e77c8cc2239327c5edb3a432268e5831"),
    price: priceFeed("0x639fe6ab55c921f74e7fac1ee960c0b6293ba612", 1755, "0xfdb631f5ee196f0ed6faa767959853a9f217697d"),
    ...rollupDepths,
    explorer: "https://arbiscan.io"
  },
  {
    chainId: 11_155_111,
    name: "Sepolia",
    native: ether,
    tokens: usdc("0x1c7d4b196cb0c7b01d743fbc6116a902379c7238"),
    price: priceFeed("0x694aa1769357215de4fac081bf1f309adc325306", 3600),
    ...ethereumDepths,
    explorer: "https://sepolia.etherscan.io"
  },
  {
    chainId: 84_532,
    name: "Base Sepolia",
    native: ether,
    tokens: usdc("0x036cbd53842c5426634e7929541ec2318f3dcf7e"),
    price: priceFeed("0x4adc67696ba383f43dd60a9e78f2c97fbbfc7cb1", 3600),
    ...rollupDepths,
    explorer: "https://sepolia.basescan.org"
  }
]

export const shippedChain = (chainId: number): ShippedChain | undefined =>
  shippedChains.find((chain) => chain.chainId === chainId)
