/**
 * A transfer of money on a chain, as its log states it.
 */
import { Schema } from "effect"
import { ChainId } from "../../identity/model/ChainId.ts"
import { WalletAddress } from "../../identity/model/WalletAddress.ts"
import { BaseUnits, Bytes32 } from "./Quote.ts"
import { ExternalId } from "./SubscriptionIds.ts"

export const Transfer = Schema.Struct({
  /**
   * `chainId:transaction hash:position`. The position counts the logs of the transaction from 0, because the log index of
   * the block changes when a reorganisation includes the transaction again. `native` is the value of the transaction.
   */
  externalId: ExternalId,
  chainId: ChainId,
  /** The ERC-20 contract that emitted the log; absent for the native currency. */
  token: Schema.optionalKey(WalletAddress),
  /** The sender by the log. The sender of the transaction may be another account (ERC-4337). */
  payer: WalletAddress,
  recipient: WalletAddress,
  amount: BaseUnits,
  /** The reference in the event of the router. */
  reference: Schema.optionalKey(Bytes32),
  /** The time of the block. */
  paidAt: Schema.DateTimeUtc
})
export type Transfer = typeof Transfer.Type

/**
 * How certain a transfer is. `included`: in a block. `provisional`: deep enough for access within a budget. `settled`:
 * deep enough for the payment. `final`: the chain does not take the block back. `dropped`: a reorganisation took the
 * transfer out of the chain.
 */
export const TransferStage = Schema.Literals(["included", "provisional", "settled", "final", "dropped"])
export type TransferStage = typeof TransferStage.Type

/**
 * Why a transfer does not pay what was quoted. `already_paid`: another transfer pays the payment. `used`: the transfer pays
 * another payment.
 */
export const TransferMisfit = Schema.Literals([
  "unknown_sender",
  "unknown_quote",
  "other_asset",
  "other_recipient",
  "other_sender",
  "before_quote",
  "too_late",
  "too_little",
  "already_paid",
  "used",
  "user_deleted"
])
export type TransferMisfit = typeof TransferMisfit.Type
