import type { BillingAccount } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  after,
  buyLifetime,
  create,
  done,
  emptyAccount,
  external,
  firstMoney,
  firstMonth,
  lifeMoney,
  money,
  monthOne,
  monthTwo,
  plan,
  providerSubscription,
  secondMoney,
  secondMonth,
  snapshot,
  start,
  subscribed
} from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"
import * as Intents from "../Intents.ts"

const second = after(monthOne, { hours: 1 })
const leftAt = DateTime.add(second, { milliseconds: 400 })
const minute = DateTime.add(leftAt, { minutes: 1 })
const hour = after(leftAt, { hours: 1 })

const leave = (account: BillingAccount, at = minute) => given(account).when({ _tag: "EndBilling", leftAt }, at)

const renewal = (paidAt: DateTime.Utc, rest: Parameters<typeof money>[3] = {}) =>
  money("second", paidAt, { from: monthOne, to: monthTwo }, rest)

/** The renewal was observed before the deletion was applied. */
const renewed = (paidAt: DateTime.Utc, rest: Parameters<typeof money>[3] = {}) =>
  done(subscribed(), secondMonth(leftAt, {}, [firstMoney, renewal(paidAt, rest)]), leftAt).account

describe("A deleted user", () => {
  it("gets a refund of payments from the second of the deletion on, and of no earlier payments", () => {
    leave(renewed(second)).yields(
      Events.cancelled(minute),
      Events.billingEnded(leftAt),
      Events.latePayment(true, secondMoney.id)
    ).tells(Intents.cancelNow(), Intents.refund(secondMoney))
    leave(renewed(DateTime.subtract(second, { seconds: 1 }))).yields(
      Events.cancelled(minute),
      Events.billingEnded(leftAt)
    ).tells(Intents.cancelNow())
  })

  it("gets the refund once, however often a report arrives or the deletion is applied", () => {
    const account = leave(renewed(second)).state
    const ended = secondMonth(hour, { status: "canceled", endedAt: minute }, [firstMoney, renewal(second)])
    const again = given(account).when(ended, hour).yields(Events.synced(hour)).tellsNothing()
    leave(again.state, hour).changesNothing().tellsNothing()
  })

  it("loses a lifetime membership that was paid since, and keeps an earlier one", () => {
    const late = leave(buyLifetime(emptyAccount, 1, "PRO", minute).account).yields(
      Events.billingEnded(leftAt),
      Events.cancelled(minute),
      Events.latePayment(true)
    ).tells(Intents.refund(lifeMoney("PRO", start)))
    assert.strictEqual(late.state.memberships[0]?.state, "revoked")
    const early = leave(buyLifetime(emptyAccount, 1, "PRO", start).account).yields(Events.billingEnded(leftAt))
      .tellsNothing()
    assert.strictEqual(early.state.memberships[0]?.state, "active")
  })

  it("gets a refund of a change that is paid since, even if its period ends before that of the former plan", () => {
    const yearly = plan("PRO", "yearly")
    const yearOne = DateTime.add(start, { years: 1 })
    const year = money("first", start, { from: start, to: yearOne }, { kind: "first", amount: yearly.price })
    const provider = { periodStart: start, periodEnd: yearOne, terms: yearly }
    const begun = done(
      done(emptyAccount, create(1, yearly), start).account,
      snapshot(1, start, { subscription: providerSubscription(provider), payments: [year] }),
      start
    )
    const account = leave(begun.account).state
    const change = money("change", minute, { from: minute, to: after(minute, { days: 30 }) }, { kind: "change" })
    const heard = snapshot(1, hour, {
      subscription: providerSubscription({ ...provider, status: "canceled", endedAt: after(minute, { hours: 0.5 }) }),
      payments: [year, change]
    })
    given(account).when(heard, hour).yields(
      Events.paymentRecorded(change),
      Events.latePayment(true, change.id),
      Events.synced(hour)
    ).tells(Intents.refund(change))
  })

  it("gets no refund of a payment that a bank may return", () => {
    const disputed = (state: "open" | "won" | "lost") => ({
      disputes: [{ externalId: external("dp_1"), state, openedAt: second }]
    })
    const outcomes = [
      ["open", [Events.cancelled(minute)], [Intents.cancelNow()]],
      // The lost dispute has ended the subscription.
      ["lost", [], []]
    ] as const
    for (const [state, events, intents] of outcomes) {
      leave(renewed(second, disputed(state))).yields(...events, Events.billingEnded(leftAt)).tells(...intents)
    }
    leave(renewed(second, disputed("won"))).yields(
      Events.cancelled(minute),
      Events.billingEnded(leftAt),
      Events.latePayment(true, secondMoney.id)
    ).tells(Intents.cancelNow(), Intents.refund(secondMoney))
  })

  it("has invoices voided that are reported only after the end", () => {
    const account = leave(subscribed()).state
    const openInvoice = { externalId: external("in_open") }
    const heard = firstMonth(hour, { status: "canceled", endedAt: minute, openInvoice })
    given(account).when(heard, hour).yields(Events.synced(hour)).tells(Intents.voidOpenInvoice())
  })
})
