import { accessAt, settledAt } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  after,
  create,
  done,
  external,
  firstMoney,
  firstMonth,
  money,
  monthOne,
  monthTwo,
  nobody,
  providerSubscription,
  refused,
  snapshot,
  start,
  subscribed,
  tags,
  told
} from "./given.ts"

const soon = after(start, { days: 1 })
const page = "https://pay.example/i"

const secondMonth = (observedAt: DateTime.Utc) =>
  snapshot(1, observedAt, {
    subscription: providerSubscription({ periodStart: monthOne, periodEnd: monthTwo }),
    payments: [firstMoney, money("second", monthOne, { from: monthOne, to: monthTwo })]
  })

const unpaidMonth = (observedAt: DateTime.Utc, status: "past_due" | "unpaid" = "past_due") =>
  snapshot(1, observedAt, {
    subscription: providerSubscription({
      status,
      periodStart: monthOne,
      periodEnd: monthTwo,
      openInvoice: { externalId: external("in_2"), url: page }
    }),
    payments: [firstMoney]
  })

const stateOf = (account: ReturnType<typeof subscribed>) => account.subscriptions[0]?.state

describe("what the provider says", () => {
  it("twice changes nothing the second time", () => {
    const once = done(subscribed(), secondMonth(monthOne), monthOne)
    assert.deepStrictEqual(tags(once), ["SyncRequested", "PaymentRecorded", "Renewed", "Observed"])
    assert.deepStrictEqual(tags(done(once.account, secondMonth(monthOne), monthOne)), [])
  })

  it("earlier than what is known already adds its money and moves nothing", () => {
    const renewed = done(subscribed(), secondMonth(monthOne), monthOne).account
    const step = done(renewed, firstMonth(soon, { endsAt: monthOne }), monthOne)
    assert.deepStrictEqual(tags(step), [])
  })

  it("of a failed charge makes it past due, with the page to pay on, and of a later one recovers it", () => {
    const failed = done(subscribed(), unpaidMonth(monthOne), monthOne)
    assert.deepStrictEqual(tags(failed), ["SyncRequested", "ChargeFailed", "Observed"])
    assert.strictEqual(stateOf(failed.account), "past_due")
    assert.strictEqual(failed.account.subscriptions[0]?.invoiceUrl, page)
    assert.deepStrictEqual(failed.account.subscriptions[0]?.paidThrough, monthOne)
    const step = done(failed.account, secondMonth(after(monthOne, { days: 2 })), after(monthOne, { days: 2 }))
    assert.strictEqual(stateOf(step.account), "active")
    assert.deepInclude(step.records.map(({ event }) => event).find(({ _tag }) => _tag === "Renewed"), {
      recovered: true
    })
  })

  it("of an invoice unpaid through the grace has it ended there; paid first, it recovers", () => {
    const failed = done(subscribed(), unpaidMonth(monthOne), monthOne).account
    const graceOver = after(monthOne, { days: 7 })
    const step = done(failed, unpaidMonth(graceOver), graceOver)
    assert.deepStrictEqual(tags(step), ["SyncRequested", "Abandoned", "Observed"])
    assert.deepStrictEqual(told(step), ["CancelNow", "VoidOpenInvoice"])
    assert.strictEqual(stateOf(step.account), "past_due")
    assert.strictEqual(accessAt(step.account, graceOver).source, "none")
    const hour = after(graceOver, { hours: 1 })
    assert.deepStrictEqual(told(done(step.account, unpaidMonth(hour), hour)), [])
    assert.strictEqual(stateOf(done(step.account, secondMonth(hour), hour).account), "active")
    const ended = snapshot(1, hour, {
      subscription: providerSubscription({
        status: "canceled",
        periodStart: monthOne,
        periodEnd: monthTwo,
        endedAt: graceOver,
        endedUnpaid: true
      }),
      payments: [firstMoney]
    })
    const over = done(step.account, ended, hour).account
    assert.strictEqual(stateOf(over), "expired")
    assert.deepStrictEqual(over.subscriptions[0]?.endedAt, graceOver)
  })

  it("of an unpaid one takes access at once, whatever the grace", () => {
    const day = after(monthOne, { days: 1 })
    const pastDue = done(subscribed(), unpaidMonth(day), day).account
    assert.strictEqual(accessAt(pastDue, day).tier, "PRO")
    const unpaid = done(subscribed(), unpaidMonth(day, "unpaid"), day).account
    assert.strictEqual(accessAt(unpaid, day).source, "none")
  })

  it("of a cancellation made in the portal flags it, and of its undoing takes that back", () => {
    const flagged = done(subscribed(), firstMonth(soon, { endsAt: monthOne }), soon)
    assert.deepStrictEqual(tags(flagged), ["CancelScheduled", "Observed"])
    assert.strictEqual(flagged.account.subscriptions[0]?.ending?.cause, "provider")
    const day = after(soon, { days: 1 })
    assert.deepStrictEqual(tags(done(flagged.account, firstMonth(day), day)), ["CancelUndone", "Observed"])
  })

  it("of its end ends it", () => {
    const step = done(subscribed(), firstMonth(soon, { status: "canceled", endedAt: soon }), soon)
    assert.deepStrictEqual(tags(step), ["Ended", "Observed"])
    assert.strictEqual(stateOf(step.account), "cancelled")
  })

  it("in words that nobody knows changes nothing", () => {
    for (const status of ["unknown", "paused"] as const) {
      assert.deepStrictEqual(tags(done(subscribed(), firstMonth(soon, { status }), soon)), ["Observed"])
    }
  })

  it("of a period that is another than ours corrects ours", () => {
    const anchor = after(start, { hours: 1 })
    assert.deepStrictEqual(tags(done(subscribed(), firstMonth(soon, { anchor }), soon)), [
      "PeriodCorrected",
      "Observed"
    ])
  })

  it("of something that ended here but goes on there has it ended there, too", () => {
    const cancelled = done(subscribed(), { _tag: "Cancel", when: "now", confirmed: true }, soon).account
    const day = after(soon, { days: 1 })
    const step = done(cancelled, firstMonth(day), day)
    assert.deepStrictEqual(told(step), ["CancelNow"])
    assert.strictEqual(stateOf(step.account), "cancelled")
  })

  it("of a renewal that was charged after the end gives the money back", () => {
    const cancelled = done(subscribed(), { _tag: "Cancel", when: "now", confirmed: true }, soon).account
    const step = done(cancelled, secondMonth(monthOne), monthOne)
    assert.deepStrictEqual(tags(step), ["PaymentRecorded", "LatePayment", "Observed"])
    assert.deepStrictEqual(told(step), ["Refund", "CancelNow"])
  })

  it("of a first payment that failed for good lets it lapse", () => {
    const pending = done(nobody, create(1), start).account
    const failed = snapshot(1, soon, {
      subscription: providerSubscription({ status: "incomplete_expired", periodStart: start, periodEnd: monthOne })
    })
    assert.deepStrictEqual(tags(done(pending, failed, start)), ["Lapsed", "Observed"])
  })

  it("about a purchase that is not this person's is refused", () => {
    assert.strictEqual(refused(nobody, firstMonth(soon), soon), "NoSubscription")
  })
})

