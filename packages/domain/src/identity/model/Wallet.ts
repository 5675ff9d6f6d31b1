/**
 * A wallet that a user has proved to hold.
 */
import { Schema } from "effect"
import { UuidV7 } from "../../storable/UuidV7.ts"
import { ChainId } from "./ChainId.ts"
import { UserId } from "./UserId.ts"
import { WalletAddress } from "./WalletAddress.ts"

export const WalletId = UuidV7.pipe(Schema.brand("WalletId"))
export type WalletId = typeof WalletId.Type

/** `eoa`: an externally owned account, the same on every chain. `contract`: a contract on one chain (EIP-1271). */
export const WalletKind = Schema.Literals(["eoa", "contract"])
export type WalletKind = typeof WalletKind.Type

export const Wallet = Schema.Struct({
  id: WalletId,
  userId: UserId,
  kind: WalletKind,
  /** The chain of a contract wallet. The same address on another chain may belong to another user. */
  chainId: Schema.optionalKey(ChainId),
  address: WalletAddress,
  isPrimary: Schema.Boolean,
  verifiedAt: Schema.DateTimeUtc
})
export type Wallet = typeof Wallet.Type

/** Whether two wallets are the same account on chain. */
export const isSameWallet = (
  one: Pick<Wallet, "kind" | "chainId" | "address">,
  other: Pick<Wallet, "kind" | "chainId" | "address">
): boolean => one.kind === other.kind && one.chainId === other.chainId && one.address === other.address
