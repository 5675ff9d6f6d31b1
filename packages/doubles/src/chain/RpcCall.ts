/**
 * JSON-RPC calls and answers, as a proxy sees them.
 */
import { numberToHex } from "viem"

export interface RpcCall {
  readonly id?: unknown
  readonly method: string
  readonly params?: ReadonlyArray<unknown>
}

export interface RpcError {
  readonly code: number
  readonly message: string
}

export type RpcAnswer = { readonly result: unknown } | { readonly error: RpcError }

export type Json = Readonly<Record<string, unknown>>

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A quantity; undefined if the value is a block tag, a hash, or absent. */
export const quantity = (value: unknown): number | undefined =>
  typeof value === "string" && /^0x[0-9a-f]{1,16}$/i.test(value) ? Number(value) : undefined

/** Asks a node. A node that does not answer in JSON is a defect of the test. */
export const ask = async (url: string, { method, params = [] }: RpcCall): Promise<RpcAnswer> => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })
  })
  return await response.json() as RpcAnswer
}

/** The number of the block with this tag; undefined if the node has no such block. */
export const numberOf = async (url: string, tag: string): Promise<number | undefined> => {
  const answer = await ask(url, { method: "eth_getBlockByNumber", params: [tag, false] })
  return "result" in answer && isJson(answer.result) ? quantity(answer.result["number"]) : undefined
}

/** The position of the block among the parameters of each method that names a block by its number or tag. */
const blockPositions: Readonly<Record<string, number>> = {
  eth_getBlockByNumber: 0,
  eth_getBlockReceipts: 0,
  eth_getBlockTransactionCountByNumber: 0,
  eth_getTransactionByBlockNumberAndIndex: 0,
  eth_call: 1,
  eth_createAccessList: 1,
  eth_estimateGas: 1,
  eth_feeHistory: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getProof: 2,
  eth_getStorageAt: 2
}

/** The numbers of the first and the last block that a call concerns. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** Replaces the tags of a call by numbers. `resolve` returns the number of a tag. */
export const withNumbers = async (
  call: RpcCall,
  resolve: (tag: string) => Promise<number>
): Promise<{ readonly call: RpcCall; readonly range?: Range }> => {
  const { method, params = [] } = call
  const numberFor = async (value: unknown) => quantity(value) ?? resolve(typeof value === "string" ? value : "latest")
  if (method === "eth_getLogs") {
    const [filter] = params
    if (!isJson(filter) || filter["blockHash"] !== undefined) return { call }
    const range = { from: await numberFor(filter["fromBlock"]), to: await numberFor(filter["toBlock"]) }
    const replaced = { ...filter, fromBlock: numberToHex(range.from), toBlock: numberToHex(range.to) }
    return { call: { ...call, params: [replaced] }, range }
  }
  const position = blockPositions[method]
  if (position === undefined) return { call }
  const given = params[position]
  // EIP-1898 names a block by an object; a hash has 32 bytes.
  if (isJson(given) || (typeof given === "string" && given.length === 66)) return { call }
  const number = await numberFor(given)
  const replaced = Array.from(
    { length: Math.max(params.length, position + 1) },
    (_, index) => index === position ? numberToHex(number) : params[index] ?? null
  )
  return { call: { ...call, params: replaced }, range: { from: number, to: number } }
}

/** The number of the block of a result: a block, a transaction, a receipt, or the receipts of a block. */
export const blockOf = (result: unknown): number | undefined => {
  const first: unknown = Array.isArray(result) ? result[0] : result
  if (!isJson(first)) return undefined
  return quantity(first["blockNumber"]) ?? quantity(first["number"])
}
