/**
 * A host on one or more local chains whose loops do not run: a test mines, reads the chain and moves the time.
 */
import type { Chain } from "@dchat/domain/onchain"
import { ChainDouble, RpcProxy, TestChain } from "@dchat/doubles/chain"
import { Context, Effect, Layer } from "effect"
import { layer as database } from "../../../../adapters/test/support/TestDatabase.ts"
import { DatabasePorts } from "../../../src/host/Layers.ts"
import { memoryHost, testHost } from "../TestHost.ts"
import { type ChainHostOptions, chainOf, onchainOptions } from "./LocalChains.ts"
import { QuietClock } from "./QuietClock.ts"

const startChain = (chainId?: number) =>
  Effect.flatMap(QuietClock, (clock) =>
    ChainDouble.start({
      mining: "on-demand",
      ...(chainId !== undefined && { chainId }),
      genesis: Math.floor(clock.now() / 1000)
    }))

const testChain = () => Layer.effect(TestChain, startChain())

/** The endpoints of the chain: proxies in front of one node. */
export class Endpoints extends Context.Service<Endpoints, ReadonlyArray<RpcProxy.RpcProxy>>()("test/Endpoints") {}

const endpoints = (count: number) =>
  Layer.effect(
    Endpoints,
    Effect.flatMap(TestChain, (chain) => Effect.replicateEffect(RpcProxy.start(chain), count))
  )

const urlsOf = ([first, ...others]: ReadonlyArray<RpcProxy.RpcProxy>): readonly [string, ...Array<string>] => [
  first?.url ?? "",
  ...others.map(({ url }) => url)
]

/** A second chain on which users can pay, with another node. */
export class OtherChain extends Context.Service<OtherChain, TestChain["Service"]>()("test/OtherChain") {}

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
    }))).pipe(Layer.provideMerge(testChain()), Layer.provideMerge(QuietClock.layer))

/** The host reads the node by endpoints that may have faults: two by default. */
export const witnessedChainHost = ({ changes = () => ({}), count = 2, ...options }: QuietOptions & {
  readonly count?: number
} = {}) =>
  Layer.unwrap(Effect.gen(function*() {
    const chain = yield* TestChain
    const rpcUrls = urlsOf(yield* Endpoints)
    return memoryHost({
      identity: identityOf(chain),
      onchain: onchainOptions([{ chain: chainOf(chain, changes(chain)), rpcUrls }], options)
    })
  })).pipe(Layer.provideMerge(endpoints(count)), Layer.provideMerge(testChain()), Layer.provideMerge(QuietClock.layer))

/** The host reads two chains. The first one has two endpoints, which may have faults. */
export const twoChainHost = (options: ChainHostOptions = {}) =>
  Layer.unwrap(Effect.gen(function*() {
    const chain = yield* TestChain
    const other = yield* OtherChain
    const rpcUrls = urlsOf(yield* Endpoints)
    return memoryHost({
      onchain: onchainOptions([
        { chain: chainOf(chain), rpcUrls },
        { chain: chainOf(other), rpcUrls: [other.url] }
      ], options)
    })
  })).pipe(
    Layer.provideMerge(endpoints(2)),
    Layer.provideMerge([testChain(), Layer.effect(OtherChain, startChain(31_338))]),
    Layer.provideMerge(QuietClock.layer)
  )

/** The host reads the node itself, and keeps everything in a database. */
export const databaseChainHost = Layer.unwrap(
  Effect.map(TestChain, (chain) =>
    testHost(DatabasePorts.pipe(Layer.provideMerge(database)), {
      identity: identityOf(chain),
      onchain: onchainOptions([{ chain: chainOf(chain), rpcUrls: [chain.url] }])
    }))
).pipe(Layer.provideMerge(testChain()), Layer.provideMerge(QuietClock.layer))
