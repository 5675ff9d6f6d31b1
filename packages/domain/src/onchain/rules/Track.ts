/**
 * How far a chain was read, and the history that was read: anchors are blocks at which a page ended.
 *
 * A block holds the hash of the block before it. If the block of the newest anchor is unchanged, all blocks before it are.
 */
import { Schema } from "effect"
import { BlockRef, isSameBlock } from "../model/Block.ts"

/** Ascending. The last anchor is the cursor: all blocks up to it were read. */
export const Track = Schema.Struct({ anchors: Schema.Array(BlockRef) })
export type Track = typeof Track.Type

/** How many anchors are kept. Older ones are thinned out, because reorganisations are short. */
const mostAnchors = 64

export const cursorOf = ({ anchors }: Track): BlockRef | undefined => anchors.at(-1)

/** The track without the blocks after a number. */
export const cutTo = ({ anchors }: Track, number: number): Track => ({
  anchors: anchors.filter((anchor) => anchor.number <= number)
})

/** The track after a page that ends with this block. Keeps the oldest anchor that is not final, and every newer one. */
export const advancedTo = ({ anchors }: Track, block: BlockRef, final: number): Track => {
  const known = anchors.at(-1)
  const next = known !== undefined && isSameBlock(known, block) ? anchors : [...anchors, block]
  const lastFinal = next.findLastIndex(({ number }) => number <= final)
  const kept = lastFinal > 0 ? next.slice(lastFinal) : next
  return { anchors: kept.length <= mostAnchors ? kept : thinned(kept) }
}

/** Drops every other anchor of the older half. */
const thinned = (anchors: ReadonlyArray<BlockRef>): ReadonlyArray<BlockRef> => {
  const half = Math.floor(anchors.length / 2)
  return anchors.filter((_, index) => index === 0 || index >= half || index % 2 === 0)
}
