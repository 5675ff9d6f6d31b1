/**
 * The contract of the port that finds the payments that were quoted on a chain.
 */
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer } from "effect"
import type { IdentityRepository, UserId } from "../identity/index.ts"
import { QuotedPayments } from "../onchain/index.ts"
import {
  type BillingAccount,
  paymentOf,
  type Quote,
  type SubscriptionCommand,
  SubscriptionRepository,
  type Transfer
} from "../subscription/index.ts"
import { quoteOf, someChain, someTransfer } from "./support/chainSteps.ts"
import { noon, signUp, someAddress } from "./support/identityFixtures.ts"
import { plan } from "./support/subscriptionFixtures.ts"
import { buyer, createOf, newPayment, newPurchase, stepOf } from "./support/subscriptionSteps.ts"

const minutes = (count: number) => DateTime.add(noon, { minutes: count })

/** Stores what the commands do to the account of a user. */
const happens = Effect.fnUntraced(function*(id: UserId, ...commands: ReadonlyArray<SubscriptionCommand>) {
  const { append, load } = yield* SubscriptionRepository
  for (const command of commands) yield* Effect.orDie(append(stepOf(yield* load(id), command)))
  return yield* load(id)
})

const paymentIn = ({ payments: [payment] }: BillingAccount) => payment ?? assert.fail("nothing is to be paid")

/** A user whose first payment was quoted so. */
const quoted = Effect.fnUntraced(function*(...quotes: ReadonlyArray<Quote>) {
  const { account, id, purchaseId } = yield* buyer("web3")
  const { id: paymentId } = paymentIn(account)
  yield* happens(id, ...quotes.map((quote) => ({ _tag: "QuotePayment" as const, paymentId, quote })))
  return { id, paymentId, purchaseId }
})

const payingBy = ({ asset, chainId, payer, recipient }: Quote, fields: Partial<Transfer> = {}): Transfer => {
  const { reference: _, token: _token, ...transfer } = someTransfer(chainId, { payer, recipient, paidAt: minutes(1) })
  return { ...transfer, ...(asset.token && { token: asset.token }), ...fields }
}

