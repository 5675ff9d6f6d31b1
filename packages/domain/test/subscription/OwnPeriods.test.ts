import type { BillingAccount } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  after,
  create,
  done,
  emptyAccount,
  money,
  monthOne,
  monthTwo,
  plan,
  proMonthly,
  settle,
  start,
  subscribedByUs,
  time
} from "./accounts.ts"
import * as Events from "./Events.ts"
import { given } from "./given.ts"

const enterprise = plan("ENTERPRISE", "monthly")

const periodOf = ({ subscriptions: [it] }: BillingAccount) =>
  [it?.anchor, it?.periodStart, it?.paidThrough].map((at) => at && DateTime.formatIso(at).slice(0, 10))

/** The next period is paid a day before the last one ends. */
const renewed = (account: BillingAccount, name: string) => {
  const [{ paidThrough = assert.fail("nothing is paid") } = assert.fail("no subscription")] = account.subscriptions
  const at = DateTime.subtract(paidThrough, { days: 1 })
  return given(account).when(settle(name, at), at)
}

const changing = (from: typeof proMonthly, terms: typeof proMonthly) => {
  const at = after(start, { days: 2 })
  const until = from.period === "monthly" ? monthOne : time("2028-01-31T10:00:00.000Z")
  return given(subscribedByUs(from)).when({ _tag: "Change", terms, prorationDate: at }, at).yields(
    Events.changeScheduled(terms, at, until)
  ).state
}

describe("Periods that are billed here", () => {
  it("start with the payment, and neither with the order nor with the report of the payment", () => {
    const paid = after(start, { hours: 5 })
    const heard = after(start, { hours: 9 })
    const ordered = done(emptyAccount, create(1, proMonthly, { method: "web3" }), start).account
    const { state } = given(ordered).when(settle("tx1", paid, "first"), heard).yields(
      Events.paymentRecorded(money("tx1", paid, {}, { kind: "first" }), { method: "web3" }),
      Events.activatedByUs(paid, after(monthOne, { hours: 5 })),
      Events.paymentChanged(money("tx1", paid, { from: paid, to: after(monthOne, { hours: 5 }) }, { kind: "first" }), {
        method: "web3"
      })
    )
    const [subscription] = state.subscriptions
    assert.deepStrictEqual(subscription?.anchor, paid)
    assert.deepStrictEqual(subscription?.periodStart, paid)
    assert.deepStrictEqual(subscription?.activatedAt, paid)
    assert.deepStrictEqual(subscription?.paidThrough, time("2027-02-28T15:00:00.000Z"))
  })

  it("end on the day of the month of the first payment, also after a shorter month", () => {
    const february = subscribedByUs()
    assert.deepStrictEqual(periodOf(february), ["2027-01-31", "2027-01-31", "2027-02-28"])
    const march = renewed(february, "tx2").state
    assert.deepStrictEqual(periodOf(march), ["2027-01-31", "2027-02-28", "2027-03-31"])
    const april = renewed(march, "tx3").state
    assert.deepStrictEqual(periodOf(april), ["2027-01-31", "2027-03-31", "2027-04-30"])
    assert.deepStrictEqual(periodOf(renewed(april, "tx4").state), ["2027-01-31", "2027-04-30", "2027-05-31"])
  })

  it("are named in the payments that pay for them", () => {
    const { state } = renewed(subscribedByUs(), "tx2").yields(
      Events.reminderDue(7),
      Events.reminderDue(3),
      Events.reminderDue(1),
      Events.paymentRecorded(money("tx2", after(monthOne, { days: -1 })), { method: "web3" }),
      Events.renewed(monthOne, monthTwo),
      Events.paymentChanged(money("tx2", after(monthOne, { days: -1 }), { from: monthOne, to: monthTwo }), {
        method: "web3"
      })
    )
    const [, second] = state.payments
    assert.deepStrictEqual([second?.periodStart, second?.periodEnd], [monthOne, monthTwo])
  })
})

describe("A renewal that is billed here", () => {
  it("brings the pending change of plan, and keeps the anchor if the interval stays", () => {
    const step = renewed(changing(enterprise, proMonthly), "tx2").yields(
      Events.reminderDue(7),
      Events.reminderDue(3),
      Events.reminderDue(1),
      Events.paymentRecorded(money("tx2", after(monthOne, { days: -1 })), { method: "web3" }),
      Events.changed(proMonthly, monthOne),
      Events.renewed(monthOne, monthTwo),
      Events.paymentChanged(money("tx2", after(monthOne, { days: -1 }), { from: monthOne, to: monthTwo }), {
        method: "web3"
      })
    )
    const [subscription] = step.state.subscriptions
    assert.deepStrictEqual(subscription?.terms, proMonthly)
    assert.isUndefined(subscription?.change)
    assert.deepStrictEqual(subscription?.tierSince, monthOne)
    assert.deepStrictEqual(periodOf(step.state), ["2027-01-31", "2027-02-28", "2027-03-31"])
  })

  it("with another interval starts a new anchor at the end of the last period", () => {
    const longer = renewed(changing(enterprise, plan("PRO", "yearly")), "tx2").state
    assert.deepStrictEqual(longer.subscriptions[0]?.terms, plan("PRO", "yearly"))
    assert.deepStrictEqual(periodOf(longer), ["2027-02-28", "2027-02-28", "2028-02-28"])
    const shorter = renewed(changing(plan("PRO", "yearly"), proMonthly), "tx2").state
    assert.deepStrictEqual(periodOf(shorter), ["2028-01-31", "2028-01-31", "2028-02-29"])
  })
})
