/**
 * One JSON-RPC endpoint of a chain: its blocks, and the movements that concern an installation.
 */
import type {
  BlockRange,
  BlockRef,
  Chain,
  ChainEndpoint,
  Header,
  Movement,
  NodeFault,
  TransactionState
} from "@dchat/domain/onchain"
import type { Bytes32 } from "@dchat/domain/subscription"
import { DateTime, type Duration, Effect } from "effect"
import { encodeFunctionData, erc721Abi, type Hex, numberToHex } from "viem"
import * as EvmRpc from "./EvmRpc.ts"
import { interestOf } from "./Interest.ts"
import { isOneBlock, logsIn } from "./LogReader.ts"
import { addressIn, isWord, movementsOf, nativeMovement, sendsNative, type TimedBlock } from "./Movements.ts"
import { concurrency, receiptOf, receiptsIn, receiptsWith } from "./Receipts.ts"
import { RpcFullBlock, RpcHeader, type RpcLog, type RpcReceipt, RpcTransaction } from "./RpcSchemas.ts"

const timeOf = (timestamp: number): DateTime.Utc => DateTime.makeUnsafe(timestamp * 1000)

/** Identifies a log with all that its movement depends on. */
const keyOf = ({ address, blockHash, data, logIndex, topics, transactionHash }: RpcLog): string =>
  [blockHash, logIndex, transactionHash, address, ...topics, data].join(" ")

/** The logs by block. Two hashes of one number are two histories. */
const byBlock = (logs: ReadonlyArray<RpcLog>): ReadonlyArray<BlockRef & { readonly logs: ReadonlyArray<RpcLog> }> =>
  [...Map.groupBy(logs, ({ blockHash }) => blockHash)].map(([hash, logs]) => ({
    number: logs[0]?.blockNumber ?? 0,
    hash,
    logs
  }))

/** By block, then in the order of the block. The value of a transaction comes before all logs. */
const inOrder = (movements: ReadonlyArray<Movement>): ReadonlyArray<Movement> =>
  movements.toSorted((one, other) =>
    one.block.number - other.block.number || (one.logIndex ?? -1) - (other.logIndex ?? -1)
  )

