/**
 * The logs of blocks that concern an installation. Logs of other contracts, blocks or events are a fault of the endpoint.
 */
import type { BlockRange, Header, NodeFault } from "@dchat/domain/onchain"
import { Effect, Schema } from "effect"
import { numberToHex } from "viem"
import type { EvmRpc } from "./EvmRpc.ts"
import type { Interest, LogFilter } from "./Interest.ts"
import { RpcLog } from "./RpcSchemas.ts"

const Logs = Schema.Array(RpcLog)

/** Providers that leave out logs without an error do so at a round number of logs. */
const round = 1000

export const isOneBlock = (blocks: BlockRange | Header): boolean => "hash" in blocks || blocks.from === blocks.to

/** By the hash of the block (EIP-234), or by a range of numbers. */
const blocksOf = (blocks: BlockRange | Header) =>
  "hash" in blocks
    ? { blockHash: blocks.hash }
    : { fromBlock: numberToHex(blocks.from), toBlock: numberToHex(blocks.to) }

const isIn = (blocks: BlockRange | Header, { blockHash, blockNumber }: RpcLog): boolean =>
  "hash" in blocks
    ? blockHash === blocks.hash && blockNumber === blocks.number
    : blockNumber >= blocks.from && blockNumber <= blocks.to

/** The logs, as many as the endpoint returns. A reader of a smaller range gets the logs that a limit cut off. */
export const logsIn = (
  rpc: EvmRpc,
  { filters, kindOf }: Interest,
  blocks: BlockRange | Header
): Effect.Effect<ReadonlyArray<RpcLog>, NodeFault> => {
  const read = Effect.fnUntraced(function*(filter: LogFilter) {
    const params = [{ ...filter, ...blocksOf(blocks) }]
    const logs = yield* rpc.ask({ method: "eth_getLogs", params }, Logs, "large")
    if (!isOneBlock(blocks) && logs.length > 0 && logs.length % round === 0) {
      return yield* rpc.fault(`eth_getLogs: ${logs.length} logs, perhaps not all`)
    }
    if (!logs.every((log) => isIn(blocks, log))) return yield* rpc.fault("eth_getLogs: a log of another block")
    if (!logs.every((log) => kindOf(log) !== undefined)) {
      return yield* rpc.fault("eth_getLogs: a log that was not asked for")
    }
    return logs.filter(({ removed }) => removed !== true)
  })
  return Effect.map(Effect.forEach(filters, read, { concurrency: 2 }), (found) => found.flat())
}
