import { ChainId, UserId } from "@dchat/domain/identity"
import { ChainLedger, PaymentInbox } from "@dchat/domain/onchain"
import { SubscriptionRepository } from "@dchat/domain/subscription"
import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Fiber, Schedule } from "effect"
import { leasesEnded, scanKilledAt } from "../support/chain/ChainWorker.ts"
import { databaseChainHost } from "../support/chain/QuietChainHost.ts"
import { assertPaid, makePayer, order, type Payer, paymentOf, planOf, read } from "../support/chain/Scene.ts"

/** `CRASH_STRIDE=1 npm test -- wallet-payments/Crashes` takes every moment; each one is a process. */
const stride = Number(process.env["CRASH_STRIDE"] ?? 11)

/** One cent and a half more than the price becomes a credit of one cent: twice would be two. */
const pay = Effect.fnUntraced(function*(payer: Payer) {
  const chain = yield* TestChain
  const { amount, id, to } = yield* order(payer)
  yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount + 15_000n)
  return { payer, id }
})

const assertPaidOnce = Effect.fnUntraced(function*({ id, payer }: { readonly id: string; readonly payer: Payer }) {
  yield* assertPaid(payer, id)
  assert.deepStrictEqual((yield* planOf(payer)).credit, { currency: "USD", minorUnits: 1 })
  const { payments } = yield* (yield* SubscriptionRepository).load(UserId.make(payer.somebody.id))
  assert.lengthOf(payments.filter(({ state }) => state === "settled"), 1)
})

/** Nothing waits to be told, nothing waits for an operator, and no budget is in use. */
const assertDone = Effect.gen(function*() {
  const { chainId } = yield* TestChain
  const { untold } = yield* ChainLedger
  assert.deepStrictEqual(yield* untold(ChainId.make(chainId), undefined, 10), [])
  assert.deepStrictEqual(yield* (yield* PaymentInbox).list({ limit: 10 }), [])
})

describe.skipIf(isLeftOut)("A host that is killed at any moment of reading a chain", () => {
  layer(databaseChainHost, { excludeTestServices: true })((it) => {
    it.effect("loses no payment, and counts none twice", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        yield* read
        let moment = 1
        for (let ended: string = "killed"; ended === "killed"; moment += stride) {
          const one = yield* pay(yield* makePayer)
          yield* chain.mine(1)
          const other = yield* pay(yield* makePayer)
          yield* chain.mine(3)
          yield* leasesEnded
          ended = yield* scanKilledAt(moment)
          yield* leasesEnded
          yield* read
          yield* assertPaidOnce(one)
          yield* assertPaidOnce(other)
          yield* assertDone
        }
        assert.isAbove(moment, 30)
      }), 600_000)

    it.effect("loses nothing to a reorganisation during its absence", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        yield* read
        for (const moment of [20, 30, 40]) {
          const payer = yield* makePayer
          const paid = yield* pay(payer)
          yield* chain.mine(1)
          yield* leasesEnded
          yield* scanKilledAt(moment)
          yield* chain.reorg(1, (dropped) => [[], dropped.map(({ raw }) => raw)])
          yield* chain.mine(3)
          yield* leasesEnded
          yield* read
          yield* assertPaidOnce(paid)
          yield* assertDone
        }
      }), 120_000)

    it.effect(
      "and others that read at once, whose leases are taken from each other, count nothing twice",
      () =>
        Effect.gen(function*() {
          const chain = yield* TestChain
          yield* read
          const thief = yield* Effect.forkChild(Effect.repeat(leasesEnded, Schedule.spaced("20 millis")))
          for (const [first, second] of [[1000, 1000], [25, 60], [45, 1000]] as const) {
            const paid = yield* Effect.forEach([1, 2, 3], () => Effect.flatMap(makePayer, pay))
            yield* chain.mine(3)
            yield* Effect.all([scanKilledAt(first), scanKilledAt(second)], { concurrency: 2 })
            yield* Effect.eventually(Effect.suspend(() => Effect.asVoid(read)).pipe(Effect.sandbox))
            for (const one of paid) yield* assertPaidOnce(one)
            for (const { id, payer } of paid) assert.strictEqual((yield* paymentOf(payer, id)).state, "settled")
          }
          yield* Fiber.interrupt(thief)
          yield* assertDone
        }),
      120_000
    )
  })
})
