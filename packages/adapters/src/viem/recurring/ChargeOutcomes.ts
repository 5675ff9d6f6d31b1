/**
 * The states of the transactions of the charging account, by the nodes.
 */
import {
  type Chain,
  ChargingUnavailable,
  type DepthNumbers,
  depthsOf,
  stageOf,
  tagsOf,
  type TransactionOutcome
} from "@dchat/domain/onchain"
import { Effect } from "effect"
import { type Hex, type PublicClient, TransactionNotFoundError, TransactionReceiptNotFoundError } from "viem"
import type { ChargingNodes } from "./ChargingNodes.ts"

const numberOf = async (node: PublicClient, blockTag: "safe" | "finalized", isNeeded: boolean) =>
  isNeeded ? Number((await node.getBlock({ blockTag })).number) : undefined

const depthsBy = async (node: PublicClient, chain: Chain): Promise<DepthNumbers> => {
  const tags = tagsOf(chain)
  const latest = { number: Number(await node.getBlockNumber()) }
  return depthsOf(chain, {
    latest,
    safe: await numberOf(node, "safe", tags.safe),
    finalized: await numberOf(node, "finalized", tags.finalized)
  })
}

/** Undefined in place of the error that nothing was found. */
const found = <A>(answer: Promise<A>): Promise<A | undefined> =>
  answer.catch((error: unknown) => {
    const isMissing = error instanceof TransactionNotFoundError || error instanceof TransactionReceiptNotFoundError
    if (isMissing) return undefined
    throw error
  })

const outcomeBy = async (node: PublicClient, chain: Chain, hash: Hex): Promise<TransactionOutcome> => {
  const receipt = await found(node.getTransactionReceipt({ hash }))
  if (receipt !== undefined) {
    const depths = await depthsBy(node, chain)
    // The node may have dropped the block meanwhile.
    const block = await node.getBlock({ blockNumber: receipt.blockNumber })
    if (block.hash === receipt.blockHash) {
      const _tag = receipt.status === "success" ? "included" : "reverted"
      return { _tag, stage: stageOf(Number(receipt.blockNumber), depths) }
    }
  }
  return { _tag: (await found(node.getTransaction({ hash }))) === undefined ? "unknown" : "pending" }
}

/** The answer of the node that knows most. */
const rank = ({ _tag }: TransactionOutcome): number => _tag === "unknown" ? 0 : _tag === "pending" ? 1 : 2

export const outcomeOf = Effect.fnUntraced(function*(nodes: ChargingNodes, chain: Chain, hash: Hex) {
  const outcomes = yield* nodes.askAll((node) => outcomeBy(node, chain, hash))
  const best = outcomes.toSorted((one, other) => rank(other) - rank(one))[0]
  return best ?? (yield* new ChargingUnavailable())
})

export const countOf = (nodes: ChargingNodes, chain: Chain, address: Hex) =>
  nodes.read(async (node) => {
    const { final } = await depthsBy(node, chain)
    return {
      latest: await node.getTransactionCount({ address, blockTag: "latest" }),
      final: final < 0 ? 0 : await node.getTransactionCount({ address, blockNumber: BigInt(final) })
    }
  })
