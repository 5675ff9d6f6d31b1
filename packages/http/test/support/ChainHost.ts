/**
 * A host that accepts payments on a local chain: USDC, the native currency, and memberships by tokens.
 */
import { defaultExposure } from "@dchat/adapters/node"
import { decodeEvmChains } from "@dchat/adapters/viem"
import { WalletAddress } from "@dchat/domain/identity"
import { TestChain } from "@dchat/doubles/chain"
import { Effect, Layer, Redacted } from "effect"
import { type Address, bytesToHex } from "viem"
import { mnemonicToAccount } from "viem/accounts"
import { backends } from "../../../adapters/test/support/TestDatabase.ts"
import { DatabasePorts, MemoryPorts } from "../../src/host/Layers.ts"
import { testHost } from "./TestHost.ts"

export const addressOf = (address: Address): WalletAddress => WalletAddress.make(address.toLowerCase())

/** Receives the payments. */
export const recipient = WalletAddress.make(`0x${"5e".repeat(20)}`)

const configurationOf = ({ chainId, contracts, url }: TestChain["Service"]) =>
  JSON.stringify([{
    chainId,
    rpcUrls: [url],
    name: "Local",
    recipient,
    native: { symbol: "ETH", decimals: 18 },
    price: { usd: "2500.00" },
    tokens: [{ token: contracts.usdc.address, symbol: "USDC", decimals: 6 }],
    router: contracts.router.address,
    provisionalAt: { blocks: 1 },
    settledAt: { blocks: 3 },
    finalAt: { blocks: 6 },
    maxRange: 10,
    memberships: [{ contract: contracts.membership.address, tier: "PRO" }]
  }])

/** Charges renewals: the last account of the chain. */
export const operator = mnemonicToAccount("test test test test test test test test test test test junk", {
  addressIndex: 9
})

const charging = { key: Redacted.make(bytesToHex(operator.getHdKey().privateKey ?? new Uint8Array(32))), mostGwei: 200 }

const hostOn = <Ports, E, R>(ports: Layer.Layer<Ports, E, R>) =>
  Layer.unwrap(
    Effect.map(
      Effect.flatMap(TestChain, (chain) => decodeEvmChains(configurationOf(chain))),
      (chains) => testHost(ports, { onchain: { chains, charging, exposure: defaultExposure } })
    )
  ).pipe(Layer.provideMerge(TestChain.layer({ mining: "on-demand" })))

/** Hosts on a local chain, which mines on demand: one in memory, and one on each PostgreSQL. */
export const chainHosts = [
  { name: "in memory", layer: hostOn(MemoryPorts) },
  ...backends.map(({ layer: database, name }) => ({
    name: `on ${name}`,
    layer: hostOn(DatabasePorts.pipe(Layer.provide(database)))
  }))
]
