/**
 * The viem client of a simulated chain.
 */
import {
  type Chain,
  createTestClient,
  defineChain,
  http,
  type HttpTransport,
  type PublicActions,
  publicActions,
  type TestClient,
  type WalletActions,
  walletActions
} from "viem"
import { type HDAccount, mnemonicToAccount } from "viem/accounts"

/** Describes a chain to viem. */
export const describeChain = (id: number, url: string): Chain =>
  defineChain({
    id,
    name: `Test chain ${id}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [url] } },
    testnet: true
  })

export type Client =
  & TestClient<"anvil", HttpTransport, Chain>
  & PublicActions<HttpTransport, Chain>
  & WalletActions<Chain>

/** Reads, signs and controls anvil. The client caches nothing, because tests change the chain behind its back. */
export const make = (chain: Chain, url: string): Client =>
  createTestClient({ mode: "anvil", chain, transport: http(url), pollingInterval: 20, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)

/** The accounts of anvil, each with 10,000 ether. */
export const accounts: ReadonlyArray<HDAccount> = Array.from(
  { length: 10 },
  (_, addressIndex) =>
    mnemonicToAccount("test test test test test test test test test test test junk", { addressIndex })
)
