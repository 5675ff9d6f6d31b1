/**
 * Answers a call as a node with these faults would answer.
 */
import { numberToHex, type RpcLog } from "viem"
import type { Current } from "./FaultList.ts"
import { ask, blockOf, isJson, numberOf, type Range, type RpcAnswer, type RpcCall, withNumbers } from "./RpcCall.ts"
import { rangeRefusals } from "./RpcFault.ts"

/** An answer, and the HTTP status if the status is not 200. */
export type NodeAnswer = RpcAnswer & { readonly status?: number }

const failure = (code: number, message: string, status?: number): NodeAnswer => ({
  error: { code, message },
  ...(status !== undefined && { status })
})

/** Methods that read the state after a block. */
const stateMethods = new Set([
  "eth_call",
  "eth_createAccessList",
  "eth_estimateGas",
  "eth_getBalance",
  "eth_getCode",
  "eth_getProof",
  "eth_getStorageAt",
  "eth_getTransactionCount"
])

const alterLogs = (result: unknown, alter: (log: RpcLog) => RpcLog): unknown => {
  if (Array.isArray(result)) return result.map((item) => alterLogs(item, alter))
  if (!isJson(result)) return result
  if (Array.isArray(result["topics"])) return alter(result as unknown as RpcLog)
  return Array.isArray(result["logs"]) ? { ...result, logs: alterLogs(result["logs"], alter) } : result
}

/** The methods whose answers have logs. */
const logMethods = new Set(["eth_getLogs", "eth_getTransactionReceipt", "eth_getBlockReceipts"])

/** The number of the block that the call names by a hash; undefined if the node does not know the hash. */
const namedBlock = async (url: string, { method, params: [first, second] = [] }: RpcCall) => {
  const given = method === "eth_getLogs" ? first : method === "eth_getBlockReceipts" ? first : second
  const hash = isJson(given) ? given["blockHash"] : given
  if (typeof hash !== "string" || hash.length !== 66) return undefined
  const answer = await ask(url, { method: "eth_getBlockByHash", params: [hash, false] })
  return "result" in answer ? blockOf(answer.result) : undefined
}

/** Refuses a call about blocks that the node does not have. */
const refusal = (
  { method }: RpcCall,
  { from, to }: Range,
  { Prune, RefuseRanges }: Current,
  head: number
): NodeAnswer | undefined => {
  if (method === "eth_getLogs" && RefuseRanges !== undefined && to - from + 1 > RefuseRanges.blocks) {
    const { code, message, status }: { code: number; message: string; status?: number } = RefuseRanges.refusal ??
      rangeRefusals.limitExceeded
    return failure(code, message, status)
  }
  if (Prune !== undefined && from < Prune.before) {
    return stateMethods.has(method) ? failure(-32000, "missing trie node") : failure(4444, "pruned history unavailable")
  }
  if (from <= head) return undefined
  if (method === "eth_getLogs") return { result: [] }
  return stateMethods.has(method) || method === "eth_feeHistory"
    ? failure(-32000, "header not found")
    : { result: null }
}

export const answer = async (url: string, given: RpcCall, faults: Current): Promise<NodeAnswer> => {
  const { AlterLogs, Fail, Lag, NoLogs, Prune, RefuseRanges, TruncateLogs } = faults
  const { method } = given
  if (Fail !== undefined) return { error: Fail.error }
  if (method === "eth_getLogs" && NoLogs !== undefined) return { result: [] }
  const lag = Lag?.blocks ?? 0
  const behind = async (tag: string) =>
    tag === "earliest" ? 0 : Math.max(0, (await numberOf(url, tag === "pending" ? "latest" : tag) ?? 0) - lag)

  let call = given
  let head = Infinity
  if (Lag !== undefined || Prune !== undefined || RefuseRanges !== undefined) {
    if (Lag !== undefined) head = await behind("latest")
    if (method === "eth_blockNumber" && Lag !== undefined) return { result: numberToHex(head) }
    const resolved = await withNumbers(given, behind)
    const refused = resolved.range && refusal(resolved.call, resolved.range, faults, head)
    if (refused !== undefined) return refused
    call = resolved.call
    const [filter] = call.params ?? []
    if (resolved.range !== undefined && method === "eth_getLogs" && resolved.range.to > head && isJson(filter)) {
      call = { ...call, params: [{ ...filter, toBlock: numberToHex(head) }] }
    }
    const named = await namedBlock(url, call)
    if (named !== undefined && named > head) return failure(-32000, "unknown block")
    if (named !== undefined && Prune !== undefined && named < Prune.before) {
      return failure(4444, "pruned history unavailable")
    }
  }

  const answered = await ask(url, call)
  if (!("result" in answered)) return answered
  let { result } = answered
  const block = blockOf(result)
  if (block !== undefined && block > head) return { result: null }
  if (block !== undefined && Prune !== undefined && block < Prune.before) {
    return failure(4444, "pruned history unavailable")
  }
  if (TruncateLogs !== undefined && method === "eth_getLogs" && Array.isArray(result)) {
    result = result.slice(0, TruncateLogs.limit)
  }
  if (AlterLogs !== undefined && logMethods.has(method)) result = alterLogs(result, AlterLogs.alter)
  return { result }
}
