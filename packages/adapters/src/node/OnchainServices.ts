/**
 * Payments on chains: quotes, the reading of chains, and memberships by tokens.
 */
import {
  type Chain,
  type ChainNodes,
  Chains,
  ChainScanner,
  ChainScanning,
  type ExposureBudget,
  OnchainQuoting,
  PaymentInbox,
  PriceOracle,
  TokenMemberships,
  TransferAttribution
} from "@dchat/domain/onchain"
import { Layer } from "effect"
import { IdentityLinkedWallets, IdentityTokenMemberships } from "../bridges/index.ts"
import { EvmNodes } from "../viem/index.ts"

export interface OnchainOptions {
  /** The chains on which users can pay. */
  readonly chains: ReadonlyArray<Chain>
  readonly nodes: Layer.Layer<ChainNodes>
  /** The most value of payments that give access and are not settled. */
  readonly exposure: ExposureBudget
  readonly prices: Layer.Layer<PriceOracle>
}

/** An installation without chains: users cannot pay from a wallet. */
export const noChains: OnchainOptions = {
  chains: [],
  nodes: EvmNodes.layer([]),
  exposure: { installation: { currency: "USD", minorUnits: 0n }, user: { currency: "USD", minorUnits: 0n } },
  prices: PriceOracle.layerNone
}

/** At least one host of an installation has to read the chains. */
export const OnchainServices = ({ chains, exposure, nodes, prices }: OnchainOptions) =>
  Layer.merge(ChainScanning.layer, IdentityTokenMemberships.layer).pipe(
    Layer.provideMerge([ChainScanner.layer, PaymentInbox.layer, OnchainQuoting.layer]),
    Layer.provideMerge([TransferAttribution.layer(exposure), TokenMemberships.layer]),
    Layer.provide([Chains.layer(chains), IdentityLinkedWallets.layer, nodes, prices])
  )
