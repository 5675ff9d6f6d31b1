/**
 * Port: the wallets that users have proved to hold. A bridge implements it with the identities.
 */
import { Context, type Effect } from "effect"
import type { ChainId } from "../../identity/model/ChainId.ts"
import type { UserId } from "../../identity/model/UserId.ts"
import type { WalletAddress } from "../../identity/model/WalletAddress.ts"

export interface LinkedWallet {
  readonly address: WalletAddress
  /** The chain of a contract wallet; absent for an externally owned account, which is the same on every chain. */
  readonly chainId?: ChainId | undefined
  readonly isPrimary: boolean
}

export class LinkedWallets extends Context.Service<LinkedWallets, {
  /** The wallets of a user, the primary one first, without temporary wallets. */
  of(userId: UserId): Effect.Effect<ReadonlyArray<LinkedWallet>>
  /** The user who holds a wallet on a chain. */
  ownerOf(chainId: ChainId, address: WalletAddress): Effect.Effect<UserId | undefined>
}>()("@dchat/domain/onchain/LinkedWallets") {}
