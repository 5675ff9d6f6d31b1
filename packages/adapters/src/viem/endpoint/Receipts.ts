/**
 * The receipts of transactions of one block. An endpoint that answers receipts of another block, or of other transactions,
 * is at fault.
 */
import { type BlockRef, isSameBlock, type NodeFault } from "@dchat/domain/onchain"
import { Effect, Schema } from "effect"
import type { EvmRpc } from "./EvmRpc.ts"
import { RpcBlock, RpcReceipt } from "./RpcSchemas.ts"

/** From so many transactions of a block on, all receipts of the block are one request. */
const manyTransactions = 4

/** How many requests an endpoint gets at once. */
export const concurrency = 4

type Receipts = Effect.Effect<ReadonlyArray<RpcReceipt>, NodeFault>

const Receipts = Schema.Array(RpcReceipt)

/** Fails unless the receipt is one of this block, and its logs are its own, in ascending order. */
const check = (rpc: EvmRpc, block: BlockRef, receipt: RpcReceipt): Effect.Effect<RpcReceipt, NodeFault> => {
  const { logs, status, transactionHash } = receipt
  const isOfBlock = isSameBlock({ number: receipt.blockNumber, hash: receipt.blockHash }, block)
  const areItsLogs = logs.every((log, index) =>
    log.transactionHash === transactionHash && log.blockHash === block.hash && log.blockNumber === block.number &&
    (index === 0 || (logs[index - 1]?.logIndex ?? 0) < log.logIndex)
  )
  if (!isOfBlock) return Effect.fail(rpc.fault("a receipt of another block"))
  if (!areItsLogs) return Effect.fail(rpc.fault("a receipt with logs of another transaction"))
  return status === 0 && logs.length > 0
    ? Effect.fail(rpc.fault("a failed transaction with logs"))
    : Effect.succeed(receipt)
}

/** The receipt of a transaction; undefined if the endpoint has none. */
export const receiptOf = (rpc: EvmRpc, hash: string): Effect.Effect<RpcReceipt | undefined, NodeFault> =>
  Effect.flatMap(
    rpc.find({ method: "eth_getTransactionReceipt", params: [hash] }, RpcReceipt, "large"),
    (receipt) => {
      if (receipt === undefined) return Effect.succeed(undefined)
      const { blockHash, blockNumber, transactionHash } = receipt
      return transactionHash === hash
        ? check(rpc, { number: blockNumber, hash: blockHash }, receipt)
        : Effect.fail(rpc.fault("the receipt of another transaction"))
    }
  )

const oneByOne = (rpc: EvmRpc, block: BlockRef, hashes: ReadonlyArray<string>): Receipts =>
  Effect.forEach(
    hashes,
    (hash) =>
      Effect.flatMap(receiptOf(rpc, hash), (receipt) =>
        receipt === undefined ? Effect.fail(rpc.fault("a receipt is missing")) : check(rpc, block, receipt)),
    {
      concurrency
    }
  )

/** All receipts of a block, if the endpoint has the method and the answer is not too large. */
const ofBlock = (rpc: EvmRpc, block: BlockRef, hashes: ReadonlyArray<string>): Receipts =>
  Effect.gen(function*() {
    const receipts = yield* rpc.ask({ method: "eth_getBlockReceipts", params: [block.hash] }, Receipts, "large")
    yield* Effect.forEach(receipts, (receipt) => check(rpc, block, receipt), { discard: true })
    const present = new Set<string>(receipts.map(({ transactionHash }) => transactionHash))
    return hashes.every((hash) => present.has(hash)) ? receipts : yield* rpc.fault("a receipt is missing")
  })

/** The receipts of these transactions of a block, perhaps with receipts of other transactions of this block. */
export const receiptsWith = (rpc: EvmRpc, block: BlockRef, hashes: ReadonlyArray<string>): Receipts =>
  hashes.length < manyTransactions
    ? oneByOne(rpc, block, hashes)
    : Effect.catch(ofBlock(rpc, block, hashes), () => oneByOne(rpc, block, hashes))

/** The receipts of all transactions of a block. */
export const receiptsIn = Effect.fnUntraced(function*(rpc: EvmRpc, block: BlockRef) {
  const found = yield* rpc.find({ method: "eth_getBlockByHash", params: [block.hash, false] }, RpcBlock, "large")
  if (found === undefined) return yield* rpc.fault(`block ${block.number} is missing`)
  if (!isSameBlock(found, block)) return yield* rpc.fault("another block than the one asked for")
  return yield* receiptsWith(rpc, block, found.transactions)
})