export const quotedPaymentsContract = <E>(
  name: string,
  subject: Layer.Layer<QuotedPayments | SubscriptionRepository | IdentityRepository, E>
): void =>
  layer(subject, { excludeTestServices: true })(name, (it) => {
    it.effect("finds the payments of a wallet on a chain, unpaid ones first, then the newest quote first", () =>
      Effect.gen(function*() {
        const { ofPayer, ownerOf } = yield* QuotedPayments
        const [chainId, payer] = [someChain(), someAddress()]
        const quoteAt = (at: number) => quoteOf({ chainId, payer, minutes: at })
        const first = quoteAt(9)
        const paid = yield* quoted(first)
        const transfer = payingBy(first, { paidAt: minutes(10) })
        yield* happens(paid.id, { _tag: "FollowTransfer", paymentId: paid.paymentId, transfer, stage: "settled" })
        const early = yield* quoted(quoteAt(1))
        const late = yield* quoted(quoteAt(0), quoteAt(3))
        yield* quoted(quoteOf({ chainId: someChain(), payer }), quoteOf({ chainId, payer: someAddress() }))
        const all = [late, early, paid].map(({ id, paymentId }) => ({ userId: id, paymentId }))
        assert.deepStrictEqual(yield* ofPayer(chainId, payer, 10), all)
        assert.deepStrictEqual(yield* ofPayer(chainId, payer, 2), all.slice(0, 2))
        assert.strictEqual(yield* ownerOf(late.paymentId), late.id)
        assert.isUndefined(yield* ownerOf(newPayment()))
      }))

    it.effect("finds no payment that was never quoted", () =>
      Effect.gen(function*() {
        const { ownerOf } = yield* QuotedPayments
        const { account } = yield* buyer("web3")
        assert.isUndefined(yield* ownerOf(paymentIn(account).id))
      }))

    it.effect("finds each payment once, by every chain and wallet to which it was quoted", () =>
      Effect.gen(function*() {
        const { ofPayer } = yield* QuotedPayments
        const [one, other] = [{ chainId: someChain(), payer: someAddress() }, {
          chainId: someChain(),
          payer: someAddress()
        }]
        const { id, paymentId } = yield* quoted(
          quoteOf(one),
          quoteOf({ ...other, minutes: 1 }),
          quoteOf({ ...one, minutes: 2 })
        )
        for (const { chainId, payer } of [one, other]) {
          assert.deepStrictEqual(yield* ofPayer(chainId, payer, 10), [{ userId: id, paymentId }])
        }
        assert.deepStrictEqual(yield* ofPayer(one.chainId, other.payer, 10), [])
      }))

    it.effect("awaits a payment until its last quote on the chain expires", () =>
      Effect.gen(function*() {
        const { interest } = yield* QuotedPayments
        const [chainId, other, payer] = [someChain(), someChain(), someAddress()]
        const none = { isAwaited: false, isNativeAwaited: false }
        assert.deepStrictEqual(yield* interest(chainId, noon), none)
        yield* quoted(
          quoteOf({ chainId, payer }),
          quoteOf({ chainId, payer: someAddress(), minutes: 5 }),
          quoteOf({ chainId: other, payer, minutes: 30 })
        )
        assert.deepStrictEqual(yield* interest(chainId, minutes(64)), { isAwaited: true, isNativeAwaited: false })
        assert.deepStrictEqual(yield* interest(chainId, minutes(65)), none)
        assert.deepStrictEqual(yield* interest(other, minutes(65)), { isAwaited: true, isNativeAwaited: false })
      }))

    it.effect("awaits the native currency also where the quote names a router", () =>
      Effect.gen(function*() {
        const { interest } = yield* QuotedPayments
        const [routed, direct, payer] = [someChain(), someChain(), someAddress()]
        yield* quoted(quoteOf({ chainId: routed, payer, native: true, router: someAddress() }))
        yield* quoted(
          quoteOf({ chainId: direct, payer, native: true }),
          quoteOf({ chainId: direct, payer, minutes: 30 })
        )
        assert.deepStrictEqual(yield* interest(routed, noon), { isAwaited: true, isNativeAwaited: true })
        assert.deepStrictEqual(yield* interest(direct, minutes(59)), { isAwaited: true, isNativeAwaited: true })
        assert.deepStrictEqual(yield* interest(direct, minutes(60)), { isAwaited: true, isNativeAwaited: false })
      }))

    it.effect("awaits a confirming payment until it is settled or dropped, on the chain of the transfer", () =>
      Effect.gen(function*() {
        const { interest } = yield* QuotedPayments
        const long = minutes(60 * 24 * 365)
        for (const native of [true, false]) {
          const quote = quoteOf({ chainId: someChain(), payer: someAddress(), native })
          const elsewhere = quoteOf({ chainId: someChain(), payer: someAddress(), native })
          const { id, paymentId } = yield* quoted(quote, elsewhere)
          const follow = (transfer: Transfer, stage: "included" | "dropped" | "settled") =>
            happens(id, { _tag: "FollowTransfer", paymentId, transfer, stage })
          const now = (at: DateTime.Utc) => interest(quote.chainId, at)
          const transfer = payingBy(quote)
          yield* follow(transfer, "included")
          assert.deepStrictEqual(yield* now(long), { isAwaited: true, isNativeAwaited: native })
          assert.isFalse((yield* interest(elsewhere.chainId, long)).isAwaited)
          yield* follow(transfer, "dropped")
          assert.deepStrictEqual(yield* now(long), { isAwaited: false, isNativeAwaited: false })
          assert.isTrue((yield* now(minutes(30))).isAwaited, "it can be paid again")
          yield* follow(payingBy(quote), "settled")
          assert.isFalse((yield* now(minutes(30))).isAwaited)
        }
      }))

    it.effect("awaits no payment of a purchase that was cancelled or replaced", () =>
      Effect.gen(function*() {
        const { interest, ofPayer } = yield* QuotedPayments
        const commands: ReadonlyArray<SubscriptionCommand> = [
          { _tag: "Cancel", when: "now" },
          createOf(newPurchase(), "web3", plan("ENTERPRISE", "yearly"))
        ]
        for (const command of commands) {
          const quote = quoteOf({ chainId: someChain(), payer: someAddress() })
          const { id, paymentId } = yield* quoted(quote)
          const account = yield* happens(id, command)
          assert.strictEqual(paymentOf(account, paymentId)?.state, "lapsed")
          assert.isFalse((yield* interest(quote.chainId, noon)).isAwaited)
          assert.deepStrictEqual(yield* ofPayer(quote.chainId, quote.payer, 10), [{ userId: id, paymentId }])
        }
      }))

    it.effect("finds the payments of a user who was merged as those of the surviving user", () =>
      Effect.gen(function*() {
        const { ofPayer, ownerOf } = yield* QuotedPayments
        const quote = quoteOf({ chainId: someChain(), payer: someAddress() })
        const absorbed = yield* quoted(quote)
        const survivor = (yield* signUp()).id
        const account = yield* (yield* SubscriptionRepository).load(absorbed.id)
        yield* happens(absorbed.id, { _tag: "MergeOut", to: survivor })
        yield* happens(survivor, { _tag: "MergeIn", account })
        assert.strictEqual(yield* ownerOf(absorbed.paymentId), survivor)
        assert.deepStrictEqual(yield* ofPayer(quote.chainId, quote.payer, 10), [
          { userId: survivor, paymentId: absorbed.paymentId }
        ])
      }))

    it.effect("stores no quote of a step that was not stored", () =>
      Effect.gen(function*() {
        const { append } = yield* SubscriptionRepository
        const { ownerOf } = yield* QuotedPayments
        const { account, id } = yield* buyer("web3")
        const { id: paymentId } = paymentIn(account)
        const quote = quoteOf({ chainId: someChain(), payer: someAddress() })
        yield* happens(id, { _tag: "EndBilling", leftAt: noon })
        yield* Effect.ignore(append(stepOf(account, { _tag: "QuotePayment", paymentId, quote })))
        assert.isUndefined(yield* ownerOf(paymentId))
      }))
  })
