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
  type PriceOracle,
  TokenMemberships,
  TransferAttribution
} from "@dchat/domain/onchain"
import { Layer } from "effect"
import { IdentityLinkedWallets, IdentityTokenMemberships } from "../bridges/index.ts"

export interface OnchainOptions<E, R, E2, R2> {
  /** The chains on which users can pay. */
  readonly chains: ReadonlyArray<Chain>
  /** The most value of payments that give access and are not settled. */
  readonly exposure: ExposureBudget
  readonly nodes: Layer.Layer<ChainNodes, E, R>
  readonly prices: Layer.Layer<PriceOracle, E2, R2>
}

/** At least one host of an installation has to read the chains. */
export const OnchainServices = <E, R, E2, R2>({ chains, exposure, nodes, prices }: OnchainOptions<E, R, E2, R2>) =>
  Layer.merge(ChainScanning.layer, IdentityTokenMemberships.layer).pipe(
    Layer.provideMerge([ChainScanner.layer, PaymentInbox.layer, OnchainQuoting.layer]),
    Layer.provideMerge([TransferAttribution.layer(exposure), TokenMemberships.layer]),
    Layer.provide([Chains.layer(chains), IdentityLinkedWallets.layer, nodes, prices])
  )
