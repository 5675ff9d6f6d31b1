import { accountAt, defaultPlans, NoSubscription, summaryOf } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  accessAt,
  after,
  create,
  done,
  emptyAccount,
  external,
  firstMoney,
  firstMonth,
  money,
  monthOne,
  monthTwo,
  plan,
  providerSubscription,
  purchaseId,
  secondMoney,
  secondMonth,
  snapshot,
  start,
  subscribed,
  time,
  unpaidMonth
} from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"
import * as Intents from "../Intents.ts"

const soon = after(start, { days: 1 })
const page = "https://pay.example/i"

const openInvoice = { externalId: external("in_2"), url: page }

const stateOf = (account: ReturnType<typeof subscribed>) => account.subscriptions[0]?.state

describe("An observation of the provider", () => {
  it("changes nothing the second time", () => {
    const once = given(subscribed()).when(secondMonth(monthOne), monthOne).yields(
      Events.syncRequested(monthOne),
      Events.paymentRecorded(secondMoney),
      Events.renewed(monthOne, monthTwo),
      Events.synced(monthOne)
    )
    once.after.when(secondMonth(monthOne), monthOne).changesNothing()
  })

  it("that is older than the last one changes nothing", () => {
    const renewed = done(subscribed(), secondMonth(monthOne), monthOne).account
    given(renewed).when(firstMonth(soon, { endsAt: monthOne }), monthOne).changesNothing()
  })

  it("of a failed charge makes the subscription past due, with the page of the invoice, until it is paid", () => {
    const failed = given(subscribed()).when(unpaidMonth(monthOne, { openInvoice }), monthOne).yields(
      Events.syncRequested(monthOne),
      Events.chargeFailed(page),
      Events.synced(monthOne)
    )
    assert.strictEqual(stateOf(failed.state), "past_due")
    assert.strictEqual(failed.state.subscriptions[0]?.invoiceUrl, page)
    assert.deepStrictEqual(failed.state.subscriptions[0]?.paidThrough, monthOne)
    const step = failed.after.when(secondMonth(after(monthOne, { days: 2 })), after(monthOne, { days: 2 })).yields(
      Events.paymentRecorded(secondMoney),
      Events.renewed(monthOne, monthTwo, { recovered: true }),
      Events.synced(after(monthOne, { days: 2 }))
    ).tellsNothing()
    assert.strictEqual(stateOf(step.state), "active")
  })

  it("of an invoice that is unpaid through the grace period ends the subscription unless it is paid", () => {
    const failed = done(subscribed(), unpaidMonth(monthOne, { openInvoice }), monthOne).account
    const graceOver = after(monthOne, { days: 7 })
    const step = given(failed).when(unpaidMonth(graceOver, { openInvoice }), graceOver).yields(
      Events.syncRequested(graceOver),
      Events.collectionStopped(),
      Events.synced(graceOver)
    ).tells(Intents.cancelIfUnpaid(), Intents.voidOpenInvoice())
    assert.strictEqual(stateOf(step.state), "past_due")
    assert.strictEqual(accessAt(step.state, graceOver).source, "none")
    const hour = after(graceOver, { hours: 1 })
    step.after.when(unpaidMonth(hour, { openInvoice }), hour).yields(Events.synced(hour)).tells(
      Intents.cancelIfUnpaid()
    )
    const recovered = step.after.when(secondMonth(hour), hour).yields(
      Events.paymentRecorded(secondMoney),
      Events.renewed(monthOne, monthTwo, { recovered: true }),
      Events.synced(hour)
    ).tellsNothing()
    assert.strictEqual(stateOf(recovered.state), "active")
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
    const over =
      step.after.when(ended, hour).yields(Events.expired(graceOver), Events.synced(hour)).tellsNothing().state
    assert.strictEqual(stateOf(over), "expired")
    const unsaid = unpaidMonth(hour, { status: "canceled", endedAt: graceOver, endedUnpaid: false })
    const alsoOver = step.after.when(unsaid, hour).yields(Events.expired(graceOver), Events.synced(hour)).tellsNothing()
    assert.strictEqual(stateOf(alsoOver.state), "expired")
    assert.deepStrictEqual(over.subscriptions[0]?.endedAt, graceOver)
  })

  it("of a status unpaid ends the access at once, even within the grace period", () => {
    const day = after(monthOne, { days: 1 })
    const pastDue = done(subscribed(), unpaidMonth(day, { openInvoice }), day).account
    assert.strictEqual(accessAt(pastDue, day).tier, "PRO")
    const unpaid = done(subscribed(), unpaidMonth(day, { openInvoice, status: "unpaid" }), day).account
    assert.strictEqual(accessAt(unpaid, day).source, "none")
  })

  it("of a cancellation in the portal schedules the end, and of its undoing removes the end", () => {
    const flagged = given(subscribed()).when(firstMonth(soon, { endsAt: monthOne }), soon).yields(
      Events.cancelScheduled("provider", soon),
      Events.synced(soon)
    )
    assert.strictEqual(flagged.state.subscriptions[0]?.ending?.cause, "provider")
    const day = after(soon, { days: 1 })
    flagged.after.when(firstMonth(day), day).yields(Events.cancelUndone(), Events.synced(day))
  })

  it("of the end ends the subscription", () => {
    const step = given(subscribed()).when(firstMonth(soon, { status: "canceled", endedAt: soon }), soon).yields(
      Events.ended(soon),
      Events.synced(soon)
    )
    assert.strictEqual(stateOf(step.state), "cancelled")
  })

  it("of an unknown status changes nothing", () => {
    for (const status of ["unknown", "paused"] as const) {
      given(subscribed()).when(firstMonth(soon, { status }), soon).yields(Events.synced(soon))
    }
  })

  it("of another period corrects the period", () => {
    const anchor = after(start, { hours: 1 })
    given(subscribed()).when(firstMonth(soon, { anchor }), soon).yields(
      Events.periodCorrected(anchor, start, monthOne),
      Events.synced(soon)
    )
  })

  it("of a live subscription that has ended here ends it at the provider", () => {
    const cancelled = done(subscribed(), { _tag: "Cancel", when: "now", confirmed: true }, soon).account
    const day = after(soon, { days: 1 })
    const step = given(cancelled).when(firstMonth(day), day).yields(Events.synced(day)).tells(Intents.cancelNow())
    assert.strictEqual(stateOf(step.state), "cancelled")
  })

  it("of a renewal that was charged after the end refunds the payment", () => {
    const cancelled = done(subscribed(), { _tag: "Cancel", when: "now", confirmed: true }, soon).account
    given(cancelled).when(secondMonth(monthOne), monthOne).yields(
      Events.paymentRecorded(secondMoney),
      Events.latePayment(true, secondMoney.id),
      Events.synced(monthOne)
    ).tells(Intents.refund(secondMoney), Intents.cancelNow())
  })

  it("of a first payment that failed finally lets the purchase lapse", () => {
    const pending = done(emptyAccount, create(1), start).account
    const failed = snapshot(1, soon, {
      subscription: providerSubscription({ status: "incomplete_expired", periodStart: start, periodEnd: monthOne })
    })
    given(pending).when(failed, start).yields(Events.checkoutExpired(), Events.synced(soon))
  })

  it("of an end for an unpaid invoice expires the subscription, even if the grace period was not over", () => {
    const failed = done(subscribed(), unpaidMonth(monthOne, { openInvoice }), monthOne).account
    const day = after(monthOne, { days: 2 })
    const outcomes = [[true, "expired", Events.expired(day)], [false, "cancelled", Events.ended(day)]] as const
    for (const [endedUnpaid, state, end] of outcomes) {
      const step = given(failed).when(unpaidMonth(day, { status: "canceled", endedAt: day, endedUnpaid }), day).yields(
        end,
        Events.synced(day)
      )
      assert.deepInclude(step.state.subscriptions[0], { state, endedAt: day })
    }
  })

  it("of a waived debt recovers the subscription without a new period", () => {
    const failed = done(subscribed(), unpaidMonth(monthOne, { openInvoice }), monthOne).account
    const day = after(monthOne, { days: 2 })
    const step = given(failed).when(secondMonth(day, {}, [firstMoney]), day).yields(
      Events.periodCorrected(start, monthOne, monthOne),
      Events.recovered(),
      Events.synced(day)
    ).tellsNothing()
    assert.strictEqual(stateOf(step.state), "active")
    assert.deepStrictEqual(step.state.subscriptions[0]?.paidThrough, monthOne)
    assert.isUndefined(step.state.subscriptions[0]?.invoiceUrl)
  })

  it("of another end moves the scheduled end, for any cause", () => {
    const byUser = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon).account
    const byPortal = done(subscribed(), firstMonth(soon, { endsAt: monthOne }), soon).account
    const day = after(soon, { days: 1 })
    const endsAt = after(soon, { days: 9 })
    for (const [flagged, cause] of [[byUser, "user"], [byPortal, "provider"]] as const) {
      const step = given(flagged).when(firstMonth(day, { endsAt }), day).yields(
        Events.cancelScheduled(cause, soon, { endsAt }),
        Events.synced(day)
      ).tellsNothing()
      assert.deepStrictEqual(step.state.subscriptions[0]?.ending, { endsAt, since: soon, cause })
    }
  })

  it("of a purchase of another user is refused", () => {
    given(emptyAccount).when(firstMonth(soon), soon).refuses(new NoSubscription())
  })
})

