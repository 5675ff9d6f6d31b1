/**
 * Queries the JSON-RPC endpoints of one chain, and distinguishes a failing contract from a failing endpoint.
 */
import { type ChainId, ChainUnavailable } from "@dchat/domain/identity"
import { Duration, Effect, type Option } from "effect"
import { BaseError, createClient, custom, fallback, type Hex, http, RpcRequestError, type Transport } from "viem"

/** A chain that this installation can ask. */
export interface RpcChain {
  readonly chainId: ChainId
  /** In the order in which they are asked. They may hold API keys: never to be shown or logged. */
  readonly rpcUrls: ReadonlyArray<string>
}

/** The requests to a chain. Each one reads the latest block. */
export interface ChainRpc {
  /** The code at an address; `0x` where there is none. */
  code(address: Hex): Effect.Effect<Hex, ChainUnavailable>
  /**
   * The result of a call (`0x` from an address without code), or none where the code fails. Without `to`, the data is
   * the code of a contract that is created for the call only.
   */
  call(call: { readonly to?: Hex; readonly data: Hex }): Effect.Effect<Option.Option<Hex>, ChainUnavailable>
}

/** No contract is larger: EIP-7907 allows 256 KiB, and hexadecimal doubles it. */
const maxResponseBodySize = 1_048_576

/**
 * The messages of nodes when code fails; nodes do not agree on one. Code 3 is geth's for a revert, -32015 Parity's for
 * any failure. Other failures, out of gas first, are recognized by their text: of any node, revm (reth, anvil) and
 * Hardhat, geth and Erigon, Besu, Nethermind.
 */
const executionFailure = new RegExp(
  [
    "revert|out ?of ?gas",
    "\\be?vm (?:error|exception|execution error)",
    "gas required exceeds|invalid (?:opcode|jump)|stack (?:under|over)flow|stack limit",
    "insufficient_gas|invalid_operation",
    "bad ?instruction|invalidjump|stack(?:under|over)flow"
  ].join("|"),
  "i"
)

const isExecutionFailure = (error: unknown): boolean => {
  const answer = error instanceof BaseError ? error.walk((cause) => cause instanceof RpcRequestError) : null
  return answer instanceof RpcRequestError &&
    (answer.code === 3 || answer.code === -32015 || executionFailure.test(answer.details))
}

const isQuantity = (result: unknown): result is Hex =>
  typeof result === "string" && /^0x[0-9a-fA-F]{1,64}$/.test(result)

const isData = (result: unknown): result is Hex => typeof result === "string" && /^0x(?:[0-9a-fA-F]{2})*$/.test(result)

/**
 * One endpoint. It answers nothing before it has said once that it serves this chain, so that a wrong URL cannot let
 * a contract of another chain vouch for a wallet.
 */
const endpoint = (url: string, chainId: ChainId, timeout: number): Transport => {
  const transport = http(url, { retryCount: 0, timeout, maxResponseBodySize, fetchOptions: { redirect: "error" } })({})
  const check = async () => {
    const reported: unknown = await transport.request({ method: "eth_chainId" }).catch(() => undefined)
    if (!isQuantity(reported) || BigInt(reported) !== BigInt(chainId)) throw new Error("not known to serve this chain")
  }
  let checked: Promise<void> | undefined
  return custom({
    request: async (...[args, options]: Parameters<typeof transport.request>) => {
      checked ??= check().catch((error: unknown) => {
        checked = undefined
        throw error
      })
      await checked
      const result: unknown = await transport.request(args, options)
      if (!isData(result)) throw new Error("not an answer")
      return result
    }
  }, { retryCount: 0 })
}

/**
 * Asks each endpoint in turn until one answers; each may take its share of the time-out. Once again if none does: a
 * connection that was kept open is often found to be closed.
 */
export const make = ({ chainId, rpcUrls }: RpcChain, timeout: Duration.Duration): ChainRpc => {
  const share = Math.ceil(Duration.toMillis(timeout) / rpcUrls.length)
  const { request } = createClient({
    transport: fallback(rpcUrls.map((url) => endpoint(url, chainId, share)), {
      retryCount: 0,
      shouldThrow: isExecutionFailure
    })
  })
  return {
    code: (address) =>
      Effect.tryPromise({
        try: (signal) => request({ method: "eth_getCode", params: [address, "latest"] }, { signal }),
        catch: () => new ChainUnavailable()
      }).pipe(Effect.retry({ times: 1 }), Effect.map((code) => code ?? "0x")),
    call: (call) =>
      Effect.tryPromise({
        try: (signal) => request({ method: "eth_call", params: [call, "latest"] }, { signal }),
        // The error itself names the URL, so it goes no further.
        catch: (error) => isExecutionFailure(error) ? "failed" : new ChainUnavailable()
      }).pipe(
        Effect.asSome,
        Effect.catchIf((error) => error === "failed", () => Effect.succeedNone),
        Effect.retry({ times: 1 })
      )
  }
}
