import { type BillingAccount, type ProviderSubscription } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  accessAt,
  after,
  buyLifetime,
  done,
  external,
  firstMoney,
  lifetimePaid,
  money,
  monthOne,
  monthTwo,
  paymentId,
  proMonthly,
  purchaseId,
  refused,
  secondMoney,
  secondMonth,
  subscribed,
  tags,
  told,
  unpaidMonth
} from "../given.ts"

const late = after(monthOne, { days: 1 })
const soon = DateTime.add(late, { minutes: 1 })
const later = after(late, { hours: 1 })

/** Alice as she is known to owe her second month. */
const owing = () => done(subscribed(), unpaidMonth(late), late).account

const paidLate = money("second", late, { from: monthOne, to: monthTwo })

/** The provider ended it at `endedAt`; her second month was paid. */
const endedAndPaid = (endedAt: DateTime.Utc, rest: Partial<ProviderSubscription> = {}, paid = paidLate) =>
  secondMonth(later, { status: "canceled", endedAt, ...rest }, [firstMoney, paid])

const back = (step: ReturnType<typeof done>) =>
  step.intents.flatMap(({ intent }) => intent._tag === "Refund" ? [intent.paymentIntent] : [])

const stateOf = ({ subscriptions: [first] }: BillingAccount) => first?.state

describe("ending what is believed to be unpaid", () => {
  for (
    const [who, command] of [
      ["a user", { _tag: "Cancel", when: "period_end" }],
      ["an administrator", { _tag: "Cancel", when: "now", admin: true }]
    ] as const
  ) {
    const step = done(owing(), command, late)

    it(`asks the provider to end it unless it was paid, for ${who}`, () => {
      assert.deepStrictEqual(tags(step), ["CancelScheduled", "CollectionStopped"])
      assert.deepStrictEqual(step.intents.map(({ intent }) => intent), [
        { _tag: "CancelNow", externalId: external("sub_1"), ifUnpaid: true },
        { _tag: "VoidOpenInvoice", externalId: external("sub_1") }
      ])
      assert.strictEqual(accessAt(step.account, late).source, "none")
      assert.deepStrictEqual(tags(done(step.account, command, late)), [])
    })

    it(`is over once the provider has ended it, for ${who}`, () => {
      const unpaid = unpaidMonth(later, { status: "canceled", endedAt: later, endedUnpaid: true })
      assert.strictEqual(stateOf(done(step.account, unpaid, later).account), "cancelled")
    })

    it(`ends with the period that turns out to be paid, for ${who}`, () => {
      const paid = done(step.account, secondMonth(later), later)
      assert.strictEqual(stateOf(paid.account), "active")
      assert.deepInclude(paid.account.subscriptions[0]?.ending, { endsAt: monthTwo })
      assert.deepStrictEqual(told(paid), ["CancelAtPeriodEnd"])
    })

    it(`gives back what was paid in the moment of the end, for ${who}`, () => {
      const ended = done(step.account, endedAndPaid(later, { endedUnpaid: true }), later)
      assert.strictEqual(stateOf(ended.account), "cancelled")
      assert.deepStrictEqual(back(ended), [external("pi_second")])
      assert.deepStrictEqual(back(done(ended.account, endedAndPaid(later, { endedUnpaid: true }), later)), [])
    })
  }

  it("is told again for as long as the provider goes on unpaid, after it has refused", () => {
    const step = done(owing(), { _tag: "Cancel", when: "period_end" }, late)
    const again = done(step.account, unpaidMonth(later), later)
    assert.deepStrictEqual(again.intents.map(({ intent }) => intent), [
      { _tag: "CancelNow", externalId: external("sub_1"), ifUnpaid: true }
    ])
    assert.notInclude(tags(again), "CollectionStopped")
    const graceOver = after(monthOne, { days: 7 })
    const collectionStopped = done(owing(), unpaidMonth(graceOver), graceOver)
    const day = after(graceOver, { days: 1 })
    assert.deepStrictEqual(told(done(collectionStopped.account, unpaidMonth(day), day)), ["CancelNow"])
  })

  it("begins nothing else and undoes nothing until the provider has answered", () => {
    const { account } = done(owing(), { _tag: "Cancel", when: "now" }, late)
    const ids = { purchaseId: purchaseId(2), paymentId: paymentId(2) }
    const renew = { _tag: "Renew", ...ids, method: "stripe", terms: proMonthly, autoRenew: true } as const
    assert.strictEqual(refused(account, renew, late), "PaymentInProgress")
    assert.strictEqual(refused(account, { _tag: "UndoCancel" }, late), "NotCancelled")
  })

  it("gives back what was paid in the second in which the grace was over", () => {
    const graceOver = after(monthOne, { days: 7 })
    const collectionStopped = done(owing(), unpaidMonth(graceOver), graceOver).account
    const paid = money("second", graceOver, { from: monthOne, to: monthTwo })
    const ended = done(
      collectionStopped,
      secondMonth(after(graceOver, { hours: 1 }), { status: "canceled", endedAt: graceOver, endedUnpaid: true }, [
        firstMoney,
        paid
      ]),
      after(graceOver, { hours: 1 })
    )
    assert.strictEqual(stateOf(ended.account), "expired")
    assert.deepStrictEqual(back(ended), [external("pi_second")])
    assert.deepStrictEqual(ended.account.subscriptions[0]?.paidThrough, monthOne)
  })

  it("comes to the same whether the payment was seen before the end or with it", () => {
    const seen = done(owing(), secondMonth(soon), later).account
    assert.strictEqual(stateOf(seen), "active")
    const end = secondMonth(after(later, { hours: 1 }), { status: "canceled", endedAt: later, endedUnpaid: true }, [
      firstMoney,
      paidLate
    ])
    const at = after(later, { hours: 2 })
    for (const account of [seen, owing()]) {
      const ended = done(account, end, at)
      assert.strictEqual(stateOf(ended.account), "expired")
      assert.deepStrictEqual(back(ended), [external("pi_second")])
    }
  })

  it("keeps what was paid for the period that was used before it was cancelled", () => {
    const renewed = done(subscribed(), secondMonth(late), late).account
    const step = done(renewed, { _tag: "Cancel", when: "now", confirmed: true }, later)
    assert.deepStrictEqual(back(done(step.account, endedAndPaid(later, {}, secondMoney), later)), [])
  })
})

