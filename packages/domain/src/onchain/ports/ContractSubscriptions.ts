/**
 * Port: the subscriptions and memberships that a `SubscriptionManager` contract holds.
 */
import { Context, type Effect } from "effect"
import type { WalletAddress } from "../../identity/model/WalletAddress.ts"
import type { Chain } from "../model/Chain.ts"
import type { ContractSubscription } from "../model/ContractSubscription.ts"
import type { NodeFault } from "../model/OnchainErrors.ts"

export class ContractSubscriptions extends Context.Service<ContractSubscriptions, {
  /** The entries of a wallet that are valid now. Empty if the chain has no such contract. */
  of(chain: Chain, wallet: WalletAddress): Effect.Effect<ReadonlyArray<ContractSubscription>, NodeFault>
}>()("@dchat/domain/onchain/ContractSubscriptions") {}