describe("Deadlines of a subscription at the provider", () => {
  it("cause a question to the provider, once each, and change nothing themselves", () => {
    const late = after(monthOne, { days: 30 })
    const step = given(subscribed()).when({ _tag: "Tick" }, late).yields(
      Events.syncRequested(monthOne),
      Events.syncRequested(after(monthOne, { days: 7 }))
    ).tellsNothing()
    assert.deepStrictEqual(done(subscribed(), { _tag: "Tick" }, late).syncs, [purchaseId(1)])
    assert.deepStrictEqual(step.times, [monthOne, after(monthOne, { days: 7 })])
    assert.strictEqual(stateOf(step.state), "active")
    step.after.when({ _tag: "Tick" }, late).changesNothing()
  })

  it("cause a question at the end that the provider named, before the end of the period", () => {
    const endsAt = after(soon, { days: 20 })
    const flagged = done(subscribed(), firstMonth(soon, { endsAt }), soon).account
    const lastMoment = DateTime.subtract(endsAt, { milliseconds: 1 })
    assert.deepStrictEqual(done(flagged, { _tag: "Tick" }, lastMoment).syncs, [])
    const step = given(flagged).when({ _tag: "Tick" }, endsAt).yields(
      Events.reminderDue(7, endsAt),
      Events.reminderDue(3, endsAt),
      Events.reminderDue(1, endsAt),
      Events.syncRequested(endsAt)
    ).tellsNothing()
    assert.deepStrictEqual(done(flagged, { _tag: "Tick" }, endsAt).syncs, [purchaseId(1)])
    assert.deepStrictEqual(step.state.subscriptions[0]?.askedAt, endsAt)
    assert.strictEqual(stateOf(step.state), "active")
  })

  it("give access for the grace period of a renewal and no longer, however late they are applied", () => {
    const end = after(monthOne, { days: 7 })
    const lastMoment = DateTime.subtract(end, { milliseconds: 1 })
    assert.strictEqual(accessAt(accountAt(subscribed(), lastMoment), lastMoment).tier, "PRO")
    assert.strictEqual(accessAt(accountAt(subscribed(), end), end).source, "none")
  })

  it("give no grace period after a scheduled end", () => {
    const flagged = done(subscribed(), firstMonth(soon, { endsAt: monthOne }), soon).account
    assert.strictEqual(accessAt(accountAt(flagged, monthOne), monthOne).source, "none")
  })
})

