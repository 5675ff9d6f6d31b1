import { PaymentInbox } from "@dchat/domain/onchain"
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
  settled,
  waiting
} from "../support/chain/Scene.ts"

const [minute, hour] = [60, 3600]

describe.skipIf(isLeftOut)("The time of a transfer", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    it.effect("may not be before the quote", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const earlier = yield* chain.transfer(chain.contracts.usdc, payer.account, `0x${"5e".repeat(20)}`, 4_990_000n)
        yield* settled
        yield* assertWaits(earlier, "unknown_quote")
        yield* later(5 * minute)
        const { id } = yield* order(payer)
        assert.deepStrictEqual(yield* inspected(payer, id, earlier), { state: "misfit", reason: "before_quote" })
        yield* settled
        yield* assertUnpaid(payer, id)
        const [stored] = yield* waiting(earlier)
        const rechecked = yield* (yield* PaymentInbox).recheck(stored?.moved.transfer.externalId as never)
        assert.deepStrictEqual(rechecked.verdict, { _tag: "Unmatched", reason: "before_quote" })
      }))

    it.effect("may be after the price of a stablecoin was promised, because the price does not move", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        yield* later(23 * hour)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        yield* assertPaid(payer, id)
      }))

    it.effect("may not be a day after the quote", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        yield* later(24 * hour + minute)
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        assert.strictEqual((yield* planOf(payer)).source, "none")
        yield* assertWaits(hash, "too_late")
        assert.deepStrictEqual(yield* inspected(payer, id, hash), { state: "misfit", reason: "too_late" })
      }))

    it.effect("may not be after the price of the native currency was promised", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, quote, to } = yield* order(payer, { asset: "native" })
        yield* later(16 * minute)
        const direct = yield* chain.transferNative(payer.account, to, amount)
        const routed = yield* chain.payNative({
          from: payer.account,
          recipient: to,
          amount,
          reference: quote.reference
        })
        yield* settled
        yield* assertUnpaid(payer, id)
        yield* assertWaits(routed, "too_late")
        yield* assertWaits(direct, "too_late")
      }))
  })
})
