/**
 * The blocks of a chain, and the head as one endpoint sees it.
 */
import { Schema } from "effect"
import { Bytes32 } from "../../subscription/index.ts"

/** A block by its number and its hash. Two blocks with one number are blocks of two histories. */
export const BlockRef = Schema.Struct({ number: Schema.Int, hash: Bytes32 })
export type BlockRef = typeof BlockRef.Type

export const Header = Schema.Struct({
  ...BlockRef.fields,
  parentHash: Bytes32,
  at: Schema.DateTimeUtc,
  /**
   * Whether the bloom filter of the block is evidence of a log that concerns this installation. A filter that is nearly
   * full is no evidence: on a busy chain, the receipts of almost every block would be read in vain.
   */
  mayConcern: Schema.Boolean
})
export type Header = typeof Header.Type

/** The newest block, and the blocks of the tags. A chain may lack a tag at its start. */
export interface Head {
  readonly latest: Header
  readonly safe?: number | undefined
  readonly finalized?: number | undefined
}

export const isSameBlock = (one: BlockRef, other: BlockRef): boolean =>
  one.number === other.number && one.hash === other.hash
