import {
  type BillingAccount,
  NotCancelled,
  PaymentInProgress,
  type ProviderSubscription
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  accessAt,
  after,
  buyLifetime,
  createLifetime,
  done,
  firstMoney,
  lifeMoney,
  lifetime,
  lifetimePaid,
  money,
  monthOne,
  monthTwo,
  paymentId,
  proMonthly,
  purchaseId,
  secondMoney,
  secondMonth,
  start,
  subscribed,
  unpaidMonth
} from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"
import * as Intents from "../Intents.ts"

const late = after(monthOne, { days: 1 })
const soon = DateTime.add(late, { minutes: 1 })
const later = after(late, { hours: 1 })

/** Alice as she is known to owe her second month. */
const owing = () => done(subscribed(), unpaidMonth(late), late).account

const paidLate = money("second", late, { from: monthOne, to: monthTwo })

/** The provider ended it at `endedAt`; her second month was paid. */
const endedAndPaid = (endedAt: DateTime.Utc, rest: Partial<ProviderSubscription> = {}, paid = paidLate) =>
  secondMonth(later, { status: "canceled", endedAt, ...rest }, [firstMoney, paid])

const stateOf = ({ subscriptions: [first] }: BillingAccount) => first?.state

describe("Ending a subscription that is believed to be unpaid", () => {
  for (
    const [who, cause, command] of [
      ["a user", "user", { _tag: "Cancel", when: "period_end" }],
      ["an administrator", "admin", { _tag: "Cancel", when: "now", admin: true }]
    ] as const
  ) {
    const step = given(owing()).when(command, late)

    it(`tells the provider to end it unless it was paid, for ${who}`, () => {
      step.yields(Events.cancelScheduled(cause, late), Events.collectionStopped())
        .tells(Intents.cancelIfUnpaid(), Intents.voidOpenInvoice())
      assert.strictEqual(accessAt(step.state, late).source, "none")
      step.after.when(command, late).changesNothing()
    })

    it(`is complete once the provider has ended it, for ${who}`, () => {
      const unpaid = unpaidMonth(later, { status: "canceled", endedAt: later, endedUnpaid: true })
      const over = step.after.when(unpaid, later).yields(Events.ended(later), Events.synced(later)).tellsNothing()
      assert.strictEqual(stateOf(over.state), "cancelled")
    })

    it(`takes effect with the period that turns out to be paid, for ${who}`, () => {
      const paid = step.after.when(secondMonth(later), later).yields(
        Events.paymentRecorded(secondMoney),
        Events.renewed(monthOne, monthTwo, { recovered: true }),
        Events.cancelScheduled(cause, later, { endsAt: monthTwo }),
        Events.synced(later)
      ).tells(Intents.cancelAtPeriodEnd(monthTwo))
      assert.strictEqual(stateOf(paid.state), "active")
      assert.deepInclude(paid.state.subscriptions[0]?.ending, { endsAt: monthTwo })
    })

    it(`refunds a payment in the moment of the end, for ${who}`, () => {
      const ended = step.after.when(endedAndPaid(later, { endedUnpaid: true }), later).yields(
        Events.paymentRecorded(paidLate),
        Events.latePayment(true, paidLate.id),
        Events.ended(later),
        Events.synced(later)
      ).tells(Intents.refund(paidLate))
      assert.strictEqual(stateOf(ended.state), "cancelled")
      ended.after.when(endedAndPaid(later, { endedUnpaid: true }), later).changesNothing().tellsNothing()
    })
  }

  it("is told again while the subscription stays unpaid at the provider, after the provider has refused", () => {
    const step = given(owing()).when({ _tag: "Cancel", when: "period_end" }, late)
    step.after.when(unpaidMonth(later), later).yields(Events.synced(later)).tells(Intents.cancelIfUnpaid())
    const graceOver = after(monthOne, { days: 7 })
    const collectionStopped = given(owing()).when(unpaidMonth(graceOver), graceOver)
    const day = after(graceOver, { days: 1 })
    collectionStopped.after.when(unpaidMonth(day), day).yields(Events.synced(day)).tells(
      Intents.cancelIfUnpaid()
    )
  })

  it("refuses a new purchase and an undo until the provider has answered", () => {
    const { account } = done(owing(), { _tag: "Cancel", when: "now" }, late)
    const ids = { purchaseId: purchaseId(2), paymentId: paymentId(2) }
    const renew = { _tag: "Renew", ...ids, method: "stripe", terms: proMonthly } as const
    given(account).when(renew, late).refuses(new PaymentInProgress())
    given(account).when({ _tag: "UndoCancel" }, late).refuses(new NotCancelled())
  })

  it("refunds a payment in the second in which the grace period ended", () => {
    const graceOver = after(monthOne, { days: 7 })
    const collectionStopped = done(owing(), unpaidMonth(graceOver), graceOver).account
    const paid = money("second", graceOver, { from: monthOne, to: monthTwo })
    const ended = given(collectionStopped).when(
      secondMonth(after(graceOver, { hours: 1 }), { status: "canceled", endedAt: graceOver, endedUnpaid: true }, [
        firstMoney,
        paid
      ]),
      after(graceOver, { hours: 1 })
    ).yields(
      Events.paymentRecorded(paid),
      Events.expired(graceOver),
      Events.latePayment(true, paid.id),
      Events.synced(after(graceOver, { hours: 1 }))
    ).tells(Intents.refund(paid))
    assert.strictEqual(stateOf(ended.state), "expired")
    assert.deepStrictEqual(ended.state.subscriptions[0]?.paidThrough, monthOne)
  })

  it("leads to the same state whether the payment was observed before the end or with it", () => {
    const seen = done(owing(), secondMonth(soon), later).account
    assert.strictEqual(stateOf(seen), "active")
    const end = secondMonth(after(later, { hours: 1 }), { status: "canceled", endedAt: later, endedUnpaid: true }, [
      firstMoney,
      paidLate
    ])
    const at = after(later, { hours: 2 })
    for (
      const [account, first] of [
        [seen, Events.periodCorrected(start, start, monthOne)],
        [owing(), Events.paymentRecorded(paidLate)]
      ] as const
    ) {
      const ended = given(account).when(end, at).yields(
        first,
        Events.expired(later),
        Events.latePayment(true, paidLate.id),
        Events.synced(after(later, { hours: 1 }))
      ).tells(Intents.refund(paidLate))
      assert.strictEqual(stateOf(ended.state), "expired")
    }
  })

  it("keeps the payment for a period that was used before the cancellation", () => {
    const renewed = done(subscribed(), secondMonth(late), late).account
    const step = done(renewed, { _tag: "Cancel", when: "now", confirmed: true }, later)
    given(step.account).when(endedAndPaid(later, {}, secondMoney), later).yields(Events.synced(later)).tellsNothing()
  })
})