/** `timeout`: for each request, 10 seconds unless given. */
export const make = (
  chain: Chain,
  url: string,
  options?: { readonly timeout?: Duration.Input | undefined }
): ChainEndpoint => {
  const rpc = EvmRpc.make(url, chain.chainId, options?.timeout ?? "10 seconds")
  const interest = interestOf(chain)

  const headerFrom = ({ hash, logsBloom, number, parentHash, timestamp }: RpcHeader): Header => ({
    number,
    hash,
    parentHash,
    at: timeOf(timestamp),
    mayConcern: interest.mayConcern(logsBloom as Hex)
  })

  const byTag = (tag: string) => rpc.find({ method: "eth_getBlockByNumber", params: [tag, false] }, RpcHeader, "large")

  const head: ChainEndpoint["head"] = Effect.fnUntraced(function*(tags) {
    const numberOf = (tag: "safe" | "finalized") =>
      tags[tag] ? Effect.map(byTag(tag), (block) => block?.number) : Effect.succeed(undefined)
    const [safe, finalized, latest] = yield* Effect.all([numberOf("safe"), numberOf("finalized"), byTag("latest")], {
      concurrency
    })
    if (latest === undefined) return yield* rpc.fault("has no latest block")
    return { latest: headerFrom(latest), safe, finalized }
  })

  const header: ChainEndpoint["header"] = Effect.fnUntraced(function*(number) {
    const found = yield* byTag(numberToHex(number))
    if (found === undefined) return undefined
    return found.number === number ? headerFrom(found) : yield* rpc.fault("another block than the one asked for")
  })

  const timed = Effect.fnUntraced(function*({ hash, number }: BlockRef) {
    const found = yield* rpc.find({ method: "eth_getBlockByHash", params: [hash, false] }, RpcHeader, "large")
    if (found === undefined) return yield* rpc.fault(`block ${number} is missing`)
    if (found.hash !== hash || found.number !== number) return yield* rpc.fault("another block than the one asked for")
    return { number, hash, at: timeOf(found.timestamp) }
  })

  const movementsIn = (block: TimedBlock, receipts: ReadonlyArray<RpcReceipt>): ReadonlyArray<Movement> =>
    receipts.flatMap((receipt) => movementsOf(chain, interest, block, receipt))

  /**
   * Receipts and logs have to agree. In one block, receipts may have more logs, because a limit may have cut off logs; in
   * a range, a smaller range is read instead.
   */
  const checkAgreement = (logs: ReadonlyArray<RpcLog>, receipts: ReadonlyArray<RpcReceipt>, isComplete: boolean) => {
    const relevant = receipts.flatMap((receipt) => receipt.logs.filter((log) => interest.kindOf(log) !== undefined))
    const inReceipts = new Set(relevant.map(keyOf))
    if (!logs.every((log) => inReceipts.has(keyOf(log)))) return rpc.fault("a log is not in its receipt")
    return isComplete && new Set(logs.map(keyOf)).size < inReceipts.size
      ? rpc.fault("eth_getLogs: left out a log")
      : undefined
  }

  const byLogs = Effect.fnUntraced(function*(blocks: BlockRange | Header) {
    const found = byBlock(yield* logsIn(rpc, interest, blocks))
    const read = Effect.fnUntraced(function*({ logs, ...ref }: typeof found[number]) {
      const block = "hash" in blocks ? { ...ref, at: blocks.at } : yield* timed(ref)
      const receipts = yield* receiptsWith(rpc, ref, [...new Set(logs.map(({ transactionHash }) => transactionHash))])
      const disagreement = checkAgreement(logs, receipts, !isOneBlock(blocks))
      return disagreement === undefined ? movementsIn(block, receipts) : yield* disagreement
    })
    return (yield* Effect.forEach(found, read, { concurrency })).flat()
  })

  const fullBlock = (at: Header | number) =>
    typeof at === "number"
      ? rpc.find({ method: "eth_getBlockByNumber", params: [numberToHex(at), true] }, RpcFullBlock, "large")
      : rpc.find({ method: "eth_getBlockByHash", params: [at.hash, true] }, RpcFullBlock, "large")

  const nativeIn = Effect.fnUntraced(function*(at: Header | number) {
    const found = yield* fullBlock(at)
    if (found === undefined) return yield* rpc.fault("a block is missing")
    const isAsked = typeof at === "number" ? found.number === at : found.hash === at.hash && found.number === at.number
    if (!isAsked) return yield* rpc.fault("another block than the one asked for")
    const sent = found.transactions.filter((transaction) => sendsNative(chain, transaction))
    if (sent.length === 0) return []
    const receipts = yield* receiptsWith(rpc, found, sent.map(({ hash }) => hash))
    const succeeded = new Set(
      receipts.filter(({ status }) => status === 1).map(({ transactionHash }) => transactionHash)
    )
    const block = { number: found.number, hash: found.hash, at: timeOf(found.timestamp) }
    return sent.filter(({ hash }) => succeeded.has(hash)).map((transaction) =>
      nativeMovement(chain, block, transaction)
    )
  })

  const natives = (blocks: BlockRange | Header) => {
    if (chain.native === undefined) return Effect.succeed([])
    if ("hash" in blocks) return nativeIn(blocks)
    const numbers = Array.from({ length: blocks.to - blocks.from + 1 }, (_, index) => blocks.from + index)
    return Effect.map(Effect.forEach(numbers, nativeIn, { concurrency }), (found) => found.flat())
  }

  const valueOf = Effect.fnUntraced(function*(block: TimedBlock, { status, to, transactionHash }: RpcReceipt) {
    if (status === 0 || !sendsNative(chain, { to, value: 1n })) return []
    const found = yield* rpc.ask({ method: "eth_getTransactionByHash", params: [transactionHash] }, RpcTransaction)
    if (found.hash !== transactionHash || found.to !== to) return yield* rpc.fault("another transaction")
    return sendsNative(chain, found) ? [nativeMovement(chain, block, found)] : []
  })

  const transaction = Effect.fnUntraced(function*(hash: Bytes32): Effect.fn.Return<TransactionState, NodeFault> {
    const receipt = yield* receiptOf(rpc, hash)
    if (receipt === undefined) {
      const found = yield* rpc.find({ method: "eth_getTransactionByHash", params: [hash] }, RpcTransaction)
      if (found !== undefined && found.hash !== hash) return yield* rpc.fault("another transaction")
      return { _tag: found === undefined ? "unknown" : "pending" }
    }
    const block: BlockRef = { number: receipt.blockNumber, hash: receipt.blockHash }
    if (receipt.status === 0) return { _tag: "failed", block }
    const at = yield* timed(block)
    const movements = [...(yield* valueOf(at, receipt)), ...movementsIn(at, [receipt])]
    return { _tag: "included", block, movements }
  })

  const ownerOf: ChainEndpoint["ownerOf"] = Effect.fnUntraced(function*(contract, tokenId, block) {
    const data = encodeFunctionData({ abi: erc721Abi, functionName: "ownerOf", args: [tokenId] })
    const answer = yield* rpc.call(contract, data, block)
    if (answer === undefined) return undefined
    return isWord(answer) ? addressIn(answer) : yield* rpc.fault("eth_call: an owner that is no address")
  })

  return {
    name: rpc.name,
    head,
    header,
    movements: (blocks, { native }) =>
      Effect.map(
        Effect.all([byLogs(blocks), native ? natives(blocks) : Effect.succeed([])]),
        (found) => inOrder(found.flat())
      ),
    receipts: Effect.fnUntraced(function*(block) {
      const [at, receipts] = yield* Effect.all([timed(block), receiptsIn(rpc, block)])
      return inOrder(movementsIn(at, receipts))
    }),
    ownerOf,
    transaction
  }
}
