import {
  AutoRenewUnsupported,
  type BillingAccount,
  CreditTooLow,
  RefundNotAllowed,
  RenewalNotOpen,
  SubscriptionExists,
  UseUndoCancel
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  accessAt,
  create,
  done,
  emptyAccount,
  external,
  monthOne,
  paymentId,
  plan,
  proMonthly,
  start
} from "./accounts.ts"
import * as Events from "./Events.ts"
import { given } from "./given.ts"
import { after, follow, paidByWallet, payment, quote, quotePayment, renewal, transfer, usd } from "./walletPayments.ts"

const add = DateTime.add
const minutes = (n: number) => add(start, { minutes: n })

/** The first month ends a minute after a whole month, because the first transfer came a minute after the order. */
const firstEnd = add(monthOne, { minutes: 1 })
const secondEnd = DateTime.makeUnsafe("2027-03-31T10:01:00.000Z")
const enterprise = plan("ENTERPRISE", "monthly")

/** Alice has ordered and was quoted the renewal at a time. */
const renewing = (at: DateTime.Utc): BillingAccount =>
  after(paidByWallet(), [renewal(2), at], [quotePayment(quote({ quotedAt: at }), paymentId(2)), at])

const renewalPaid = (paidAt: DateTime.Utc) => follow("settled", transfer(2, { paidAt }), { id: paymentId(2) })
const until = (account: BillingAccount, at: DateTime.Utc) => accessAt(account, at).until

describe("The renewal of a plan that is paid by wallet", () => {
  it("opens seven days before the end of a month, and thirty days before the end of a year", () => {
    const monthly = add(firstEnd, { days: -7 })
    given(paidByWallet()).when(renewal(2), add(monthly, { seconds: -1 }))
      .refuses(new RenewalNotOpen({ opensAt: monthly }))
    assert.strictEqual(payment(done(paidByWallet(), renewal(2), monthly).account, 2).kind, "renewal")
    const terms = plan("PRO", "yearly")
    const yearly = after(
      emptyAccount,
      [create(1, terms, { method: "web3" }), start],
      [quotePayment(quote({ price: terms.price, amount: 49_990_000n })), start],
      [follow("settled", transfer(1, { amount: 49_990_000n })), minutes(1)]
    )
    const opensAt = add(DateTime.makeUnsafe("2028-01-31T10:01:00.000Z"), { days: -30 })
    given(yearly).when(renewal(2), add(opensAt, { seconds: -1 })).refuses(new RenewalNotOpen({ opensAt }))
    assert.deepStrictEqual(payment(done(yearly, renewal(2), opensAt).account, 2).amount, terms.price)
  })

  it("is ordered once, with the method of the plan, and not while the plan is cancelled", () => {
    const at = add(firstEnd, { days: -2 })
    given(renewing(at)).when(renewal(3), at).changesNothing()
    given(renewing(at)).when({ ...renewal(3), method: "stripe" }, at).refuses(new SubscriptionExists())
    const cancelled = done(paidByWallet(), { _tag: "Cancel", when: "period_end" }, at).account
    given(cancelled).when(renewal(3), at).refuses(new UseUndoCancel())
    given(emptyAccount).when(create(1, proMonthly, { method: "web3", autoRenew: true }), at)
      .refuses(new AutoRenewUnsupported())
  })

  it("continues at the end of the paid period, also if it was paid in time and noticed after the end", () => {
    const late = add(firstEnd, { hours: 3 })
    const { state } = given(renewing(add(firstEnd, { days: -1 }))).when(
      renewalPaid(add(firstEnd, { minutes: -1 })),
      late
    )
    assert.deepStrictEqual([state.subscriptions[0]?.state, state.subscriptions[0]?.anchor], ["active", minutes(1)])
    assert.deepStrictEqual(until(state, late), secondEnd)
  })

  it("starts with the payment if it was paid after the end, within the limit of the quote", () => {
    const paidAt = add(firstEnd, { hours: 5 })
    const { state } = given(renewing(add(firstEnd, { hours: -1 }))).when(renewalPaid(paidAt), paidAt)
    const [subscription] = state.subscriptions
    assert.deepStrictEqual([subscription?.state, subscription?.anchor], ["active", paidAt])
    assert.deepStrictEqual(until(state, paidAt), DateTime.makeUnsafe("2027-03-28T15:01:00.000Z"))
  })

  it("that is on the way keeps the plan from expiring, and a dropped one does not", () => {
    const of = transfer(2, { paidAt: add(firstEnd, { minutes: -1 }) })
    const later = add(firstEnd, { minutes: 5 })
    const waiting = done(
      renewing(add(firstEnd, { hours: -1 })),
      follow("included", of, { id: paymentId(2) }),
      of.paidAt
    )
    given(waiting.account).when({ _tag: "Tick" }, later).changesNothing()
    assert.strictEqual(accessAt(waiting.account, later).source, "none")
    const { state } = given(waiting.account).when(follow("dropped", of, { id: paymentId(2) }), later)
    given(state).when({ _tag: "Tick" }, later).yields(Events.expired(firstEnd))
  })

  it("of a plan that the user ended at once becomes a credit", () => {
    const at = add(firstEnd, { days: -1 })
    const over = done(renewing(at), { _tag: "Cancel", when: "now", confirmed: true }, at).account
    const { state } = given(over).when(renewalPaid(at), add(at, { minutes: 5 }))
    assert.deepStrictEqual([state.walletCredit, payment(state, 2).reason], [usd(499n), "returned"])
    assert.strictEqual(accessAt(state, at).source, "none")
  })

  it("undoes the cancellation of the user for the end of the period", () => {
    const at = add(firstEnd, { days: -1 })
    const cancelled = done(renewing(at), { _tag: "Cancel", when: "period_end" }, at).account
    const { state } = given(cancelled).when(renewalPaid(at), add(at, { minutes: 5 }))
    assert.isUndefined(state.subscriptions[0]?.ending)
    assert.deepStrictEqual(until(state, at), secondEnd)
  })
})

