import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { quietChainHost } from "../support/chain/QuietChainHost.ts"
import {
  assertPaid,
  assertUnpaid,
  assertWaits,
  inspected,
  makePayer,
  makeStranger,
  order,
  paymentOf,
  settled,
  submit
} from "../support/chain/Scene.ts"

const nobody = `0x${"11".repeat(20)}` as const

describe.skipIf(isLeftOut)("The sender and the recipient of a transfer", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    it.effect("decide: a wallet that no user has pays nothing", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const stranger = yield* makeStranger
        const { amount, id, to } = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.usdc, stranger, to, amount)
        yield* settled
        yield* assertUnpaid(payer, id)
        yield* assertWaits(hash, "unknown_sender")
        assert.deepStrictEqual(yield* inspected(payer, id, hash), { state: "misfit", reason: "other_sender" })
      }))

    it.effect("decide: the wallet of another user pays nothing", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const [payer, other] = [yield* makePayer, yield* makePayer]
        const { amount, id, to } = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.usdc, other.account, to, amount)
        yield* settled
        yield* assertUnpaid(payer, id)
        yield* assertWaits(hash, "unknown_quote")
        assert.deepStrictEqual(yield* inspected(payer, id, hash), { state: "misfit", reason: "other_sender" })
      }))

    it.effect("decide: a transfer to another account is none of this installation", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id } = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, nobody, amount)
        yield* settled
        yield* assertUnpaid(payer, id)
        yield* assertWaits(hash)
        assert.deepStrictEqual(yield* inspected(payer, id, hash), { state: "misfit", reason: "no_transfer" })
      }))

    it.effect("decide, and not the user who names the transaction", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const [payer, thief] = [yield* makePayer, yield* makePayer]
        const own = yield* order(payer)
        const stolen = yield* order(thief)
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, own.to, own.amount)
        assert.deepStrictEqual(yield* inspected(thief, stolen.id, hash), { state: "pending" })
        yield* settled
        yield* assertPaid(payer, own.id)
        yield* assertUnpaid(thief, stolen.id)
        assert.deepStrictEqual(yield* inspected(thief, stolen.id, hash), { state: "misfit", reason: "already_paid" })
        assert.strictEqual((yield* submit(thief, own.id, hash)).status, 404)
      }))

    it.effect("make no payment of a transaction that does not exist", () =>
      Effect.gen(function*() {
        const payer = yield* makePayer
        const { id } = yield* order(payer)
        const hash = `0x${"ab".repeat(32)}` as const
        assert.deepStrictEqual(yield* inspected(payer, id, hash), { state: "unknown" })
        yield* settled
        yield* assertUnpaid(payer, id)
        assert.deepInclude(yield* paymentOf(payer, id), { state: "submitted", transactionHash: hash })
      }))

    it.effect("make no payment of a transaction that has paid before", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const first = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, first.to, first.amount)
        yield* settled
        yield* assertPaid(payer, first.id)
        const lifetime = yield* order(payer, { period: "nft" })
        assert.deepStrictEqual(yield* inspected(payer, lifetime.id, hash), {
          state: "misfit",
          reason: "already_paid"
        })
        yield* settled
        assert.strictEqual((yield* paymentOf(payer, lifetime.id)).state, "submitted")
      }))
  })
})
