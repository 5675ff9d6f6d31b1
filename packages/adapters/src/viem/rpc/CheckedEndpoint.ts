/**
 * One JSON-RPC endpoint that has proved once to serve its chain.
 */
import type { ChainId } from "@dchat/domain/identity"
import { type EIP1193RequestFn, http } from "viem"

/** The maximum sizes of an answer, in bytes. */
const sizes = {
  /** No contract is larger: EIP-7907 allows 256 KiB, and hexadecimal doubles it. */
  small: 1_048_576,
  /**
   * A transaction of 2^24 gas (EIP-7825) emits at most 44,000 empty logs, which are about 27 MB as JSON. An answer that
   * may hold one such transaction has to fit: otherwise anyone could make a block that nobody can read.
   */
  large: 64 * 1_048_576
}

export interface RpcRequest {
  readonly method: string
  readonly params?: ReadonlyArray<unknown>
}

export interface CheckedEndpoint {
  /** The host of the URL, without path, user and keys. */
  readonly name: string
  request(
    request: RpcRequest,
    options?: { readonly signal?: AbortSignal | undefined; readonly size?: keyof typeof sizes }
  ): Promise<unknown>
}

/** The endpoint has not proved that it serves the chain. `isOther`: the endpoint named another chain. */
export class ChainUnproved extends Error {
  override readonly name = "ChainUnproved"
  readonly isOther: boolean
  constructor(isOther: boolean) {
    super("the endpoint is not known to serve this chain")
    this.isOther = isOther
  }
}

const isQuantity = (result: unknown): result is string =>
  typeof result === "string" && /^0x[0-9a-fA-F]{1,64}$/.test(result)

/**
 * The endpoint answers nothing before it has said once that it serves this chain, so that a wrong URL cannot let a
 * contract of another chain vouch for a wallet or a payment. Redirects are refused, and the size of answers is limited.
 * `timeout` is in milliseconds, for each request. Errors of viem name the URL: show and log none of them.
 */
export const checkedEndpoint = (url: string, chainId: ChainId, timeout: number): CheckedEndpoint => {
  const transport = (size: keyof typeof sizes) =>
    http(url, {
      retryCount: 0,
      timeout,
      maxResponseBodySize: sizes[size],
      fetchOptions: { redirect: "error" }
    })({}).request as EIP1193RequestFn
  const transports = { small: transport("small"), large: transport("large") }

  const check = async () => {
    const reported: unknown = await transports.small({ method: "eth_chainId" }).catch(() => undefined)
    if (!isQuantity(reported) || BigInt(reported) !== BigInt(chainId)) {
      throw new ChainUnproved(isQuantity(reported))
    }
  }
  let checked: Promise<void> | undefined

  return {
    name: new URL(url).host,
    request: async (request, { signal, size = "small" } = {}) => {
      checked ??= check().catch((error: unknown) => {
        checked = undefined
        throw error
      })
      await checked
      return transports[size](request as never, { ...(signal && { signal }) } as never)
    }
  }
}
