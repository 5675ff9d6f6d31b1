import { MemoryChainLedger } from "@dchat/adapters/memory"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { someAddress } from "../../src/contracts/support/identityFixtures.ts"
import {
  type Chain,
  ChainLedger,
  ChainNodes,
  Chains,
  ChainScanner,
  QuotedPayments,
  TokenMemberships,
  TransferAttribution
} from "../../src/onchain/index.ts"
import { chainId, endpointOf, movedIn } from "./support/simpleEndpoint.ts"

const token = someAddress()

const chainWith = (minimum: bigint): Chain => ({
  chainId,
  name: "Base",
  tokens: [{ token, symbol: "USDC", decimals: 6, minimum }],
  recipient: someAddress(),
  provisionalAt: { blocks: 1 },
  settledAt: { blocks: 20 },
  finalAt: { blocks: 40 },
  maxRange: 100,
  memberships: []
})

/** Another host reads the chain once, while a payment is awaited. The lease of the host before has expired. */
const scan = (chain: Chain, { endpoint }: ReturnType<typeof endpointOf>) =>
  TestClock.adjust("10 minutes").pipe(
    Effect.andThen(Effect.flatMap(ChainScanner, (scanner) => scanner.scan(chainId))),
    Effect.provide(
      Layer.fresh(ChainScanner.layer).pipe(Layer.provide([
        Chains.layer([chain]),
        Layer.succeed(ChainNodes, { endpoints: () => [endpoint] }),
        Layer.mock(QuotedPayments)({ interest: () => Effect.succeed({ isAwaited: true, isNativeAwaited: false }) }),
        Layer.mock(TokenMemberships)({}),
        Layer.mock(TransferAttribution)({
          follow: () => Effect.succeed({ _tag: "Unmatched", reason: "unknown_sender" })
        }),
        NodeCrypto.layerSecureRandom
      ]))
    )
  )

const stagesOf = Effect.fnUntraced(function*() {
  const { transfersIn } = yield* ChainLedger
  const stored = yield* transfersIn(chainId, { from: 0, to: 100 })
  return stored.map(({ moved, stage }) => [moved.transfer.amount, stage])
})

const ignored = Effect.gen(function*() {
  const { status } = yield* ChainLedger
  return (yield* status).map((chain) => chain.ignored)
})

describe("A transfer below the minimum", () => {
  it.effect("is counted once, and is neither stored nor judged nor in the way of a larger one", () =>
    Effect.gen(function*() {
      const dust = Array.makeBy(200, () => movedIn(70, { amount: 9n, token }))
      const node = endpointOf([...dust, movedIn(70, { amount: 10n, token })])
      const chain = chainWith(10n)
      node.chain.latest = 60
      yield* scan(chain, node)
      node.chain.latest = 75
      yield* scan(chain, node)
      assert.deepStrictEqual(yield* stagesOf(), [[10n, "provisional"]])
      assert.deepStrictEqual(yield* ignored, [0])
      node.chain.latest = 100
      yield* scan(chain, node)
      assert.deepStrictEqual(yield* stagesOf(), [[10n, "settled"]])
      assert.deepStrictEqual(yield* ignored, [200])
    }).pipe(Effect.provide(Layer.fresh(MemoryChainLedger.layer))))

  it.effect("is followed until it is final if it was stored before the minimum was raised", () =>
    Effect.gen(function*() {
      const node = endpointOf([movedIn(50, { amount: 10n, token })])
      node.chain.latest = 45
      yield* scan(chainWith(10n), node)
      node.chain.latest = 60
      yield* scan(chainWith(10n), node)
      assert.deepStrictEqual(yield* stagesOf(), [[10n, "provisional"]])
      node.chain.latest = 80
      assert.deepInclude(yield* scan(chainWith(11n), node), { _tag: "read" })
      assert.deepStrictEqual(yield* stagesOf(), [[10n, "settled"]])
      node.chain.latest = 95
      yield* scan(chainWith(11n), node)
      assert.deepStrictEqual(yield* stagesOf(), [[10n, "final"]])
    }).pipe(Effect.provide(Layer.fresh(MemoryChainLedger.layer))))
})
