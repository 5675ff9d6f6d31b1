import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { quietChainHost } from "../support/chain/QuietChainHost.ts"
import {
  assertPaid,
  assertUnpaid,
  assertWaits,
  inspected,
  later,
  makePayer,
  order,
  planOf,
  root,
  settled,
  signedInAgain
} from "../support/chain/Scene.ts"

describe.skipIf(isLeftOut)("The amount of a transfer", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    it.effect("may not be too little, by one base unit", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount - 1n)
        yield* settled
        yield* assertUnpaid(payer, id)
        assert.deepStrictEqual(yield* inspected(payer, id, hash), { state: "misfit", reason: "too_little" })
        yield* assertWaits(hash, "too_little")
      }))

    it.effect("beyond the quote becomes a credit, which the next quote uses", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount + 1_239_999n)
        yield* settled
        yield* assertPaid(payer, id)
        assert.deepStrictEqual((yield* planOf(payer)).credit, { currency: "USD", minorUnits: 123 })
        yield* later(25 * 86_400)
        const web3 = { chainId: chain.chainId, asset: chain.contracts.usdc.address }
        const again = yield* signedInAgain(payer)
        const renewal = yield* again.somebody.post(`${root}/renew`, { web3 })
        assert.isBelow(renewal.status, 300, renewal.text)
        const { quote } = renewal.json.payment
        assert.deepInclude(quote, { amount: "3760000", credit: { currency: "USD", minorUnits: 123 } })
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, 3_760_000n)
        yield* settled
        yield* assertPaid(again, renewal.json.payment.id)
        assert.isUndefined((yield* planOf(again)).credit)
      }))

    it.effect("that is sent twice pays once, and the other transfer waits with the reason `already_paid`", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        const first = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        const second = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        const { transfer } = yield* assertPaid(payer, id)
        assert.include([first, second], transfer.transactionHash)
        yield* assertWaits(transfer.transactionHash)
        yield* assertWaits(transfer.transactionHash === first ? second : first, "already_paid")
        assert.isUndefined((yield* planOf(payer)).credit)
      }))

    it.effect("that is exact in the native currency pays, and one wei less does not", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer, { asset: "native" })
        assert.strictEqual(amount, 499n * 10n ** 18n / 250_000n)
        const less = yield* chain.transferNative(payer.account, to, amount - 1n)
        yield* settled
        yield* assertUnpaid(payer, id)
        yield* assertWaits(less, "too_little")
        const hash = yield* chain.transferNative(payer.account, to, amount)
        yield* settled
        yield* assertPaid(payer, id)
        yield* assertWaits(hash)
      }))
  })
})