describe("deadlines of what the provider bills", () => {
  it("ask it, once each, and change nothing by themselves", () => {
    const late = after(monthOne, { days: 30 })
    const step = done(subscribed(), { _tag: "Tick" }, late)
    assert.deepStrictEqual(tags(step), ["SyncRequested", "SyncRequested"])
    assert.deepStrictEqual(step.syncs.length, 1)
    assert.deepStrictEqual(step.records.map(({ at }) => at), [monthOne, after(monthOne, { days: 7 })])
    assert.strictEqual(stateOf(step.account), "active")
    assert.deepStrictEqual(tags(done(step.account, { _tag: "Tick" }, late)), [])
  })

  it("give access for the grace of a renewal and none beyond it, however late anybody looks", () => {
    const end = after(monthOne, { days: 7 })
    const lastMoment = DateTime.subtract(end, { milliseconds: 1 })
    assert.strictEqual(accessAt(settledAt(subscribed(), lastMoment), lastMoment).tier, "PRO")
    assert.strictEqual(accessAt(settledAt(subscribed(), end), end).source, "none")
  })

  it("give what is flagged no grace", () => {
    const flagged = done(subscribed(), firstMonth(soon, { endsAt: monthOne }), soon).account
    assert.strictEqual(accessAt(settledAt(flagged, monthOne), monthOne).source, "none")
  })
})
