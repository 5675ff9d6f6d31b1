/**
 * A host on one or more local chains whose loops do not run: a test mines, reads the chain and moves the time.
 */
import type { Chain } from "@dchat/domain/onchain"
import { ChainDouble, RpcProxy, TestChain } from "@dchat/doubles/chain"
import { Context, Effect, Layer } from "effect"
import { memoryHost } from "../TestHost.ts"
import { type ChainHostOptions, chainOf, onchainOptions } from "./LocalChains.ts"
import { QuietClock } from "./QuietClock.ts"

const testChain = (chainId?: number) =>
  Layer.effect(
    TestChain,
    Effect.flatMap(QuietClock, (clock) =>
      ChainDouble.start({
        mining: "on-demand",
        ...(chainId !== undefined && { chainId }),
        genesis: Math.floor(clock.now() / 1000)
      }))
  )

/** The endpoints of the chain: proxies in front of one node. */
export class Endpoints extends Context.Service<Endpoints, readonly [RpcProxy.RpcProxy, RpcProxy.RpcProxy]>()(
  "test/Endpoints"
) {}

const endpoints = Layer.effect(
  Endpoints,
  Effect.flatMap(TestChain, (chain) => Effect.all([RpcProxy.start(chain), RpcProxy.start(chain)]))
)

export interface QuietOptions extends ChainHostOptions {
  readonly changes?: (chain: TestChain["Service"]) => Partial<Chain>
}

const identityOf = ({ chainId, url }: TestChain["Service"]) => ({
  chains: [{ chainId: chainId as never, rpcUrls: [url] as const }]
})

/** The host reads the node itself. */
export const quietChainHost = ({ changes = () => ({}), ...options }: QuietOptions = {}) =>
  Layer.unwrap(Effect.map(TestChain, (chain) =>
    memoryHost({
      identity: identityOf(chain),
      onchain: onchainOptions([{ chain: chainOf(chain, changes(chain)), rpcUrls: [chain.url] }], options)
    })
  )).pipe(Layer.provideMerge(testChain()), Layer.provideMerge(QuietClock.layer))

/** The host reads the node by two endpoints, which may have faults. */
export const witnessedChainHost = ({ changes = () => ({}), ...options }: QuietOptions = {}) =>
  Layer.unwrap(Effect.gen(function*() {
    const chain = yield* TestChain
    const rpcUrls = (yield* Endpoints).map(({ url }) => url)
    return memoryHost({
      identity: identityOf(chain),
      onchain: onchainOptions([{ chain: chainOf(chain, changes(chain)), rpcUrls }], options)
    })
  })).pipe(Layer.provideMerge(endpoints), Layer.provideMerge(testChain()), Layer.provideMerge(QuietClock.layer))
