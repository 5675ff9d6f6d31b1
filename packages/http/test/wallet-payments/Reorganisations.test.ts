import { ChainLedger } from "@dchat/domain/onchain"
import { SubscriptionClock } from "@dchat/domain/subscription"
import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { quietChainHost } from "../support/chain/QuietChainHost.ts"
import {
  assertPaid,
  assertUnpaid,
  assertWaits,
  later,
  makePayer,
  mined,
  order,
  paymentOf,
  planOf,
  read,
  scan,
  settled,
  signedInAgain
} from "../support/chain/Scene.ts"

describe.skipIf(isLeftOut)("A reorganisation", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    it.effect("takes back access while a payment is confirming, and the transfer pays when it is included again", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* mined()
        assert.deepInclude(yield* paymentOf(payer, id), { state: "confirming", provisional: true })
        assert.strictEqual((yield* planOf(payer)).tier, "PRO")
        const [dropped] = yield* chain.reorg(1)
        yield* read
        yield* assertUnpaid(payer, id)
        yield* chain.sendRaw(dropped?.raw ?? "0x")
        yield* settled
        yield* assertPaid(payer, id)
      }))

    it.effect("that moves transfers to another block in another order changes nothing for their users", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payers = [yield* makePayer, yield* makePayer, yield* makePayer]
        const orders = []
        for (const payer of payers) {
          const { amount, id, to } = yield* order(payer)
          yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
          orders.push({ payer, id })
        }
        yield* mined(2)
        yield* chain.reorg(2, (dropped) => [[], dropped.map(({ raw }) => raw).toReversed(), []])
        yield* read
        for (const { id, payer } of orders) {
          assert.deepInclude(yield* paymentOf(payer, id), { state: "confirming", provisional: true })
        }
        yield* settled
        for (const { id, payer } of orders) yield* assertPaid(payer, id)
      }))

    it.effect("of a settled payment suspends the plan, and restores it with the transfer", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        const { paidThrough } = (yield* planOf(payer)).subscription
        yield* assertPaid(payer, id)
        const [dropped] = yield* chain.reorg(3)
        yield* read
        assert.strictEqual((yield* paymentOf(payer, id)).state, "reversed")
        assert.deepInclude(yield* planOf(payer), { source: "none" })
        assert.strictEqual((yield* planOf(payer)).subscription.state, "suspended")
        yield* chain.sendRaw(dropped?.raw ?? "0x")
        yield* settled
        yield* assertPaid(payer, id)
        assert.deepInclude((yield* planOf(payer)).subscription, { state: "active", paidThrough })
        yield* assertWaits(hash)
      }))

    it.effect("of a settled payment that stays away for a day ends the plan", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        yield* chain.reorg(3)
        yield* read
        yield* later(23 * 3600)
        yield* (yield* SubscriptionClock).sweep
        assert.strictEqual((yield* planOf(payer)).subscription.state, "suspended")
        yield* later(2 * 3600)
        yield* (yield* SubscriptionClock).sweep
        const again = yield* signedInAgain(payer)
        assert.strictEqual((yield* planOf(again)).source, "none")
        assert.strictEqual((yield* paymentOf(again, id)).state, "reversed")
      }))

    it.effect("that includes a settled payment again after more than a day gives its money as a credit", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        const [dropped] = yield* chain.reorg(3)
        yield* read
        yield* later(25 * 3600)
        yield* (yield* SubscriptionClock).sweep
        yield* chain.sendRaw(dropped?.raw ?? "0x")
        yield* settled
        const again = yield* signedInAgain(payer)
        assert.strictEqual((yield* paymentOf(again, id)).state, "settled")
        assert.deepInclude(yield* planOf(again), { source: "none", credit: { currency: "USD", minorUnits: 499 } })
      }))

    it.effect("of a settled payment lets the user pay by another transaction", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        const [dropped] = yield* chain.reorg(3)
        yield* read
        // The same nonce: the first transaction can never return.
        const second = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount + 1n)
        yield* settled
        const { transfer } = yield* assertPaid(payer, id)
        assert.notStrictEqual(transfer.transactionHash, dropped?.hash)
        assert.strictEqual(transfer.transactionHash, second)
        assert.strictEqual((yield* planOf(payer)).subscription.state, "active")
      }))

    it.effect("that puts a transfer after the time limit keeps its payment", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer, { asset: "native" })
        const hash = yield* chain.transferNative(payer.account, to, amount)
        yield* mined()
        assert.deepInclude(yield* paymentOf(payer, id), { state: "confirming", provisional: true })
        const [dropped] = yield* chain.reorg(1)
        yield* chain.increaseTime(20 * 60)
        yield* chain.sendRaw(dropped?.raw ?? "0x")
        yield* settled
        yield* assertPaid(payer, id)
        yield* assertWaits(hash)
      }))
  })

  layer(quietChainHost({ changes: () => ({ settledAt: { blocks: 6 }, finalAt: { blocks: 6 } }) }), {
    excludeTestServices: true
  })((it) => {
    it.effect("of final blocks halts the chain, and nothing is believed", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        yield* mined(10)
        const { amount, id, to } = yield* order(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* mined(20)
        yield* assertPaid(payer, id)
        yield* chain.reorg(20)
        assert.strictEqual((yield* scan)._tag, "failed")
        yield* assertPaid(payer, id)
        const [status] = yield* (yield* ChainLedger).status
        assert.include(status?.halted, "none of the blocks")
      }))
  })
})
