import { ChainDouble, isLeftOut } from "@dchat/doubles/chain"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { account, balance, place } from "./support/Chain.ts"

/** Two blocks: in the first one Ann and Bob mint, in the second one Ann pays Bob. */
const start = Effect.gen(function*() {
  const chain = yield* ChainDouble.start({ mining: "on-demand" })
  const { usdc } = chain.contracts
  const [ann, bob] = [account(chain, 1), account(chain, 2)]
  const byAnn = yield* chain.write(ann, usdc, "mint", [ann.address, 100n])
  const byBob = yield* chain.write(bob, usdc, "mint", [bob.address, 7n])
  yield* chain.mine()
  const payment = yield* chain.transfer(usdc, ann, bob.address, 30n)
  const head = yield* chain.mine()
  const balances = Effect.all([balance(chain, usdc, ann.address), balance(chain, usdc, bob.address)])
  return { chain, byAnn, byBob, payment, head, balances }
})

describe.skipIf(isLeftOut)("A reorganisation", () => {
  it.live("drops transactions: the chain has the same length, other blocks, and no receipts, logs or balances", () =>
    Effect.gen(function*() {
      const { balances, byAnn, byBob, chain, head, payment } = yield* start
      const dropped = yield* chain.reorg(2)
      assert.deepStrictEqual(
        dropped.map(({ blockNumber, hash, transactionIndex }) => ({
          blockNumber,
          hash,
          transactionIndex
        })),
        [
          { hash: byAnn, blockNumber: 3n, transactionIndex: 0 },
          { hash: byBob, blockNumber: 3n, transactionIndex: 1 },
          { hash: payment, blockNumber: 4n, transactionIndex: 0 }
        ]
      )
      const replaced = yield* chain.head
      assert.strictEqual(replaced.number, head.number)
      assert.notStrictEqual(replaced.hash, head.hash)
      for (const hash of [byAnn, byBob, payment]) assert.strictEqual(yield* place(chain, hash), undefined)
      assert.deepStrictEqual(yield* balances, [0n, 0n])
      const logs = yield* Effect.promise(() => chain.client.getLogs({ fromBlock: 3n }))
      assert.deepStrictEqual(logs, [])
      const byHash = yield* Effect.promise(() =>
        chain.client.getLogs({ blockHash: head.hash }).then(() => "answered", () => "refused")
      )
      assert.strictEqual(byHash, "refused")
    }).pipe(Effect.scoped))

  it.live("includes transactions again in another order, with other log indexes and the same hashes", () =>
    Effect.gen(function*() {
      const { balances, byAnn, byBob, chain, payment } = yield* start
      yield* chain.reorg(2, ([ann, bob, payment]) => [
        [bob, ann].flatMap((transaction) => transaction?.raw ?? []),
        [payment].flatMap((transaction) => transaction?.raw ?? [])
      ])
      assert.deepStrictEqual(yield* place(chain, byBob), { blockNumber: 3n, logIndex: 0 })
      assert.deepStrictEqual(yield* place(chain, byAnn), { blockNumber: 3n, logIndex: 1 })
      assert.deepStrictEqual(yield* place(chain, payment), { blockNumber: 4n, logIndex: 0 })
      assert.deepStrictEqual(yield* balances, [70n, 37n])
    }).pipe(Effect.scoped))

  it.live("includes transactions again in a later block of a longer chain", () =>
    Effect.gen(function*() {
      const { byAnn, byBob, chain, payment } = yield* start
      yield* chain.reorg(2, (dropped) => [[], [], [], dropped.map(({ raw }) => raw)])
      assert.strictEqual((yield* chain.head).number, 6n)
      assert.deepStrictEqual(
        yield* Effect.all([byAnn, byBob, payment].map((hash) => place(chain, hash))),
        [0, 1, 2].map((logIndex) => ({ blockNumber: 6n, logIndex }))
      )
    }).pipe(Effect.scoped))

  it.live("leaves transactions out, which can be sent again later", () =>
    Effect.gen(function*() {
      const { balances, chain, payment } = yield* start
      const dropped = yield* chain.reorg(1)
      assert.deepStrictEqual(yield* balances, [100n, 7n])
      for (const { raw } of dropped) yield* chain.sendRaw(raw)
      assert.strictEqual((yield* chain.include(payment)).blockNumber, 5n)
      assert.deepStrictEqual(yield* balances, [70n, 37n])
    }).pipe(Effect.scoped))

  it.live("keeps the contracts and the mode of mining", () =>
    Effect.gen(function*() {
      const chain = yield* ChainDouble.start()
      const { permit2, usdc } = chain.contracts
      const ann = account(chain, 1)
      yield* chain.mint(usdc, ann.address, 1n)
      yield* chain.reorg(1)
      const codes = yield* Effect.promise(() =>
        Promise.all([permit2, usdc].map(({ address }) => chain.client.getCode({ address })))
      )
      for (const code of codes) assert.isAbove(code?.length ?? 0, 2)
      yield* chain.mint(usdc, ann.address, 2n)
      assert.strictEqual(yield* balance(chain, usdc, ann.address), 2n)
    }).pipe(Effect.scoped))
})
