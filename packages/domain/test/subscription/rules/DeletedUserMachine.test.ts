import type { BillingAccount, BillingAccountStep } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  after,
  buyLifetime,
  create,
  done,
  external,
  firstMoney,
  firstMonth,
  money,
  monthOne,
  monthTwo,
  nobody,
  plan,
  providerSubscription,
  secondMonth,
  snapshot,
  start,
  subscribed,
  tags,
  told
} from "../given.ts"

const second = after(monthOne, { hours: 1 })
const leftAt = DateTime.add(second, { milliseconds: 400 })
const minute = DateTime.add(leftAt, { minutes: 1 })
const hour = after(leftAt, { hours: 1 })

const leave = (account: BillingAccount, at = minute) => done(account, { _tag: "EndBilling", leftAt }, at)

const back = ({ intents }: BillingAccountStep) =>
  intents.flatMap(({ intent }) => intent._tag === "Refund" ? [intent.paymentIntent] : [])

const renewal = (paidAt: DateTime.Utc, rest: Parameters<typeof money>[3] = {}) =>
  money("second", paidAt, { from: monthOne, to: monthTwo }, rest)

/** The renewal was heard of before anybody looked after the deletion. */
const renewed = (paidAt: DateTime.Utc, rest: Parameters<typeof money>[3] = {}) =>
  done(subscribed(), secondMonth(leftAt, {}, [firstMoney, renewal(paidAt, rest)]), leftAt).account

describe("somebody who has deleted their account", () => {
  it("has back what was paid from the second of the deletion on, and nothing of before", () => {
    assert.deepStrictEqual(back(leave(renewed(second))), [external("pi_second")])
    assert.deepStrictEqual(back(leave(renewed(DateTime.subtract(second, { seconds: 1 })))), [])
  })

  it("has it back once, whatever is told or looked for again", () => {
    const { account } = leave(renewed(second))
    const ended = secondMonth(hour, { status: "canceled", endedAt: minute }, [firstMoney, renewal(second)])
    const again = done(account, ended, hour)
    assert.deepStrictEqual(back(again), [])
    assert.deepStrictEqual(back(leave(again.account, hour)), [])
  })

  it("has a plan for good no more that was paid since, and keeps one of before", () => {
    const late = leave(buyLifetime(nobody, 1, "PRO", minute).account)
    assert.deepStrictEqual(tags(late), ["BillingEnded", "Cancelled", "LatePayment"])
    assert.deepStrictEqual(back(late), [external("pi_life")])
    assert.strictEqual(late.account.memberships[0]?.state, "revoked")
    const early = leave(buyLifetime(nobody, 1, "PRO", start).account)
    assert.deepStrictEqual(tags(early), ["BillingEnded"])
    assert.strictEqual(early.account.memberships[0]?.state, "active")
  })

  it("has a change back that is paid since, also where its period is over before that of the former plan", () => {
    const yearly = plan("PRO", "yearly")
    const yearOne = DateTime.add(start, { years: 1 })
    const year = money("first", start, { from: start, to: yearOne }, { kind: "first", amount: yearly.price })
    const provider = { periodStart: start, periodEnd: yearOne, terms: yearly }
    const begun = done(
      done(nobody, create(1, yearly), start).account,
      snapshot(1, start, { subscription: providerSubscription(provider), payments: [year] }),
      start
    )
    const { account } = leave(begun.account)
    const change = money("change", minute, { from: minute, to: after(minute, { days: 30 }) }, { kind: "change" })
    const heard = snapshot(1, hour, {
      subscription: providerSubscription({ ...provider, status: "canceled", endedAt: after(minute, { hours: 0.5 }) }),
      payments: [year, change]
    })
    assert.deepStrictEqual(back(done(account, heard, hour)), [external("pi_change")])
  })

  it("has nothing back twice of what a bank may take back", () => {
    const disputed = (state: "open" | "won" | "lost") => ({
      disputes: [{ externalId: external("dp_1"), state, openedAt: second }]
    })
    for (const state of ["open", "lost"] as const) {
      assert.deepStrictEqual(back(leave(renewed(second, disputed(state)))), [])
    }
    assert.deepStrictEqual(back(leave(renewed(second, disputed("won")))), [external("pi_second")])
  })

  it("has invoices voided that become known only after the end", () => {
    const { account } = leave(subscribed())
    const openInvoice = { externalId: external("in_open") }
    const heard = firstMonth(hour, { status: "canceled", endedAt: minute, openInvoice })
    assert.deepStrictEqual(told(done(account, heard, hour)), ["VoidOpenInvoice"])
  })
})
