/**
 * Queries the JSON-RPC endpoints of one chain, and distinguishes a failing contract from a failing endpoint.
 */
import { type ChainId, ChainUnavailable } from "@dchat/domain/identity"
import { Duration, Effect, type Option } from "effect"
import { createClient, custom, fallback, type Hex, type Transport } from "viem"
import { checkedEndpoint, type RpcRequest } from "./rpc/CheckedEndpoint.ts"
import { isExecutionFailure } from "./rpc/ExecutionFailure.ts"

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

const isData = (result: unknown): result is Hex => typeof result === "string" && /^0x(?:[0-9a-fA-F]{2})*$/.test(result)

/** One endpoint, as a transport of viem. */
const endpoint = (url: string, chainId: ChainId, timeout: number): Transport => {
  const checked = checkedEndpoint(url, chainId, timeout)
  return custom({
    request: async (request: RpcRequest, options?: { readonly signal?: AbortSignal }) => {
      const result = await checked.request(request, options)
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
