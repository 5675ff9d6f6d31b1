import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { quietChainHost } from "../support/chain/QuietChainHost.ts"
import { assertPaid, makePayer, mined, order, paymentOf, planOf, settled } from "../support/chain/Scene.ts"

const budget = { installation: 998n, user: 499n }

describe.skipIf(isLeftOut)("The exposure budget", () => {
  layer(quietChainHost({ exposure: budget }), { excludeTestServices: true })((it) => {
    it.effect("gives provisional access to so many payments at once, and the others wait until they are settled", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payers = [yield* makePayer, yield* makePayer, yield* makePayer]
        const orders = yield* Effect.forEach(payers, (payer) =>
          Effect.gen(function*() {
            const { amount, id, to } = yield* order(payer)
            yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
            return { payer, id }
          }))
        yield* mined()
        const plans = yield* Effect.forEach(orders, ({ payer }) => planOf(payer))
        assert.deepStrictEqual(plans.map(({ tier }) => tier).toSorted(), ["FREE", "PRO", "PRO"])
        const states = yield* Effect.forEach(orders, ({ id, payer }) => paymentOf(payer, id))
        assert.isTrue(states.every(({ state }) => state === "confirming"))
        yield* settled
        for (const { id, payer } of orders) yield* assertPaid(payer, id)
        const next = yield* makePayer
        const { amount, id, to } = yield* order(next)
        yield* chain.transfer(chain.contracts.usdc, next.account, to, amount)
        yield* mined()
        assert.isTrue((yield* paymentOf(next, id)).provisional, "settled payments use no budget")
        yield* settled
      }))

    it.effect("gives no provisional access to a payment beyond the budget of its user", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer, { period: "yearly" })
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* mined()
        assert.isUndefined((yield* paymentOf(payer, id)).provisional)
        assert.strictEqual((yield* planOf(payer)).source, "none")
        yield* settled
        yield* assertPaid(payer, id)
      }))

    it.effect("is free again after a reorganisation", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* mined()
        assert.isTrue((yield* paymentOf(payer, id)).provisional)
        const [dropped] = yield* chain.reorg(1)
        yield* mined()
        yield* chain.sendRaw(dropped?.raw ?? "0x")
        yield* mined()
        assert.isTrue((yield* paymentOf(payer, id)).provisional)
        yield* settled
      }))
  })
})
