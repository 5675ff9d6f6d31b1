import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { encodeFunctionData } from "viem"
import { quietChainHost } from "../support/chain/QuietChainHost.ts"
import {
  assertPaid,
  assertUnpaid,
  assertWaits,
  inspected,
  makeContractPayer,
  makePayer,
  order,
  paymentOf,
  planOf,
  settled
} from "../support/chain/Scene.ts"

describe.skipIf(isLeftOut)("A payment through the router", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    it.effect("of a token counts once, with the reference of its payment", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { usdc } = chain.contracts
        const { amount, id, quote, to } = yield* order(payer)
        yield* chain.approve(usdc, payer.account, chain.contracts.router.address, amount)
        const hash = yield* chain.pay({
          token: usdc,
          from: payer.account,
          recipient: to,
          amount,
          reference: quote.reference
        })
        yield* settled
        yield* assertPaid(payer, id)
        yield* assertWaits(hash)
        assert.isUndefined((yield* planOf(payer)).credit)
      }))

    it.effect("of the native currency pays, also from a contract wallet", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const [payer, contract] = [yield* makePayer, yield* makeContractPayer]
        const one = yield* order(payer, { asset: "native" })
        const other = yield* order(contract, { asset: "native" })
        yield* chain.payNative({
          from: payer.account,
          recipient: one.to,
          amount: one.amount,
          reference: one.quote.reference
        })
        const { abi, address } = chain.contracts.router
        const data = encodeFunctionData({ abi, functionName: "payNative", args: [other.to, other.quote.reference] })
        yield* chain.write(contract.account, contract.wallet, "execute", [address, other.amount, data])
        yield* settled
        yield* assertPaid(payer, one.id)
        yield* assertPaid(contract, other.id)
      }))

    it.effect("with the reference of another user pays what its sender was quoted", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const [payer, other] = [yield* makePayer, yield* makePayer]
        const own = yield* order(payer, { asset: "native" })
        const foreign = yield* order(other, { asset: "native" })
        yield* chain.payNative({
          from: payer.account,
          recipient: own.to,
          amount: own.amount,
          reference: foreign.quote.reference
        })
        yield* settled
        yield* assertPaid(payer, own.id)
        yield* assertUnpaid(other, foreign.id)
      }))

    it.effect("with the reference of another user pays nothing if its sender was quoted nothing", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const [payer, other] = [yield* makePayer, yield* makePayer]
        const { amount, id, quote, to } = yield* order(other, { asset: "native" })
        const { reference } = quote
        const hash = yield* chain.payNative({ from: payer.account, recipient: to, amount, reference })
        yield* settled
        yield* assertUnpaid(other, id)
        yield* assertWaits(hash, "other_sender")
        assert.deepStrictEqual(yield* inspected(other, id, hash), { state: "misfit", reason: "other_sender" })
      }))

    it.effect("with a reference of nothing is found by its sender", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer, { asset: "native" })
        const reference = `0x${"ff".repeat(32)}` as const
        yield* chain.payNative({ from: payer.account, recipient: to, amount, reference })
        yield* settled
        yield* assertPaid(payer, id)
      }))

    it.effect("of an imitation of a token pays nothing", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { imitation, router } = chain.contracts
        const { amount, id, quote, to } = yield* order(payer)
        yield* chain.approve(imitation, payer.account, router.address, amount)
        const hash = yield* chain.pay({
          token: imitation,
          from: payer.account,
          recipient: to,
          amount,
          reference: quote.reference
        })
        yield* settled
        yield* assertUnpaid(payer, id)
        yield* assertWaits(hash)
      }))

    it.effect("names its payment, if a user has two open ones of the same amount", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const first = yield* order(payer, { asset: "native" })
        yield* payer.somebody.post("/api/subscriptions/cancel", {})
        const second = yield* order(payer, { asset: "native" })
        yield* chain.payNative({
          from: payer.account,
          recipient: first.to,
          amount: first.amount,
          reference: first.quote.reference
        })
        yield* settled
        assert.strictEqual((yield* paymentOf(payer, first.id)).state, "settled")
        assert.strictEqual((yield* paymentOf(payer, second.id)).state, "quoted")
      }))
  })
})