describe("A cancellation by a user whose payment was not known", () => {
  it("refunds a payment in the same second, although the clock here shows a later time", () => {
    const paidAt = DateTime.startOf(late, "second")
    const at = DateTime.add(paidAt, { milliseconds: 400 })
    const step = done(subscribed(), { _tag: "Cancel", when: "now", confirmed: true }, at)
    const paid = money("second", paidAt, { from: monthOne, to: monthTwo })
    given(step.account).when(endedAndPaid(paidAt, {}, paid), later).yields(
      Events.paymentRecorded(paid),
      Events.latePayment(true, paid.id),
      Events.synced(later)
    ).tells(Intents.refund(paid))
  })

  it("refunds the payment of a deleted user, and voids the open invoice", () => {
    const step = given(owing()).when({ _tag: "EndBilling", leftAt: later }, later).yields(
      Events.cancelled(later),
      Events.billingEnded(later)
    ).tells(Intents.cancelNow(), Intents.voidOpenInvoice())
    step.after.when(endedAndPaid(later), later).yields(
      Events.paymentRecorded(paidLate),
      Events.latePayment(true, paidLate.id),
      Events.synced(later)
    ).tells(Intents.refund(paidLate))
  })
})

describe("An open invoice and a lifetime membership that are paid at about the same time", () => {
  it("lead to the same state in either order", () => {
    const ordered = buyLifetime(owing(), 9, "PRO", late)
    const first = given(ordered.account).when(secondMonth(later), later).yields(
      Events.paymentRecorded(secondMoney),
      Events.renewed(monthOne, monthTwo, { recovered: true }),
      Events.cancelScheduled("lifetime", later, { endsAt: monthTwo }),
      Events.synced(later)
    ).tells(Intents.cancelAtPeriodEnd(monthTwo))
    const paid = done(owing(), secondMonth(soon), soon).account
    const bought = done(paid, createLifetime(9, lifetime("PRO")), later).account
    const second = given(bought).when(lifetimePaid(9, "PRO", later), later).yields(
      Events.paymentRecorded(lifeMoney("PRO", later), { n: 9, createdAt: later }),
      Events.membershipActivated(9),
      Events.synced(later, 9),
      Events.cancelScheduled("lifetime", later, { endsAt: monthTwo })
    ).tells(Intents.cancelAtPeriodEnd(monthTwo))
    for (const { state } of [first, second]) {
      assert.strictEqual(stateOf(state), "active")
      assert.deepInclude(state.subscriptions[0]?.ending, { cause: "lifetime", endsAt: monthTwo })
    }
    first.after.when(lifetimePaid(9, "PRO", later), later).yields(Events.synced(later, 9)).tellsNothing()
  })
})
