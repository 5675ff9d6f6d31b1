import { EvmEndpoint } from "@dchat/adapters/viem"
import { ChainDouble, isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { numberToHex } from "viem"
import * as RpcDouble from "../../support/RpcDouble.ts"
import { chainOf, idOf, install, transfersOf } from "./support/Payments.ts"

const all = { safe: true, finalized: true }

describe.skipIf(isLeftOut)("The blocks of an endpoint", () => {
  layer(TestChain.layer(), { timeout: 60_000 })("are", (it) => {
    it.effect("the head with the tags that are needed, and no block that is newer", () =>
      Effect.gen(function*() {
        const { double, endpoint, proxy } = yield* Effect.flatMap(TestChain, install)
        const { hash, number, parentHash } = yield* double.mine(3)
        const head = yield* endpoint.head(all)
        assert.deepInclude<unknown>(head.latest, { hash, number: Number(number), parentHash })
        assert.strictEqual(head.safe, Number(number) - 1)
        assert.strictEqual(head.finalized, Number(number) - 2)
        const without = yield* endpoint.head({ safe: false, finalized: false })
        assert.deepStrictEqual([without.safe, without.finalized], [undefined, undefined])
        assert.strictEqual(yield* endpoint.header(Number(number) + 1), undefined)
        yield* proxy.faults.add({ _tag: "Lag", blocks: 2 })
        assert.strictEqual((yield* endpoint.head(all)).latest.number, Number(number) - 2)
        assert.strictEqual(yield* endpoint.header(Number(number)), undefined)
      }))

    it.effect("without a tag, if the node says that it has no such block yet", () =>
      Effect.gen(function*() {
        const { endpoint, proxy } = yield* Effect.flatMap(TestChain, install)
        const latest = yield* endpoint.head({ safe: false, finalized: false })
        yield* proxy.faults.add({ _tag: "Fail", error: { code: -39_001, message: "Unknown block" } })
        assert.strictEqual(yield* endpoint.header(latest.latest.number), undefined)
      }))

    it.effect("of interest only if their bloom filter has the token, the event and the recipient", () =>
      Effect.gen(function*() {
        const { ann, bob, double, headerOf, recipient } = yield* Effect.flatMap(
          TestChain,
          (double) => install(double, { memberships: [] })
        )
        const { imitation, usdc } = double.contracts
        yield* double.mint(usdc, ann.address, 9n)
        yield* double.mint(imitation, ann.address, 9n)
        const concerns = Effect.fnUntraced(function*(sent: ReturnType<typeof double.transfer>) {
          const { blockNumber } = yield* Effect.flatMap(sent, double.include)
          return (yield* headerOf(Number(blockNumber))).mayConcern
        })
        assert.isTrue(yield* concerns(double.transfer(usdc, ann, recipient, 1n)))
        assert.isTrue(
          yield* concerns(
            double.payNative({ from: ann, recipient, amount: 1n, reference: numberToHex(1, { size: 32 }) })
          )
        )
        assert.isFalse(yield* concerns(double.transfer(usdc, ann, bob.address, 1n)))
        assert.isFalse(yield* concerns(double.transfer(imitation, ann, recipient, 1n)))
        assert.isFalse(yield* concerns(double.transferNative(ann, recipient, 1n)))
      }))

    it.effect("of no interest if their bloom filter is nearly full", () =>
      Effect.gen(function*() {
        const { ann, double, recipient } = yield* Effect.flatMap(TestChain, install)
        const { usdc } = double.contracts
        yield* double.mint(usdc, ann.address, 1n)
        const { blockNumber } = yield* Effect.flatMap(double.transfer(usdc, ann, recipient, 1n), double.include)
        const concerns = Effect.fnUntraced(function*(bytes: number) {
          const { url } = yield* RpcDouble.start(async (call) => {
            const answer = await RpcDouble.forward(double.url, call)
            if (call.method === "eth_chainId") return answer
            const { result } = JSON.parse(answer.body)
            const own = BigInt(result.logsBloom) | BigInt(`0x${"ff".repeat(bytes)}`)
            return RpcDouble.result({ ...result, logsBloom: numberToHex(own, { size: 256 }) })
          })
          const endpoint = EvmEndpoint.make(chainOf(double, recipient, { memberships: [] }), url)
          return (yield* endpoint.header(Number(blockNumber)))?.mayConcern
        })
        assert.isTrue(yield* concerns(180))
        assert.isFalse(yield* concerns(193))
      }))

    it.effect("those of a transaction: unknown, waiting for a block, included", () =>
      Effect.gen(function*() {
        const { ann, double, endpoint, recipient } = yield* Effect.flatMap(TestChain, install)
        const unknown = yield* endpoint.transaction(numberToHex(7, { size: 32 }) as never)
        assert.deepStrictEqual<unknown>(unknown, { _tag: "unknown" })
        yield* double.setMode("on-demand")
        const hash = yield* double.transferNative(ann, recipient, 5n)
        assert.deepStrictEqual<unknown>(yield* endpoint.transaction(hash as never), { _tag: "pending" })
        yield* double.mine()
        yield* double.setMode("each-transaction")
        const included = yield* endpoint.transaction(hash as never)
        assert.deepStrictEqual(
          included._tag === "included" && transfersOf(included.movements).map(({ amount }) => amount),
          [5n]
        )
      }))
  })

  it.live(
    "keep the id of a payment in a reorganisation that changes its block and its log index",
    () =>
      Effect.gen(function*() {
        const double = yield* ChainDouble.start({ mining: "on-demand" })
        const { ann, bob, endpoint, from, headerOf, recipient } = yield* install(double)
        const { usdc } = double.contracts
        for (const { address } of [ann, bob]) {
          yield* double.write(ann, usdc, "mint", [address, 9n])
        }
        yield* double.mine()
        const byAnn = yield* double.transfer(usdc, ann, recipient, 1n)
        const byBob = yield* double.transfer(usdc, bob, recipient, 2n)
        const { number } = yield* double.mine()
        const range = { from, to: Number(number) }
        const read = endpoint.movements(range, { native: false })
        const old = yield* headerOf(range.to)
        const before = yield* read
        yield* double.reorg(1, (dropped) => [dropped.toReversed().map(({ raw }) => raw)])
        const after = yield* read
        const placesOf = (movements: typeof before) =>
          movements.map((it) => [it._tag === "TransferMoved" && it.transfer.externalId, it.logIndex])
        assert.deepStrictEqual<unknown>(placesOf(before), [[idOf(double, byAnn, 0), 0], [idOf(double, byBob, 0), 1]])
        assert.deepStrictEqual<unknown>(placesOf(after), [[idOf(double, byBob, 0), 0], [idOf(double, byAnn, 0), 1]])
        assert.notStrictEqual(after[0]?.block.hash, before[0]?.block.hash)
        yield* Effect.flip(endpoint.movements(old, { native: false }))
      }).pipe(Effect.scoped),
    30_000
  )

  it.live(
    "with 1,000 payments need one request for receipts, and a longer range with them is read again in parts",
    () =>
      Effect.gen(function*() {
        const double = yield* ChainDouble.start({ mining: "on-demand" })
        const { endpoint, proxy, recipient } = yield* install(double)
        const { usdc } = double.contracts
        yield* Effect.promise(() => double.client.setBlockGasLimit({ gasLimit: 200_000_000n }))
        const payers = double.accounts.slice(0, 10)
        for (const payer of payers) yield* double.write(payer, usdc, "mint", [payer.address, 100n])
        yield* double.mine()
        yield* Effect.forEach(
          payers,
          (payer) =>
            Effect.flatMap(
              Effect.promise(() => double.client.getTransactionCount({ address: payer.address })),
              (first) =>
                Effect.forEach(
                  Array.from({ length: 100 }, (_, index) => first + index),
                  (nonce) => double.write(payer, usdc, "transfer", [recipient, 1n], { nonce, gas: 100_000n }),
                  { discard: true }
                )
            ),
          { concurrency: 10, discard: true }
        )
        const { number } = yield* double.mine()
        const to = Number(number)
        yield* proxy.requests.reset
        const found = yield* endpoint.movements({ from: to, to }, { native: false })
        assert.strictEqual(found.length, 1000)
        assert.strictEqual(
          new Set(transfersOf(found).map(({ externalId }) => externalId)).size,
          1000
        )
        assert.deepStrictEqual(yield* proxy.requests.counts, {
          eth_chainId: 1,
          eth_getLogs: 2,
          eth_getBlockByHash: 1,
          eth_getBlockReceipts: 1
        })
        const fault = yield* Effect.flip(endpoint.movements({ from: to - 1, to }, { native: false }))
        assert.strictEqual(fault.detail, "eth_getLogs: 1000 logs, perhaps not all")
      }).pipe(Effect.scoped),
    60_000
  )
})