describe("a cancellation by who was not known to have paid", () => {
  it("gives back what was paid in the same second, although its clock shows more of it", () => {
    const paidAt = DateTime.startOf(late, "second")
    const at = DateTime.add(paidAt, { milliseconds: 400 })
    const step = done(subscribed(), { _tag: "Cancel", when: "now", confirmed: true }, at)
    const paid = money("second", paidAt, { from: monthOne, to: monthTwo })
    assert.deepStrictEqual(back(done(step.account, endedAndPaid(paidAt, {}, paid), later)), [external("pi_second")])
  })

  it("gives it back to whoever has deleted their account, and lets nobody pay any more", () => {
    const step = done(owing(), { _tag: "EndBilling", leftAt: later }, later)
    assert.deepStrictEqual(told(step), ["CancelNow", "VoidOpenInvoice"])
    assert.deepStrictEqual(back(done(step.account, endedAndPaid(later), later)), [external("pi_second")])
  })
})

describe("an open invoice and a lifetime that are paid at about the same time", () => {
  it("come to the same, whichever is heard of first", () => {
    const ordered = buyLifetime(owing(), 9, "PRO", late)
    const first = done(ordered.account, secondMonth(later), later)
    const paid = done(owing(), secondMonth(soon), soon).account
    const second = buyLifetime(paid, 9, "PRO", later)
    for (const { account } of [first, second]) {
      assert.strictEqual(stateOf(account), "active")
      assert.deepInclude(account.subscriptions[0]?.ending, { cause: "lifetime", endsAt: monthTwo })
    }
    assert.deepStrictEqual(told(first), ["CancelAtPeriodEnd"])
    assert.isTrue(told(second).includes("CancelAtPeriodEnd"))
    assert.deepStrictEqual(
      tags(done(first.account, lifetimePaid(9, "PRO", later), later)).includes("LatePayment"),
      false
    )
  })
})
