/**
 * Local chains as a host reads them: with stablecoins of several kinds, the native currency, and memberships by tokens.
 */
import type { OnchainOptions } from "@dchat/adapters/node"
import { ChainId } from "@dchat/domain/identity"
import type { Chain } from "@dchat/domain/onchain"
import { Tier } from "@dchat/domain/subscription"
import type { ChainDouble } from "@dchat/doubles/chain"
import { addressOf, recipient } from "../ChainHost.ts"

const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })

/** The settings of a chain, with some of them changed. */
export const chainOf = (
  { chainId, contracts }: Pick<ChainDouble.ChainDouble, "chainId" | "contracts">,
  changes: Partial<Chain> = {}
): Chain => ({
  chainId: ChainId.make(chainId),
  name: `Local ${chainId}`,
  native: { symbol: "ETH", decimals: 18 },
  tokens: [
    { token: addressOf(contracts.usdc.address), symbol: "USDC", decimals: 6 },
    { token: addressOf(contracts.usdt.address), symbol: "USDT", decimals: 6 },
    { token: addressOf(contracts.dai.address), symbol: "DAI", decimals: 18 },
    { token: addressOf(contracts.indivisible.address), symbol: "TICKET", decimals: 0 },
    { token: addressOf(contracts.feeToken.address), symbol: "FEE", decimals: 18 }
  ],
  recipient,
  router: addressOf(contracts.router.address),
  provisionalAt: { blocks: 1 },
  settledAt: { blocks: 3 },
  finalAt: { blocks: 6 },
  maxRange: 10,
  memberships: [{ contract: addressOf(contracts.membership.address), tier: Tier.make("PRO") }],
  ...changes
})

export interface ReadChain {
  readonly chain: Chain
  readonly rpcUrls: readonly [string, ...ReadonlyArray<string>]
}

export interface ChainHostOptions {
  /** The most value of provisional payments, in cents. */
  readonly exposure?: { readonly installation: bigint; readonly user: bigint }
  /** For each request to an endpoint, in milliseconds. */
  readonly timeout?: number
}

/** How a host reads these chains. One ether is 2,500 dollars. */
export const onchainOptions = (
  chains: ReadonlyArray<ReadChain>,
  { exposure = { installation: 1_000_00n, user: 50_00n }, timeout = 2000 }: ChainHostOptions = {}
): OnchainOptions => ({
  chains: chains.map(({ chain, rpcUrls }) => ({
    chainId: chain.chainId,
    rpcUrls,
    payments: { chain, price: { usd: { numerator: 2500n, decimals: 0 } } }
  })),
  exposure: { installation: usd(exposure.installation), user: usd(exposure.user) },
  timeout
})
