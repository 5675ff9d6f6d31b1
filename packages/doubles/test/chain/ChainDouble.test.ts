import { ChainDouble, isLeftOut } from "@dchat/doubles/chain"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseEther } from "viem"
import { account, balance, place } from "./support/Chain.ts"

describe.skipIf(isLeftOut)("The simulated chain", () => {
  it.live("has the chain id, the first timestamp, funded accounts and the same addresses on each start", () =>
    Effect.gen(function*() {
      const [one, other] = yield* Effect.all([
        ChainDouble.start({ chainId: 8453, genesis: 1_800_000_000 }),
        ChainDouble.start({ chainId: 10 })
      ], { concurrency: 2 })
      assert.strictEqual(yield* Effect.promise(() => one.client.getChainId()), 8453)
      assert.strictEqual(yield* Effect.promise(() => other.client.getChainId()), 10)
      const genesis = yield* Effect.promise(() => one.client.getBlock({ blockNumber: 0n }))
      assert.strictEqual(genesis.timestamp, 1_800_000_000n)
      assert.strictEqual(one.accounts.length, 10)
      const wealth = yield* Effect.promise(() => one.client.getBalance({ address: account(one, 9).address }))
      assert.strictEqual(wealth, parseEther("10000"))
      const addresses = (chain: ChainDouble.ChainDouble) =>
        Object.entries(chain.contracts).map(([name, { address }]) => [name, address])
      assert.deepStrictEqual(addresses(one), addresses(other))
      assert.strictEqual((yield* one.head).number, 2n)
    }).pipe(Effect.scoped))

  it.live("stops with the scope", () =>
    Effect.gen(function*() {
      const { url } = yield* Effect.scoped(ChainDouble.start())
      const answer = yield* Effect.promise(() => fetch(url, { method: "POST" }).then(() => "answered", () => "stopped"))
      assert.strictEqual(answer, "stopped")
    }))

  it.live("makes a block for each transaction, and finality is two blocks behind the head", () =>
    Effect.gen(function*() {
      const chain = yield* ChainDouble.start()
      const [ann, bob] = [account(chain, 1), account(chain, 2)]
      yield* chain.mint(chain.contracts.usdc, ann.address, 10n)
      const hash = yield* chain.transfer(chain.contracts.usdc, ann, bob.address, 4n)
      assert.strictEqual((yield* chain.include(hash)).blockNumber, 4n)
      assert.strictEqual(yield* balance(chain, chain.contracts.usdc, bob.address), 4n)
      const [safe, finalized] = yield* Effect.promise(() =>
        Promise.all([chain.client.getBlock({ blockTag: "safe" }), chain.client.getBlock({ blockTag: "finalized" })])
      )
      assert.deepStrictEqual([safe.number, finalized.number], [3n, 2n])
    }).pipe(Effect.scoped))

  it.live("mines on demand: a block has the waiting transactions in the order in which they were sent", () =>
    Effect.gen(function*() {
      const chain = yield* ChainDouble.start({ mining: "on-demand" })
      const { usdc } = chain.contracts
      const [ann, bob] = [account(chain, 1), account(chain, 2)]
      const first = yield* chain.write(ann, usdc, "mint", [ann.address, 5n])
      const second = yield* chain.write(bob, usdc, "mint", [bob.address, 6n])
      const third = yield* chain.transfer(usdc, ann, bob.address, 1n)
      assert.strictEqual(yield* place(chain, first), undefined)
      assert.strictEqual((yield* chain.mine()).number, 3n)
      assert.deepStrictEqual(
        yield* Effect.all([first, second, third].map((hash) => place(chain, hash))),
        [0, 1, 2].map((logIndex) => ({ blockNumber: 3n, logIndex }))
      )
      assert.strictEqual((yield* chain.mine(10)).number, 13n)
    }).pipe(Effect.scoped))

  it.live("stops mining, and goes on", () =>
    Effect.gen(function*() {
      const chain = yield* ChainDouble.start()
      const { usdc } = chain.contracts
      const ann = account(chain, 1)
      yield* chain.setMode("on-demand")
      const hash = yield* chain.write(ann, usdc, "mint", [ann.address, 5n])
      assert.strictEqual(yield* place(chain, hash), undefined)
      yield* chain.setMode({ everySeconds: 1 })
      assert.strictEqual((yield* chain.include(hash)).status, "success")
      yield* chain.setMode("each-transaction")
      const next = yield* chain.write(ann, usdc, "mint", [ann.address, 5n])
      assert.strictEqual((yield* chain.include(next)).status, "success")
    }).pipe(Effect.scoped))

  it.live("replaces a waiting transaction by one with the same nonce and a higher fee", () =>
    Effect.gen(function*() {
      const chain = yield* ChainDouble.start({ mining: "on-demand" })
      const [ann, bob] = [account(chain, 1), account(chain, 2)]
      const first = yield* chain.send({ from: ann, to: bob.address, value: 1n, nonce: 0 })
      const fee = { maxFeePerGas: 100_000_000_000n, maxPriorityFeePerGas: 50_000_000_000n }
      const second = yield* chain.send({ from: ann, to: bob.address, value: 2n, nonce: 0, ...fee })
      yield* chain.mine()
      assert.strictEqual(yield* place(chain, first), undefined)
      assert.isDefined(yield* place(chain, second))
    }).pipe(Effect.scoped))

  it.live("moves its time, and blocks keep the distance that is given", () =>
    Effect.gen(function*() {
      const chain = yield* ChainDouble.start({ genesis: 1_800_000_000 })
      yield* chain.setTime(1_900_000_000)
      const first = yield* chain.mine()
      assert.isAtLeast(Number(first.timestamp), 1_900_000_000)
      assert.isBelow(Number(first.timestamp), 1_900_000_060)
      yield* chain.increaseTime(86_400)
      const second = yield* chain.mine()
      assert.isAtLeast(Number(second.timestamp - first.timestamp), 86_400)
      const third = yield* chain.mine(3, 12)
      const parent = yield* Effect.promise(() => chain.client.getBlock({ blockHash: third.parentHash }))
      assert.strictEqual(third.timestamp - parent.timestamp, 12n)
    }).pipe(Effect.scoped))

  it.live("restores a snapshot", () =>
    Effect.gen(function*() {
      const chain = yield* ChainDouble.start()
      const { usdc } = chain.contracts
      const ann = account(chain, 1)
      const before = yield* chain.head
      const restore = yield* chain.snapshot
      yield* chain.mint(usdc, ann.address, 5n)
      yield* restore
      assert.deepStrictEqual(yield* chain.head, before)
      assert.strictEqual(yield* balance(chain, usdc, ann.address), 0n)
    }).pipe(Effect.scoped))
})
