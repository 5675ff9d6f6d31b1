/**
 * Payments on chains: quotes, the reading of chains, and memberships by tokens.
 */
import {
  ChainScanner,
  ChainScanning,
  ContractGrants,
  type ExposureBudget,
  OnchainQuoting,
  OperatorTransactions,
  PaymentInbox,
  RecurringAuthorization,
  RecurringCharging,
  RenewalAuthorizations,
  TokenMemberships,
  TransferAttribution
} from "@dchat/domain/onchain"
import { SubscriptionAdministration, WalletPayments } from "@dchat/domain/subscription"
import { type Duration, Layer, type Redacted } from "effect"
import { IdentityLinkedWallets, IdentityRenewalAuthorizations, IdentityTokenMemberships } from "../bridges/index.ts"
import {
  CheckedChains,
  type EvmChains,
  EvmContractSubscriptions,
  EvmNodes,
  EvmPrices,
  ViemRecurringAuthorization
} from "../viem/index.ts"

export interface OnchainOptions {
  /** Users can pay on those chains that have `payments`. */
  readonly chains: EvmChains
  /** The most value of payments that give access and are not settled. */
  readonly exposure: ExposureBudget
  /** The account that charges renewals. Without it, users renew by hand. */
  readonly charging?: ChargingOptions | undefined
  /** For each request to an endpoint, 10 seconds unless given. */
  readonly timeout?: Duration.Input | undefined
}

export interface ChargingOptions {
  /** The private key: `0x` and 64 hexadecimal digits. */
  readonly key: Redacted.Redacted
  /** The most fees for each unit of gas, in gwei. */
  readonly mostGwei: number
}

const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })

/** The default budget: one month of a plan for a user, and fifty such months for the installation. */
export const defaultExposure: ExposureBudget = { installation: usd(1000_00n), user: usd(20_00n) }

/** An installation without chains: users cannot pay from a wallet. */
export const noChains: OnchainOptions = { chains: [], exposure: defaultExposure }

/** At least one host of an installation has to read the chains. */
export const OnchainServices = ({ chains, charging, exposure, timeout }: OnchainOptions) => {
  const paying = chains.flatMap(({ payments, rpcUrls }) =>
    payments === undefined ? [] : [{ chain: payments.chain, rpcUrls }]
  )
  const rpcs = paying.map(({ chain: { chainId }, rpcUrls }) => ({ chainId, rpcUrls }))
  const account = charging === undefined
    ? RecurringAuthorization.layerNone
    : ViemRecurringAuthorization.layer({ ...charging, chains: rpcs })
  return Layer.mergeAll(
    ChainScanning.layer,
    IdentityTokenMemberships.layer,
    IdentityRenewalAuthorizations.layer,
    RecurringCharging.layerSweeping.pipe(Layer.provide(RecurringCharging.layer))
  ).pipe(
    Layer.provideMerge(RenewalAuthorizations.layer),
    Layer.provide([OperatorTransactions.layer, WalletPayments.layer]),
    Layer.provideMerge([ChainScanner.layer, PaymentInbox.layer, OnchainQuoting.layer, ContractGrants.layer]),
    Layer.provideMerge([TransferAttribution.layer(exposure), TokenMemberships.layer, SubscriptionAdministration.layer]),
    Layer.provide([
      account,
      CheckedChains.layer(chains),
      IdentityLinkedWallets.layer,
      EvmContractSubscriptions.layer(chains),
      EvmNodes.layer(paying, { timeout }),
      EvmPrices.layer(chains)
    ])
  )
}