describe("A charge without a period", () => {
  const hour = after(monthOne, { hours: 1 })
  const late = money("second", hour, { from: monthOne, to: monthTwo })

  it("after the end is refunded, even if both are observed at once", () => {
    const owing = done(subscribed(), unpaidMonth(monthOne, { openInvoice }), monthOne).account
    const ends = [
      [subscribed(), false, [Events.syncRequested(monthOne)], Events.ended(monthOne)],
      [owing, true, [], Events.expired(monthOne)]
    ] as const
    for (const [account, endedUnpaid, due, end] of ends) {
      const ended = { status: "canceled", endedAt: monthOne, endedUnpaid } as const
      const step = given(account).when(secondMonth(after(hour, { hours: 1 }), ended, [firstMoney, late]), hour).yields(
        ...due,
        Events.paymentRecorded(late),
        end,
        Events.latePayment(true, late.id),
        Events.synced(after(hour, { hours: 1 }))
      ).tells(Intents.refund(late))
      assert.deepInclude(step.state.subscriptions[0], { paidThrough: monthOne, endedAt: monthOne })
    }
  })

  it("beyond the agreed end is refunded if the cancellation came too late", () => {
    const flagged = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon).account
    const at = after(hour, { hours: 2 })
    // The provider may have taken the cancellation for the end of the period that it had just charged for.
    const moves = [
      [{}, []],
      [{ endsAt: monthTwo }, [Events.cancelScheduled("user", soon, { endsAt: monthTwo })]]
    ] as const
    for (const [moved, scheduled] of moves) {
      const ended = { status: "canceled", endedAt: after(hour, { hours: 1 }), ...moved } as const
      const step = given(flagged).when(secondMonth(at, ended, [firstMoney, late]), at).yields(
        Events.reminderDue(7),
        Events.reminderDue(3),
        Events.reminderDue(1),
        Events.syncRequested(monthOne),
        Events.paymentRecorded(late),
        Events.renewed(monthOne, monthTwo),
        ...scheduled,
        Events.latePayment(true, late.id),
        Events.ended(after(hour, { hours: 1 })),
        Events.synced(at)
      ).tells(Intents.refund(late))
      assert.strictEqual(stateOf(step.state), "cancelled")
    }
  })

  it("for a year that a change had replaced pays for nothing", () => {
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
      done(emptyAccount, create(1, yearly), start).account,
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
    const step = given(asChanged).when(onEnterprise(seen, [first, up, renewal]), seen).yields(
      Events.paymentRecorded(renewal, { expected: enterprise.price }),
      Events.synced(seen)
    )
    assert.deepStrictEqual(step.state.subscriptions[0]?.paidThrough, changedUntil)
    const atOnce = done(begun, onEnterprise(seen, [first, up, renewal]), seen).account
    assert.deepStrictEqual(atOnce.subscriptions[0]?.paidThrough, changedUntil)
  })
})

describe("The credit of a customer at the provider", () => {
  it("is recorded when it changes, and shown until the next subscription has started", () => {
    const credit = { ...firstMoney.amount, minorUnits: 300n }
    const left = { ...credit, minorUnits: 120n }
    const day = (days: number) => after(start, { days })
    const begun = given(subscribed()).when(firstMonth(day(1), { credit }), day(1)).yields(
      Events.creditChanged(credit),
      Events.synced(day(1))
    )
    assert.deepStrictEqual(summaryOf(begun.state, day(1), defaultPlans).credit, credit)
    begun.after.when(firstMonth(day(2), { credit }), day(2)).yields(Events.synced(day(2)))
    const used = begun.after.when(firstMonth(day(3), { credit: left }), day(3)).yields(
      Events.creditChanged(left),
      Events.synced(day(3))
    ).state
    assert.deepStrictEqual(summaryOf(used, day(3), defaultPlans).credit, left)
    const over =
      given(used).when(firstMonth(day(4)), day(4)).yields(Events.creditChanged(), Events.synced(day(4))).state
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
