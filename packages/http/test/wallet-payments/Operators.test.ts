import { UserId } from "@dchat/domain/identity"
import { ChainLedger, PaymentInbox } from "@dchat/domain/onchain"
import { type ExternalId, PaymentId, SubscriptionAdministration } from "@dchat/domain/subscription"
import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { Hash } from "viem"
import { quietChainHost } from "../support/chain/QuietChainHost.ts"
import {
  assertPaid,
  assertUnpaid,
  assertWaits,
  makePayer,
  makeStranger,
  mined,
  order,
  paymentOf,
  planOf,
  settled,
  waiting
} from "../support/chain/Scene.ts"

const by = { actor: "ops", reason: "the user wrote to us" }

const idOf = Effect.fnUntraced(function*(hash: Hash): Effect.fn.Return<ExternalId, never, PaymentInbox> {
  const [stored] = yield* waiting(hash)
  return stored?.moved.transfer.externalId ?? assert.fail("nothing waits")
})

describe.skipIf(isLeftOut)("The inbox of an operator", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    it.effect("assigns a transfer of an exchange to a payment, and the transfer waits no longer", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const inbox = yield* PaymentInbox
        const [payer, exchange] = [yield* makePayer, yield* makeStranger]
        const { amount, id, to } = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.usdc, exchange, to, amount - 100n)
        yield* settled
        yield* assertUnpaid(payer, id)
        const externalId = yield* idOf(hash)
        const assigned = yield* inbox.assign(externalId, PaymentId.make(id), by)
        assert.deepStrictEqual(assigned.verdict, { _tag: "Paid", paymentId: PaymentId.make(id), assigned: true })
        yield* assertPaid(payer, id)
        yield* assertWaits(hash)
        const refused = yield* Effect.flip(inbox.assign(externalId, PaymentId.make(id), by))
        assert.strictEqual(refused._tag, "TransferHandled")
        assert.deepStrictEqual((yield* inbox.show(externalId)).verdict, assigned.verdict)
      }))

    it.effect("keeps an assigned transfer with its payment when the block gets deeper or is reorganised", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const inbox = yield* PaymentInbox
        const [payer, exchange] = [yield* makePayer, yield* makeStranger]
        const { amount, id, to } = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.usdc, exchange, to, amount)
        yield* mined()
        yield* inbox.assign(yield* idOf(hash), PaymentId.make(id), by)
        assert.strictEqual((yield* paymentOf(payer, id)).state, "confirming")
        const [dropped] = yield* chain.reorg(1)
        yield* mined()
        yield* assertUnpaid(payer, id)
        yield* chain.sendRaw(dropped?.raw ?? "0x")
        yield* settled
        yield* assertPaid(payer, id)
      }))

    it.effect("assigns no transfer to a payment that is paid, or to none", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const inbox = yield* PaymentInbox
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        const externalId = yield* idOf(hash)
        const paid = yield* inbox.assign(externalId, PaymentId.make(id), by)
        assert.deepStrictEqual(paid.verdict, { _tag: "Unmatched", reason: "already_paid" })
        const unknown = PaymentId.make("01890000-0000-7000-8000-000000000000")
        const none = yield* inbox.assign(externalId, unknown, by)
        assert.deepStrictEqual(none.verdict, { _tag: "Unmatched", reason: "unknown_quote" })
      }))

    it.effect("notes that money was sent back, and the transfer pays nothing afterwards", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const inbox = yield* PaymentInbox
        const stranger = yield* makeStranger
        const hash = yield* chain.transfer(chain.contracts.usdc, stranger, `0x${"5e".repeat(20)}`, 5_000_000n)
        yield* settled
        const externalId = yield* idOf(hash)
        const noted = yield* inbox.noteRefund(externalId, "sent back by 0xabc")
        assert.deepStrictEqual(noted.verdict, {
          _tag: "SentBack",
          note: "sent back by 0xabc",
          reason: "unknown_sender"
        })
        yield* assertWaits(hash)
        yield* mined(5)
        assert.deepStrictEqual((yield* inbox.show(externalId)).verdict, noted.verdict)
        assert.strictEqual((yield* Effect.flip(inbox.recheck(externalId)))._tag, "TransferHandled")
      }))

    it.effect("judges a transfer again, after the user has ordered", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const inbox = yield* PaymentInbox
        const payer = yield* makePayer
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, `0x${"5e".repeat(20)}`, 4_990_000n)
        yield* settled
        const { id } = yield* order(payer)
        const checked = yield* inbox.recheck(yield* idOf(hash))
        assert.deepStrictEqual(checked.verdict, { _tag: "Paid", paymentId: PaymentId.make(id) })
        yield* assertPaid(payer, id)
      }))

    it.effect("does not know a transfer that was not seen", () =>
      Effect.gen(function*() {
        const inbox = yield* PaymentInbox
        const missing = `31337:0x${"00".repeat(32)}:0` as ExternalId
        assert.strictEqual((yield* Effect.flip(inbox.show(missing)))._tag, "TransferNotFound")
        assert.strictEqual((yield* Effect.flip(inbox.recheck(missing)))._tag, "TransferNotFound")
      }))
  })

  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    it.effect("records a refund that was sent by hand, which ends the plan, and credit that was sent back", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const administration = yield* SubscriptionAdministration
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount + 2_000_000n)
        yield* settled
        const userId = UserId.make(payer.somebody.id)
        assert.deepStrictEqual((yield* planOf(payer)).credit, { currency: "USD", minorUnits: 200 })
        const tooMuch = administration.returnCredit(userId, { currency: "USD", minorUnits: 201n }, by)
        assert.strictEqual((yield* Effect.flip(tooMuch))._tag, "CreditTooLow")
        yield* administration.returnCredit(userId, { currency: "USD", minorUnits: 200n }, by)
        assert.isUndefined((yield* planOf(payer)).credit)
        const refund = `0x${"cd".repeat(32)}` as ExternalId
        yield* administration.recordRefund(userId, PaymentId.make(id), refund, by)
        assert.strictEqual((yield* planOf(payer)).source, "none")
        assert.deepStrictEqual((yield* paymentOf(payer, id)).refunded, { currency: "USD", minorUnits: 499 })
        // The chain goes on, and the refunded payment stays refunded.
        yield* mined(5)
        assert.strictEqual((yield* planOf(payer)).source, "none")
        assert.strictEqual((yield* (yield* ChainLedger).untold(chain.chainId as never, undefined, 10)).length, 0)
      }))
  })
})
