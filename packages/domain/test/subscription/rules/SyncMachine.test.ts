import { accountAt, defaultPlans, summaryOf } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  accessAt,
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
  plan,
  providerSubscription,
  refused,
  secondMonth,
  snapshot,
  start,
  subscribed,
  tags,
  time,
  told,
  unpaidMonth
} from "../given.ts"

const soon = after(start, { days: 1 })
const page = "https://pay.example/i"

const openInvoice = { externalId: external("in_2"), url: page }

const stateOf = (account: ReturnType<typeof subscribed>) => account.subscriptions[0]?.state

describe("what the provider says", () => {
  it("twice changes nothing the second time", () => {
    const once = done(subscribed(), secondMonth(monthOne), monthOne)
    assert.deepStrictEqual(tags(once), ["SyncRequested", "PaymentRecorded", "Renewed", "Synced"])
    assert.deepStrictEqual(tags(done(once.account, secondMonth(monthOne), monthOne)), [])
  })

  it("earlier than what is known already adds its money and moves nothing", () => {
    const renewed = done(subscribed(), secondMonth(monthOne), monthOne).account
    const step = done(renewed, firstMonth(soon, { endsAt: monthOne }), monthOne)
    assert.deepStrictEqual(tags(step), [])
  })

  it("of a failed charge makes it past due, with the page to pay on, and of a later one recovers it", () => {
    const failed = done(subscribed(), unpaidMonth(monthOne, { openInvoice }), monthOne)
    assert.deepStrictEqual(tags(failed), ["SyncRequested", "ChargeFailed", "Synced"])
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
    const failed = done(subscribed(), unpaidMonth(monthOne, { openInvoice }), monthOne).account
    const graceOver = after(monthOne, { days: 7 })
    const step = done(failed, unpaidMonth(graceOver, { openInvoice }), graceOver)
    assert.deepStrictEqual(tags(step), ["SyncRequested", "CollectionStopped", "Synced"])
    assert.deepStrictEqual(told(step), ["CancelNow", "VoidOpenInvoice"])
    assert.strictEqual(stateOf(step.account), "past_due")
    assert.strictEqual(accessAt(step.account, graceOver).source, "none")
    const hour = after(graceOver, { hours: 1 })
    assert.deepStrictEqual(told(done(step.account, unpaidMonth(hour, { openInvoice }), hour)), ["CancelNow"])
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
    const unsaid = unpaidMonth(hour, { status: "canceled", endedAt: graceOver, endedUnpaid: false })
    assert.strictEqual(stateOf(done(step.account, unsaid, hour).account), "expired")
    assert.deepStrictEqual(over.subscriptions[0]?.endedAt, graceOver)
  })

  it("of an unpaid one takes access at once, whatever the grace", () => {
    const day = after(monthOne, { days: 1 })
    const pastDue = done(subscribed(), unpaidMonth(day, { openInvoice }), day).account
    assert.strictEqual(accessAt(pastDue, day).tier, "PRO")
    const unpaid = done(subscribed(), unpaidMonth(day, { openInvoice, status: "unpaid" }), day).account
    assert.strictEqual(accessAt(unpaid, day).source, "none")
  })

  it("of a cancellation made in the portal flags it, and of its undoing takes that back", () => {
    const flagged = done(subscribed(), firstMonth(soon, { endsAt: monthOne }), soon)
    assert.deepStrictEqual(tags(flagged), ["CancelScheduled", "Synced"])
    assert.strictEqual(flagged.account.subscriptions[0]?.ending?.cause, "provider")
    const day = after(soon, { days: 1 })
    assert.deepStrictEqual(tags(done(flagged.account, firstMonth(day), day)), ["CancelUndone", "Synced"])
  })

  it("of its end ends it", () => {
    const step = done(subscribed(), firstMonth(soon, { status: "canceled", endedAt: soon }), soon)
    assert.deepStrictEqual(tags(step), ["Ended", "Synced"])
    assert.strictEqual(stateOf(step.account), "cancelled")
  })

  it("in words that nobody knows changes nothing", () => {
    for (const status of ["unknown", "paused"] as const) {
      assert.deepStrictEqual(tags(done(subscribed(), firstMonth(soon, { status }), soon)), ["Synced"])
    }
  })

  it("of a period that is another than ours corrects ours", () => {
    const anchor = after(start, { hours: 1 })
    assert.deepStrictEqual(tags(done(subscribed(), firstMonth(soon, { anchor }), soon)), [
      "PeriodCorrected",
      "Synced"
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
    assert.deepStrictEqual(tags(step), ["PaymentRecorded", "LatePayment", "Synced"])
    assert.deepStrictEqual(told(step), ["Refund", "CancelNow"])
  })

  it("of a first payment that failed for good lets it lapse", () => {
    const pending = done(nobody, create(1), start).account
    const failed = snapshot(1, soon, {
      subscription: providerSubscription({ status: "incomplete_expired", periodStart: start, periodEnd: monthOne })
    })
    assert.deepStrictEqual(tags(done(pending, failed, start)), ["CheckoutExpired", "Synced"])
  })

  it("of an end for an unpaid invoice expires it, also where it was not we who gave up", () => {
    const failed = done(subscribed(), unpaidMonth(monthOne, { openInvoice }), monthOne).account
    const day = after(monthOne, { days: 2 })
    for (const [endedUnpaid, state] of [[true, "expired"], [false, "cancelled"]] as const) {
      const step = done(failed, unpaidMonth(day, { status: "canceled", endedAt: day, endedUnpaid }), day)
      assert.deepInclude(step.account.subscriptions[0], { state, endedAt: day })
    }
  })

  it("of a debt that was forgiven recovers it without a new period", () => {
    const failed = done(subscribed(), unpaidMonth(monthOne, { openInvoice }), monthOne).account
    const day = after(monthOne, { days: 2 })
    const step = done(failed, secondMonth(day, {}, [firstMoney]), day)
    assert.include(tags(step), "Recovered")
    assert.notInclude(tags(step), "Renewed")
    assert.strictEqual(stateOf(step.account), "active")
    assert.deepStrictEqual(step.account.subscriptions[0]?.paidThrough, monthOne)
    assert.isUndefined(step.account.subscriptions[0]?.invoiceUrl)
  })

  it("of another end of what is flagged moves that, whoever flagged it", () => {
    const byUser = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon).account
    const byPortal = done(subscribed(), firstMonth(soon, { endsAt: monthOne }), soon).account
    const day = after(soon, { days: 1 })
    const endsAt = after(soon, { days: 9 })
    for (const [flagged, cause] of [[byUser, "user"], [byPortal, "provider"]] as const) {
      const step = done(flagged, firstMonth(day, { endsAt }), day)
      assert.deepStrictEqual(tags(step), ["CancelScheduled", "Synced"])
      assert.deepStrictEqual(told(step), [])
      assert.deepStrictEqual(step.account.subscriptions[0]?.ending, { endsAt, since: soon, cause })
    }
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

  it("ask it at the end that it named, before that of the period", () => {
    const endsAt = after(soon, { days: 20 })
    const flagged = done(subscribed(), firstMonth(soon, { endsAt }), soon).account
    const lastMoment = DateTime.subtract(endsAt, { milliseconds: 1 })
    assert.deepStrictEqual(done(flagged, { _tag: "Tick" }, lastMoment).syncs, [])
    const step = done(flagged, { _tag: "Tick" }, endsAt)
    assert.include(tags(step), "SyncRequested")
    assert.strictEqual(step.syncs.length, 1)
    assert.deepStrictEqual(step.account.subscriptions[0]?.askedAt, endsAt)
    assert.strictEqual(stateOf(step.account), "active")
  })

  it("give access for the grace of a renewal and none beyond it, however late anybody looks", () => {
    const end = after(monthOne, { days: 7 })
    const lastMoment = DateTime.subtract(end, { milliseconds: 1 })
    assert.strictEqual(accessAt(accountAt(subscribed(), lastMoment), lastMoment).tier, "PRO")
    assert.strictEqual(accessAt(accountAt(subscribed(), end), end).source, "none")
  })

  it("give what is flagged no grace", () => {
    const flagged = done(subscribed(), firstMonth(soon, { endsAt: monthOne }), soon).account
    assert.strictEqual(accessAt(accountAt(flagged, monthOne), monthOne).source, "none")
  })
})

describe("money that the provider took for nothing", () => {
  const hour = after(monthOne, { hours: 1 })
  const late = money("second", hour, { from: monthOne, to: monthTwo })

  it("after the end goes back, although both are heard of at once", () => {
    const owing = done(subscribed(), unpaidMonth(monthOne, { openInvoice }), monthOne).account
    for (const [account, endedUnpaid, end] of [[subscribed(), false, "Ended"], [owing, true, "Expired"]] as const) {
      const ended = { status: "canceled", endedAt: monthOne, endedUnpaid } as const
      const step = done(account, secondMonth(after(hour, { hours: 1 }), ended, [firstMoney, late]), hour)
      assert.deepStrictEqual(tags(step).filter((tag) => tag !== "SyncRequested"), [
        "PaymentRecorded",
        end,
        "LatePayment",
        "Synced"
      ])
      const returned = step.records.map(({ event }) => event).find(({ _tag }) => _tag === "LatePayment")
      assert.deepInclude(returned, { returned: true })
      assert.deepStrictEqual(told(step), ["Refund"])
      assert.deepInclude(step.account.subscriptions[0], { paidThrough: monthOne, endedAt: monthOne })
    }
  })

  it("beyond the end that was agreed goes back, where the cancellation came too late", () => {
    const flagged = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon).account
    const at = after(hour, { hours: 2 })
    // The provider may have taken the cancellation for the end of the period that it had just charged for.
    for (const moved of [{}, { endsAt: monthTwo }]) {
      const ended = { status: "canceled", endedAt: after(hour, { hours: 1 }), ...moved } as const
      const step = done(flagged, secondMonth(at, ended, [firstMoney, late]), at)
      assert.include(tags(step), "LatePayment")
      assert.deepStrictEqual(told(step), ["Refund"])
      assert.strictEqual(stateOf(step.account), "cancelled")
    }
  })

  it("for a year whose place a change had taken pays for nothing", () => {
    const yearly = plan("PRO", "yearly")
    const enterprise = plan("ENTERPRISE", "monthly")
    const year = time("2028-01-31T10:00:00.000Z")
    const nextYear = time("2029-01-31T10:00:00.000Z")
    const changed = after(year, { hours: 0.5 })
    const changedUntil = time("2028-02-29T10:30:00.000Z")
    const first = money("first", start, { from: start, to: year }, { kind: "first", amount: yearly.price })
    const up = money("up", changed, { from: changed, to: changedUntil }, { kind: "change" })
    const renewal = money("renewal", after(year, { hours: 1 }), { from: year, to: nextYear }, { amount: yearly.price })
    const begun = done(
      done(nobody, create(1, yearly), start).account,
      snapshot(1, start, {
        subscription: providerSubscription({ terms: yearly, periodStart: start, periodEnd: year }),
        payments: [first]
      }),
      start
    ).account
    assert.deepStrictEqual(begun.subscriptions[0]?.paidThrough, year)
    const onEnterprise = (observedAt: DateTime.Utc, payments: ReadonlyArray<typeof first>) =>
      snapshot(1, observedAt, {
        subscription: providerSubscription({
          terms: enterprise,
          anchor: changed,
          periodStart: changed,
          periodEnd: changedUntil
        }),
        payments
      })
    const asChanged = done(begun, onEnterprise(changed, [first, up]), changed).account
    assert.deepStrictEqual(asChanged.subscriptions[0]?.paidThrough, changedUntil)
    const seen = after(year, { hours: 2 })
    const step = done(asChanged, onEnterprise(seen, [first, up, renewal]), seen)
    assert.deepStrictEqual(tags(step), ["PaymentRecorded", "Synced"])
    assert.deepStrictEqual(step.account.subscriptions[0]?.paidThrough, changedUntil)
    const atOnce = done(begun, onEnterprise(seen, [first, up, renewal]), seen).account
    assert.deepStrictEqual(atOnce.subscriptions[0]?.paidThrough, changedUntil)
  })

  it("of a credit is kept as it is now, and is an event only where it is another", () => {
    const credit = { ...firstMoney.amount, minorUnits: 300n }
    const left = { ...credit, minorUnits: 120n }
    const day = (days: number) => after(start, { days })
    const begun = done(subscribed(), firstMonth(day(1), { credit }), day(1))
    assert.deepStrictEqual(tags(begun), ["CreditChanged", "Synced"])
    assert.deepStrictEqual(summaryOf(begun.account, day(1), defaultPlans).credit, credit)
    assert.deepStrictEqual(tags(done(begun.account, firstMonth(day(2), { credit }), day(2))), ["Synced"])
    const used = done(begun.account, firstMonth(day(3), { credit: left }), day(3)).account
    assert.deepStrictEqual(summaryOf(used, day(3), defaultPlans).credit, left)
    const over = done(used, firstMonth(day(4)), day(4)).account
    assert.isUndefined(summaryOf(over, day(4), defaultPlans).credit)

    const ended = done(used, firstMonth(day(4), { credit: left, status: "canceled", endedAt: day(4) }), day(4)).account
    assert.deepStrictEqual(summaryOf(ended, day(4), defaultPlans).credit, left)
    const ordered = done(ended, create(2), day(5)).account
    assert.deepStrictEqual(summaryOf(ordered, day(5), defaultPlans).credit, left)
    const second = providerSubscription({
      externalId: external("sub_2"),
      anchor: day(5),
      periodStart: day(5),
      periodEnd: day(36)
    })
    const payments = [money("next", day(5), { from: day(5), to: day(36) }, { kind: "first" })]
    const anew = done(ordered, snapshot(2, day(5), { subscription: second, payments }), day(5)).account
    assert.isUndefined(summaryOf(anew, day(5), defaultPlans).credit)
  })
})
