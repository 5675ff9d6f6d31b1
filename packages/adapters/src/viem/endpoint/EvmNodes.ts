/**
 * The endpoints of all chains.
 */
import type { ChainId } from "@dchat/domain/identity"
import { type Chain, type ChainEndpoint, ChainNodes } from "@dchat/domain/onchain"
import { type Duration, Layer } from "effect"
import * as EvmEndpoint from "./EvmEndpoint.ts"

/** A chain and its URLs, in the order in which they are asked. */
export interface PaymentChain {
  readonly chain: Chain
  readonly rpcUrls: ReadonlyArray<string>
}

/** `timeout`: for each request to an endpoint, 10 seconds unless given. */
export const layer = (
  chains: ReadonlyArray<PaymentChain>,
  options?: { readonly timeout?: Duration.Input | undefined }
): Layer.Layer<ChainNodes> => {
  const endpoints = new Map<ChainId, ReadonlyArray<ChainEndpoint>>(
    chains.map(({ chain, rpcUrls }) => [chain.chainId, rpcUrls.map((url) => EvmEndpoint.make(chain, url, options))])
  )
  return Layer.succeed(ChainNodes, { endpoints: (chainId) => endpoints.get(chainId) ?? [] })
}
