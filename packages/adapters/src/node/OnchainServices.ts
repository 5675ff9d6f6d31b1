/**
 * Payments on chains: quotes, the reading of chains, and memberships by tokens.
 */
import {
  ChainScanner,
  ChainScanning,
  ContractGrants,
  type ExposureBudget,
  OnchainQuoting,
  PaymentInbox,
  TokenMemberships,
  TransferAttribution
} from "@dchat/domain/onchain"
import { SubscriptionAdministration } from "@dchat/domain/subscription"
import { Layer } from "effect"
import { IdentityLinkedWallets, IdentityTokenMemberships } from "../bridges/index.ts"
import { CheckedChains, type EvmChains, EvmContractSubscriptions, EvmNodes, EvmPrices } from "../viem/index.ts"

export interface OnchainOptions {
  /** Users can pay on those chains that have `payments`. */
  readonly chains: EvmChains
  /** The most value of payments that give access and are not settled. */
  readonly exposure: ExposureBudget
}

const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })

/** The default budget: one month of a plan for a user, and fifty such months for the installation. */
export const defaultExposure: ExposureBudget = { installation: usd(1000_00n), user: usd(20_00n) }

/** An installation without chains: users cannot pay from a wallet. */
export const noChains: OnchainOptions = { chains: [], exposure: defaultExposure }

/** At least one host of an installation has to read the chains. */
export const OnchainServices = ({ chains, exposure }: OnchainOptions) => {
  const paying = chains.flatMap(({ payments, rpcUrls }) =>
    payments === undefined ? [] : [{ chain: payments.chain, rpcUrls }]
  )
  return Layer.merge(ChainScanning.layer, IdentityTokenMemberships.layer).pipe(
    Layer.provideMerge([ChainScanner.layer, PaymentInbox.layer, OnchainQuoting.layer, ContractGrants.layer]),
    Layer.provideMerge([TransferAttribution.layer(exposure), TokenMemberships.layer, SubscriptionAdministration.layer]),
    Layer.provide([
      CheckedChains.layer(chains),
      IdentityLinkedWallets.layer,
      EvmContractSubscriptions.layer(chains),
      EvmNodes.layer(paying),
      EvmPrices.layer(chains)
    ])
  )
}
