/**
 * Compares what was known of a range of blocks with what an endpoint says now.
 */
import type { ExternalId, TransferStage } from "../../subscription/index.ts"
import { isSameBlock } from "../model/Block.ts"
import type { Movement, TransferMoved } from "../model/Movement.ts"
import type { StoredTransfer } from "../model/StoredTransfer.ts"
import type { DepthNumbers } from "./Depths.ts"

/** A transfer with its new stage. */
export interface Observation {
  readonly moved: TransferMoved
  readonly stage: TransferStage
}

export const stageOf = (number: number, { final, provisional, settled }: DepthNumbers): TransferStage => {
  if (number <= final) return "final"
  if (number <= settled) return "settled"
  return number <= provisional ? "provisional" : "included"
}

/**
 * The changes: transfers that are new, that are in another block, that are deeper now, or that are gone. `known`: all
 * transfers that were in a block of the range; `found`: all transfers that are in a block of the range now.
 */
export const reconcile = (
  known: ReadonlyArray<StoredTransfer>,
  found: ReadonlyArray<TransferMoved>,
  depths: DepthNumbers
): ReadonlyArray<Observation> => {
  const before = new Map<ExternalId, StoredTransfer>(known.map((it) => [it.moved.transfer.externalId, it]))
  const now = new Set(found.map(({ transfer }) => transfer.externalId))
  const dropped = known
    .filter(({ moved, stage }) => stage !== "dropped" && !now.has(moved.transfer.externalId))
    .map(({ moved }): Observation => ({ moved, stage: "dropped" }))
  const present = found.flatMap((moved): ReadonlyArray<Observation> => {
    const stage = stageOf(moved.block.number, depths)
    const stored = before.get(moved.transfer.externalId)
    const isKnown = stored?.stage === stage && isSameBlock(stored.moved.block, moved.block)
    return isKnown ? [] : [{ moved, stage }]
  })
  return [...dropped, ...present]
}

/** Whether two endpoints say the same about a range of blocks, in every detail that decides about a payment. */
export const agree = (one: ReadonlyArray<Movement>, other: ReadonlyArray<Movement>): boolean =>
  listOf(one) === listOf(other)

const listOf = (moved: ReadonlyArray<Movement>): string => moved.map(detailsOf).toSorted().join("\n")

const detailsOf = (movement: Movement): string => {
  const { block: { hash } } = movement
  if (movement._tag === "TokenMoved") {
    const { contract, externalId, tokenId, to = "nobody" } = movement
    return [externalId, hash, contract, tokenId, to].join(" ")
  }
  const { amount, externalId, paidAt, payer, recipient, reference = "none", token = "native" } = movement.transfer
  return [externalId, hash, token, payer, recipient, amount, reference, paidAt.epochMilliseconds].join(" ")
}
