/**
 * What happened on a chain and concerns this installation: money that moved, and tokens of memberships that moved.
 */
import { Schema } from "effect"
import { WalletAddress } from "../../identity/model/WalletAddress.ts"
import { BaseUnits, Bytes32, ExternalId, Transfer } from "../../subscription/index.ts"
import { BlockRef } from "./Block.ts"

/** Where a movement is. A reorganisation may change the block and the log index, and keeps the rest. */
const place = {
  block: BlockRef,
  logIndex: Schema.optionalKey(Schema.Int),
  transactionHash: Bytes32
}

export const TransferMoved = Schema.TaggedStruct("TransferMoved", { ...place, transfer: Transfer })
export type TransferMoved = typeof TransferMoved.Type

/** A token of a membership contract went to another owner. Absent `to`: the token was burnt. */
export const TokenMoved = Schema.TaggedStruct("TokenMoved", {
  ...place,
  externalId: ExternalId,
  contract: WalletAddress,
  tokenId: BaseUnits,
  to: Schema.optionalKey(WalletAddress)
})
export type TokenMoved = typeof TokenMoved.Type

export const Movement = Schema.Union([TransferMoved, TokenMoved])
export type Movement = typeof Movement.Type

/** Identifies a movement, in whatever block it is. */
export const movementId = (movement: Movement): ExternalId =>
  movement._tag === "TransferMoved" ? movement.transfer.externalId : movement.externalId
