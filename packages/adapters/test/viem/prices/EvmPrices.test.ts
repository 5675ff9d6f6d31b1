import { type EvmChains, EvmPrices } from "@dchat/adapters/viem"
import { ChainId } from "@dchat/domain/identity"
import { PriceOracle } from "@dchat/domain/onchain"
import { isLeftOut, RpcProxy, TestChain } from "@dchat/doubles/chain"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { addressOf, chainOf, newAccount, secret } from "../endpoint/support/Payments.ts"

const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })

describe("A fixed price", () => {
  const chainId = ChainId.make(31_337)
  const chainsWith = (numerator: bigint, decimals: number, native = 18): EvmChains => [{
    chainId,
    rpcUrls: [],
    payments: {
      chain: {
        chainId,
        name: "Test chain",
        native: { symbol: "ETH", decimals: native },
        tokens: [],
        recipient: addressOf(newAccount().address),
        provisionalAt: { blocks: 1 },
        settledAt: { blocks: 1 },
        finalAt: { blocks: 1 },
        maxRange: 1,
        memberships: []
      },
      price: { usd: { numerator, decimals } }
    }
  }]
  const amount = (chains: EvmChains, minorUnits: bigint, of = chainId) =>
    Effect.flatMap(PriceOracle, (oracle) => oracle.nativeAmount(of, usd(minorUnits))).pipe(
      Effect.provide(EvmPrices.layer(chains))
    )

  it.effect.each<
    readonly [price: string, numerator: bigint, decimals: number, native: number, cents: bigint, amount: bigint]
  >([
    ["2500", 2500n, 0, 18, 1000n, 4_000_000_000_000_000n],
    ["2500.50", 250_050n, 2, 18, 1000n, 3_999_200_159_968_007n],
    ["3, rounded up", 3n, 0, 18, 100n, 333_333_333_333_333_334n],
    ["1 with two decimals", 1n, 0, 2, 1n, 1n],
    ["1000 with no decimals, rounded up to one unit", 1000n, 0, 0, 1n, 1n]
  ])("of %s gives the exact amount", ([, numerator, decimals, native, cents, expected]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* amount(chainsWith(numerator, decimals, native), cents), expected)
    }))

  it.effect("is none for another currency, or for another chain", () =>
    Effect.gen(function*() {
      const chains = chainsWith(2500n, 0)
      assert.strictEqual((yield* Effect.flip(amount(chains, 1n, ChainId.make(1))))._tag, "PriceUnavailable")
      const euros = Effect.flatMap(PriceOracle, (oracle) =>
        oracle.nativeAmount(chainId, { currency: "EUR", minorUnits: 1n })).pipe(Effect.provide(EvmPrices.layer(chains)))
      assert.strictEqual((yield* Effect.flip(euros))._tag, "PriceUnavailable")
    }))
})

/** The time of the test clock is the time of the chain. */
const setUp = (change: { readonly sequencer?: boolean } = {}) =>
  Effect.gen(function*() {
    const double = yield* TestChain
    const { priceFeed, sequencerFeed } = double.contracts
    const proxy = yield* RpcProxy.start({ url: double.url })
    const { timestamp } = yield* double.head
    yield* TestClock.setTime(Number(timestamp) * 1000)
    const chain = chainOf(double, newAccount().address)
    const oracle = yield* PriceOracle.pipe(Effect.provide(EvmPrices.layer([{
      chainId: chain.chainId,
      rpcUrls: [`${proxy.url}/${secret}`],
      payments: {
        chain,
        price: {
          feed: addressOf(priceFeed.address),
          heartbeatSeconds: 3600,
          ...(change.sequencer === true && { sequencer: addressOf(sequencerFeed.address) })
        }
      }
    }])))
    const [from] = double.accounts
    if (from === undefined) return assert.fail("no account")
    const setRound = (of: typeof priceFeed, answer: bigint, age: { startedAt?: bigint; updatedAt?: bigint } = {}) =>
      Effect.flatMap(
        double.write(from, of, "setRound", [
          answer,
          timestamp - (age.startedAt ?? 0n),
          timestamp - (age.updatedAt ?? 0n)
        ]),
        double.include
      )
    const amount = oracle.nativeAmount(chain.chainId, usd(1000n))
    const outcome = Effect.match(amount, { onSuccess: (found) => found, onFailure: ({ _tag }) => _tag })
    return { outcome, priceFeed, proxy, sequencerFeed, setRound }
  })

describe.skipIf(isLeftOut)("The price of a feed", () => {
  layer(TestChain.layer(), { timeout: 60_000 })("on a chain", (it) => {
    it.effect("gives the amount, and is asked for once in five seconds", () =>
      Effect.gen(function*() {
        const { outcome, priceFeed, proxy, setRound } = yield* setUp()
        yield* setRound(priceFeed, 2000_0000_0000n)
        assert.strictEqual(yield* outcome, 5_000_000_000_000_000n)
        yield* setRound(priceFeed, 4000_0000_0000n)
        assert.strictEqual(yield* outcome, 5_000_000_000_000_000n)
        assert.strictEqual(yield* proxy.requests.count("eth_call"), 2)
        yield* TestClock.adjust("6 seconds")
        assert.strictEqual(yield* outcome, 2_500_000_000_000_000n)
      }))

    it.effect.each<readonly [what: string, answer: bigint, age: bigint]>([
      ["is zero", 0n, 0n],
      ["is negative", -1n, 0n],
      ["is older than the heartbeat and a minute", 2500_0000_0000n, 3661n],
      ["is of the future", 2500_0000_0000n, -61n]
    ])("cannot be used if it %s", ([, answer, updatedAt]) =>
      Effect.gen(function*() {
        const { outcome, priceFeed, setRound } = yield* setUp()
        yield* setRound(priceFeed, answer, { updatedAt })
        assert.strictEqual(yield* outcome, "PriceUnavailable")
      }))

    it.effect("can be used until the heartbeat and a minute are over", () =>
      Effect.gen(function*() {
        const { outcome, priceFeed, setRound } = yield* setUp()
        yield* setRound(priceFeed, 2500_0000_0000n, { updatedAt: 3660n })
        assert.strictEqual(yield* outcome, 4_000_000_000_000_000n)
      }))

    it.effect.each<readonly [what: string, answer: bigint, startedAt: bigint, outcome: bigint | "PriceUnavailable"]>([
      ["has been up for more than an hour", 0n, 3601n, 4_000_000_000_000_000n],
      ["has been up for an hour", 0n, 3600n, "PriceUnavailable"],
      ["is down", 1n, 86_400n, "PriceUnavailable"]
    ])("of a rollup depends on the sequencer: it %s", ([, answer, startedAt, expected]) =>
      Effect.gen(function*() {
        const { outcome, priceFeed, sequencerFeed, setRound } = yield* setUp({ sequencer: true })
        yield* setRound(priceFeed, 2500_0000_0000n)
        yield* setRound(sequencerFeed, answer, { startedAt })
        assert.strictEqual(yield* outcome, expected)
      }))

    it.effect("cannot be used if the endpoint does not answer, and can be used a second after it answers again", () =>
      Effect.gen(function*() {
        const { outcome, priceFeed, proxy, setRound } = yield* setUp()
        yield* setRound(priceFeed, 2500_0000_0000n)
        yield* proxy.faults.add({ _tag: "RateLimit" })
        assert.strictEqual(yield* outcome, "PriceUnavailable")
        yield* proxy.faults.clear
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual(yield* outcome, 4_000_000_000_000_000n)
      }))
  })
})
