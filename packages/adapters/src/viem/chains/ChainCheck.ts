/**
 * Compares the description of a chain with the contracts on the chain, so that a wrong number of decimals or a wrong address
 * is found before a user pays.
 */
import type { AcceptedAsset, Chain, NodeFault } from "@dchat/domain/onchain"
import { Effect, Schema } from "effect"
import { type Abi, decodeFunctionResult, encodeFunctionData, erc20Abi, erc20Abi_bytes32, hexToString, trim } from "viem"
import type { EvmRpc } from "../endpoint/EvmRpc.ts"
import { Data } from "../endpoint/RpcSchemas.ts"

/** The description does not fit the contracts on the chain. Users cannot pay on this chain. */
export class ChainRefused extends Schema.TaggedError<ChainRefused>()("ChainRefused", {
  chain: Schema.String,
  problems: Schema.Array(Schema.String)
}) {
  override get message() {
    return `${this.chain} does not fit its configuration: ${this.problems.join("; ")}`
  }
}

const decoded = (abi: Abi, functionName: string, data: `0x${string}` | undefined): unknown => {
  try {
    return decodeFunctionResult({ abi, functionName, data: data ?? "0x" })
  } catch {
    return undefined
  }
}

/** Text, or the older form of 32 bytes. */
const symbolIn = (data: `0x${string}` | undefined): string | undefined => {
  const text = decoded(erc20Abi, "symbol", data)
  if (typeof text === "string") return text
  const bytes = decoded(erc20Abi_bytes32, "symbol", data)
  return typeof bytes === "string" ? hexToString(trim(bytes as `0x${string}`, { dir: "right" })) : undefined
}

/** Text of a contract is not shown as such: its author may be anyone. */
const shown = (value: unknown): string => value === undefined ? "nothing" : JSON.stringify(String(value).slice(0, 40))

const tokenProblems = Effect.fnUntraced(function*(rpc: EvmRpc, { decimals, symbol, token }: AcceptedAsset) {
  if (token === undefined) return []
  const call = (functionName: "decimals" | "symbol") =>
    rpc.call(token, encodeFunctionData({ abi: erc20Abi, functionName }), "latest")
  const [decimalsData, symbolData] = yield* Effect.all([call("decimals"), call("symbol")])
  const found = { decimals: decoded(erc20Abi, "decimals", decimalsData), symbol: symbolIn(symbolData) }
  return [
    ...(found.decimals === decimals
      ? []
      : [`the token ${token} has ${shown(found.decimals)} as decimals instead of ${decimals}`]),
    ...(found.symbol === symbol
      ? []
      : [`the token ${token} has ${shown(found.symbol)} as its symbol instead of ${shown(symbol)}`])
  ]
})

const codeProblems = Effect.fnUntraced(function*(rpc: EvmRpc, what: string, address: string) {
  const code = yield* rpc.ask({ method: "eth_getCode", params: [address, "latest"] }, Data)
  return code === "0x" ? [`the ${what} ${address} has no code`] : []
})

/** Fails with all differences. */
export const checkChain = Effect.fnUntraced(function*(
  rpc: EvmRpc,
  { memberships, name, router, tokens }: Chain
): Effect.fn.Return<void, ChainRefused | NodeFault> {
  const contracts = new Set(memberships.map(({ contract }) => contract))
  const problems = yield* Effect.all([
    ...tokens.map((token) => tokenProblems(rpc, token)),
    ...(router === undefined ? [] : [codeProblems(rpc, "router", router)]),
    ...[...contracts].map((contract) => codeProblems(rpc, "membership contract", contract))
  ], { concurrency: 4 })
  if (problems.flat().length > 0) return yield* new ChainRefused({ chain: name, problems: problems.flat() })
})
