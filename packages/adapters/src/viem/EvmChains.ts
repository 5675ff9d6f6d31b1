/**
 * The configuration of the chains of an installation.
 */
import { ChainId } from "@dchat/domain/identity"
import { Schema } from "effect"

const isLoopback = (hostname: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)

/** Over https, because an answer that is altered on its way would let a stranger sign in; http on this machine only. */
const RpcUrl = Schema.String.check(
  Schema.makeFilter((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    return url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname)) ||
      "expected an https URL, or an http URL of a loopback address"
  })
)

const EvmChain = Schema.Struct({
  chainId: ChainId,
  /** In the order in which they are asked. They may hold API keys: never to be shown or logged. */
  rpcUrls: Schema.NonEmptyArray(RpcUrl)
})

/**
 * The JSON of the variable `EVM_CHAINS`: an array with an object for each chain, each once. What else an object holds
 * is for others and is left out. No error repeats a URL.
 */
export const EvmChains = Schema.fromJsonString(
  Schema.Array(EvmChain).check(
    Schema.makeFilter((chains) =>
      new Set(chains.map(({ chainId }) => chainId)).size === chains.length || "expected each chain once"
    )
  )
)
export type EvmChains = typeof EvmChains.Type