describe("A change to a higher plan that is paid by wallet", () => {
  const at = add(start, { days: 14 })
  const limit = add(at, { hours: 23 })
  const change = { _tag: "Change", terms: enterprise, prorationDate: at, paymentId: paymentId(2) } as const
  const asked = done(paidByWallet(), change, at).account
  const due = payment(asked, 2).amount
  const amount = due.minorUnits * 10_000n
  const offer = quote({ quotedAt: at, price: due, amount })
  const changing = done(asked, quotePayment(offer, paymentId(2)), at).account
  const paid = (paidAt: DateTime.Utc) => follow("settled", transfer(2, { paidAt, amount }), { id: paymentId(2) })

  it("takes effect with the payment, also if it was paid before the change lapsed and noticed later", () => {
    const paidAt = add(limit, { minutes: -1 })
    const { state } = given(changing).when(paid(paidAt), add(limit, { hours: 1 }))
    assert.deepStrictEqual([state.subscriptions[0]?.terms, state.subscriptions[0]?.anchor], [enterprise, paidAt])
    assert.isUndefined(state.walletCredit)
  })

  it("is too late after that, and becomes a credit", () => {
    const { state } = given(changing).when(paid(add(limit, { minutes: 1 })), add(limit, { hours: 1 }))
    assert.deepStrictEqual([state.walletCredit, state.subscriptions[0]?.terms], [due, proMonthly])
    assert.deepStrictEqual(until(state, limit), firstEnd)
  })
})

describe("The credit of a user", () => {
  const overpaid = paidByWallet(transfer(1, { amount: 12_990_000n }))
  const at = add(firstEnd, { days: -2 })
  const part = quote({ quotedAt: at, amount: 1_990_000n, price: usd(199n), credit: usd(300n) })
  const asked = after(overpaid, [renewal(2), at], [quotePayment(part, paymentId(2)), at])

  it("pays a whole price, without a transfer", () => {
    const covered = quote({ quotedAt: at, amount: 0n, price: usd(0n), credit: usd(499n) })
    const { state } = given(done(overpaid, renewal(2), at).account).when(quotePayment(covered, paymentId(2)), at)
    assert.deepStrictEqual([state.walletCredit, until(state, at)], [usd(301n), secondEnd])
    assert.deepStrictEqual([payment(state, 2).state, payment(state, 2).quotes], ["settled", [covered]])
  })

  it("pays a part of the price when the transfer for the rest is settled", () => {
    const rest = transfer(2, { paidAt: at, amount: 1_990_000n })
    const { state } = given(asked).when(follow("settled", rest, { id: paymentId(2) }), at)
    assert.deepStrictEqual([asked.walletCredit, state.walletCredit, until(state, at)], [
      usd(800n),
      usd(500n),
      secondEnd
    ])
  })

  it("is returned by an administrator apart from what an open quote uses", () => {
    given(asked).when({ _tag: "ReturnCredit", amount: usd(501n) }, at).refuses(new CreditTooLow())
    const { state } = given(asked).when({ _tag: "ReturnCredit", amount: usd(500n) }, at)
    assert.deepStrictEqual(state.walletCredit, usd(300n))
  })

  it("of two merged users is one credit, and pays the debt of the other", () => {
    const credit = { ...emptyAccount, walletCredit: usd(25n) }
    assert.deepStrictEqual(done(overpaid, { _tag: "MergeIn", account: credit }, at).account.walletCredit, usd(825n))
    const debtor = { ...emptyAccount, walletDebt: usd(900n) }
    const { walletCredit, walletDebt } = done(overpaid, { _tag: "MergeIn", account: debtor }, at).account
    assert.deepStrictEqual([walletCredit, walletDebt], [undefined, usd(100n)])
  })
})

describe("A refund that an administrator has sent", () => {
  const refund = { _tag: "RecordRefund", paymentId: paymentId(1), externalId: external("0xrefund") } as const

  it("ends what the payment pays for, and is recorded once", () => {
    const { after: refunded, state } = given(paidByWallet()).when(refund, minutes(5))
    assert.strictEqual(state.subscriptions[0]?.state, "refunded")
    refunded.when(refund, minutes(6)).changesNothing()
    refunded.when({ ...refund, externalId: external("0xother") }, minutes(6))
      .refuses(new RefundNotAllowed({ reason: "no_payment" }))
  })

  it("takes the credit of a payment that had paid for nothing, unless the user has used the credit", () => {
    const credited = after(paidByWallet(), [{ _tag: "Cancel", when: "now", confirmed: true }, minutes(5)], [
      { _tag: "EndBilling", leftAt: start },
      minutes(6)
    ])
    assert.deepStrictEqual([payment(credited).reason, credited.walletCredit], ["returned", usd(499n)])
    const { state } = given(credited).when(refund, minutes(7))
    assert.isUndefined(state.walletCredit)
    const { state: gone } = given(state).when(follow("dropped"), minutes(8))
    assert.deepStrictEqual([gone.walletCredit, gone.walletDebt], [undefined, undefined])
    const used = { ...credited, walletCredit: usd(100n) }
    given(used).when(refund, minutes(7)).refuses(new CreditTooLow())
  })

  it("stays a refund if the block of the payment is taken back and comes again", () => {
    const back = after(paidByWallet(), [refund, minutes(5)], [follow("dropped"), minutes(6)])
    const { state } = given(back).when(follow("settled"), minutes(7)).yields(Events.paymentRestored())
    assert.isUndefined(state.walletCredit)
  })
})
