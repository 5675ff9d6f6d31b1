/**
 * The faults of an endpoint that the proxy can show.
 */
import { type Hex, numberToHex, type RpcLog, sliceHex } from "viem"
import type { RpcError } from "./RpcCall.ts"

/** How a provider refuses a range of blocks. */
export interface RangeRefusal extends RpcError {
  /** The HTTP status, 200 by default. */
  readonly status?: number
}

/**
 * Refusals that differ in their code, their status and their text, as those of providers do. A client cannot rely on
 * any of the three.
 */
export const rangeRefusals = {
  invalidRequest: {
    code: -32600,
    message: "You can make eth_getLogs requests with up to this block range",
    status: 400
  },
  invalidParameters: { code: -32602, message: "Block range is too large" },
  limitExceeded: { code: -32005, message: "query returned more than 10000 results" },
  serverError: { code: -32000, message: "exceed maximum block range" },
  ownCode: { code: -32614, message: "eth_getLogs is limited to this range", status: 413 }
} as const satisfies Record<string, RangeRefusal>

export type RpcFault =
  /** The node has not seen the newest blocks: the head, `safe` and `finalized` are `blocks` older. */
  | { readonly _tag: "Lag"; readonly blocks: number }
  /** Each `eth_getLogs` answers `[]`. */
  | { readonly _tag: "NoLogs" }
  /** An `eth_getLogs` answers its first logs only, without an error. */
  | { readonly _tag: "TruncateLogs"; readonly limit: number }
  /** An `eth_getLogs` over more blocks is refused; `limitExceeded` by default. */
  | { readonly _tag: "RefuseRanges"; readonly blocks: number; readonly refusal?: RangeRefusal }
  /** 429, with `Retry-After` if it is given. */
  | { readonly _tag: "RateLimit"; readonly retryAfterSeconds?: number }
  /** The answer comes later. */
  | { readonly _tag: "Slow"; readonly milliseconds: number }
  /** The request never gets an answer. */
  | { readonly _tag: "Hang" }
  /** The connection ends without an answer. */
  | { readonly _tag: "Drop" }
  /** The node does the request, and the connection ends without an answer. */
  | { readonly _tag: "Swallow" }
  /** The node has deleted the blocks before this number, with their logs, receipts and states. */
  | { readonly _tag: "Prune"; readonly before: number }
  /** Each request goes to the next of these nodes. One other node is a fork. */
  | { readonly _tag: "Route"; readonly nodes: readonly [string, ...Array<string>] }
  /** Changes each log of `eth_getLogs` and of receipts. */
  | { readonly _tag: "AlterLogs"; readonly alter: (log: RpcLog) => RpcLog }
  /** An error in place of the result. */
  | { readonly _tag: "Fail"; readonly error: RpcError }
  /** Any HTTP answer, such as the page of a gateway. */
  | { readonly _tag: "Answer"; readonly status: number; readonly body: string }

/** Which requests have a fault: all by default. */
export interface Occurrence {
  readonly methods?: ReadonlyArray<string>
  /** Only the next requests. */
  readonly times?: number
}

/** Changes the amount of an ERC-20 `Transfer` or of the router's `Paid`: the last word of the data. */
export const withAmount = (amount: bigint) => (log: RpcLog): RpcLog => {
  const word = numberToHex(amount, { size: 32 }).slice(2)
  const before = log.data.length > 66 ? sliceHex(log.data, 0, (log.data.length - 66) / 2) : "0x"
  return { ...log, data: `${before}${word}` as Hex }
}
