/**
 * The blocks that are deep enough, by the head of one endpoint.
 */
import type { Chain, Depth } from "../model/Chain.ts"

/** The numbers of the newest block, and of the blocks of the tags. */
export interface HeadNumbers {
  readonly latest: { readonly number: number }
  readonly safe?: number | undefined
  readonly finalized?: number | undefined
}

/** The last block of each stage. -1: no block is deep enough. */
export interface DepthNumbers {
  readonly latest: number
  readonly provisional: number
  readonly settled: number
  readonly final: number
}

const lastBlock = (head: HeadNumbers, depth: Depth): number =>
  "blocks" in depth ? Math.max(-1, head.latest.number - depth.blocks + 1) : head[depth.tag] ?? -1

/** A later stage is never ahead of an earlier stage, whatever the configuration and the tags say. */
export const depthsOf = (chain: Chain, head: HeadNumbers): DepthNumbers => {
  const latest = head.latest.number
  const provisional = Math.min(latest, lastBlock(head, chain.provisionalAt))
  const settled = Math.min(provisional, lastBlock(head, chain.settledAt))
  return { latest, provisional, settled, final: Math.min(settled, lastBlock(head, chain.finalAt)) }
}

/** The tags that the depths of a chain need. */
export const tagsOf = ({ finalAt, provisionalAt, settledAt }: Chain) => {
  const needs = (tag: "safe" | "finalized") =>
    [provisionalAt, settledAt, finalAt].some((depth) => "tag" in depth && depth.tag === tag)
  return { safe: needs("safe"), finalized: needs("finalized") }
}

/** The blocks that are deep enough by the heads of two endpoints. */
export const shallower = (one: DepthNumbers, other: DepthNumbers): DepthNumbers => ({
  latest: Math.min(one.latest, other.latest),
  provisional: Math.min(one.provisional, other.provisional),
  settled: Math.min(one.settled, other.settled),
  final: Math.min(one.final, other.final)
})
