import { CheckedChains } from "@dchat/adapters/viem"
import { ChainId } from "@dchat/domain/identity"
import { type Chain, Chains } from "@dchat/domain/onchain"
import { Tier } from "@dchat/domain/subscription"
import { isLeftOut, RpcProxy, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { addressOf, chainOf, newAccount, secret } from "../endpoint/support/Payments.ts"

const setUp = Effect.gen(function*() {
  const double = yield* TestChain
  const proxy = yield* RpcProxy.start({ url: double.url })
  const lines: Array<string> = []
  const logger = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
  const chain = chainOf(double, newAccount().address)
  const start = (chains: ReadonlyArray<Chain>, rpcUrls: ReadonlyArray<string> = [`${proxy.url}/${secret}`]) =>
    Layer.build(
      CheckedChains.layer(chains.map((chain) => ({ chainId: chain.chainId, rpcUrls, payments: { chain } })))
    ).pipe(Effect.map((context) => Context.get(context, Chains)), Effect.provide(logger))
  return { chain, double, lines, proxy, start }
})

describe.skipIf(isLeftOut)("A chain", () => {
  layer(TestChain.layer(), { timeout: 60_000 })("at the start", (it) => {
    it.effect("is ready if its tokens, its router and its memberships are as described", () =>
      Effect.gen(function*() {
        const { chain, lines, start } = yield* setUp
        const chains = yield* start([chain])
        assert.deepStrictEqual(chains.of(chain.chainId), chain)
        assert.deepStrictEqual(chains.all, [chain])
        assert.deepStrictEqual(lines, [])
      }))

    it.effect("is refused with all differences, and does not keep other chains from starting", () =>
      Effect.gen(function*() {
        const { chain, double, lines, proxy, start } = yield* setUp
        const { dai, usdc, usdt } = double.contracts
        const nobody = addressOf(newAccount().address)
        const wrong: Chain = {
          ...chain,
          tokens: [
            { token: addressOf(usdc.address), symbol: "USDC", decimals: 18 },
            { token: addressOf(usdt.address), symbol: "USDC", decimals: 6 },
            { token: addressOf(dai.address), symbol: "DAI", decimals: 18 },
            { token: nobody, symbol: "NONE", decimals: 0 }
          ],
          router: nobody,
          memberships: [{ contract: nobody, tier: Tier.make("PRO") }]
        }
        const chains = yield* start([wrong])
        assert.strictEqual(chains.of(chain.chainId), undefined)
        assert.deepStrictEqual(lines, [
          [
            `Test chain does not fit its configuration: the token ${
              addressOf(usdc.address)
            } has "6" as decimals instead of 18`,
            `the token ${addressOf(usdt.address)} has "USDT" as its symbol instead of "USDC"`,
            `the token ${nobody} has nothing as decimals instead of 0`,
            `the token ${nobody} has nothing as its symbol instead of "NONE"`,
            `the router ${nobody} has no code`,
            `the membership contract ${nobody} has no code`
          ].join("; ")
        ])
        const other = { ...wrong, chainId: ChainId.make(1) }
        const starting = yield* Effect.forkChild(start([chain, other]))
        yield* proxy.requests.next("eth_getCode")
        yield* TestClock.adjust("5 seconds")
        const both = yield* Fiber.join(starting)
        assert.strictEqual(both.of(other.chainId), undefined)
        while (both.of(chain.chainId) === undefined) {
          yield* Effect.promise(() => new Promise((done) => setImmediate(done)))
        }
      }))

    it.effect("is checked by the next endpoint if the first one does not answer", () =>
      Effect.gen(function*() {
        const { chain, double, proxy, start } = yield* setUp
        yield* proxy.faults.add({ _tag: "RateLimit" })
        const chains = yield* start([chain], [proxy.url, double.url])
        assert.deepStrictEqual(chains.of(chain.chainId), chain)
      }))

    it.effect("that does not answer is ready later, and the start does not wait for it", () =>
      Effect.gen(function*() {
        const { chain, lines, proxy, start } = yield* setUp
        yield* proxy.faults.add({ _tag: "RateLimit" })
        const starting = yield* Effect.forkChild(start([chain]))
        yield* proxy.requests.next("eth_chainId")
        yield* TestClock.adjust("5 seconds")
        const chains = yield* Fiber.join(starting)
        assert.strictEqual(chains.of(chain.chainId), undefined)
        assert.match(lines.join("\n"), /^Test chain does not start yet: 127\.0\.0\.1:\d+: eth_/)
        assert.notInclude(lines.join("\n"), secret)
        yield* proxy.faults.clear
        // The next check may still be on its way, so the clock moves until the chain is ready.
        while (chains.of(chain.chainId) === undefined) {
          yield* TestClock.adjust("1 minute")
          yield* Effect.promise(() => new Promise((done) => setImmediate(done)))
        }
      }))
  })
})
