import { type BillingAccount, type ProviderPayment, refundableOf } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  after,
  buyLifetime,
  create,
  done,
  external,
  firstMoney,
  lifetime,
  lifetimePaid,
  money,
  monthOne,
  monthTwo,
  nobody,
  plan,
  proMonthly,
  providerSubscription,
  purchaseId,
  refundRefused,
  refusal,
  refused,
  secondMoney,
  secondMonth,
  snapshot,
  start,
  subscribed,
  tags,
  told,
  unpaidMonth
} from "../given.ts"

const firstPayment = ({ payments: [payment] }: BillingAccount) => {
  if (payment === undefined) throw new Error("nothing was paid")
  return payment.id
}

const soon = after(start, { days: 2 })
const later = after(start, { days: 3 })

const seen = (at: DateTime.Utc, payment: Partial<ProviderPayment>, endsAt?: DateTime.Utc) =>
  snapshot(1, at, {
    subscription: providerSubscription({ periodStart: start, periodEnd: monthOne, ...(endsAt && { endsAt }) }),
    payments: [{ ...firstMoney, ...payment }]
  })

const refundOf = (state: "pending" | "succeeded" | "failed", minorUnits = firstMoney.amount.minorUnits) => ({
  refunds: [{ externalId: external("re_1"), amount: { ...firstMoney.amount, minorUnits }, state, at: soon }]
})

describe("a refund", () => {
  it("is asked for at the provider, and nothing is renewed meanwhile", () => {
    const step = done(subscribed(), { _tag: "Refund" }, soon)
    assert.deepStrictEqual(tags(step), ["RefundRequested", "CancelScheduled"])
    assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd", "Refund"])
    assert.strictEqual(refused(step.account, { _tag: "Refund" }, soon), "RefundInProgress")
    assert.strictEqual(refused(step.account, { _tag: "UndoCancel" }, soon), "RefundInProgress")
  })

  it("is offered with what it gives back, while it would not be refused", () => {
    const account = subscribed()
    const until = after(start, { days: 7 })
    assert.deepStrictEqual(refundableOf(account, soon), { purchaseId: purchaseId(1), amount: firstMoney.amount, until })
    assert.isDefined(refundableOf(account, until))
    const late = DateTime.add(until, { seconds: 1 })
    assert.isUndefined(refundableOf(account, late))
    assert.strictEqual(refused(account, { _tag: "Refund" }, late), "RefundNotAllowed")
    assert.isUndefined(refundableOf(done(account, { _tag: "Refund" }, soon).account, soon))
    assert.isUndefined(refundableOf({ ...account, refundedTiers: [proMonthly.tier] }, soon))
    assert.isUndefined(refundableOf(nobody, soon))
    const part = { ...firstMoney.amount, minorUnits: 100n }
    const partly = done(account, seen(soon, refundOf("succeeded", part.minorUnits)), soon).account
    const left = firstMoney.amount.minorUnits - part.minorUnits
    assert.strictEqual(refundableOf(partly, soon)?.amount.minorUnits, left)
  })

  it("counts from when it is asked for, whatever ends the plan meanwhile", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const now = { _tag: "Cancel", when: "now" } as const
    assert.strictEqual(refused(asked, { ...now, confirmed: true }, soon), "RefundInProgress")
    const ended = done(asked, { ...now, admin: true }, soon).account
    assert.deepStrictEqual(ended.refundedTiers, [proMonthly.tier])
    const failed = done(asked, refundRefused(1, firstPayment(asked)), later).account
    assert.deepStrictEqual(failed.refundedTiers, [])
  })

  it("is refused where nothing was taken that could go back", () => {
    const { paymentIntent: _, ...credited } = { ...firstMoney, amount: { ...firstMoney.amount, minorUnits: 0n } }
    const subscription = providerSubscription({ periodStart: start, periodEnd: monthOne })
    const begun = snapshot(1, start, { subscription, payments: [credited] })
    const account = done(done(nobody, create(1), start).account, begun, start).account
    assert.strictEqual(account.subscriptions[0]?.state, "active")
    assert.strictEqual(refused(account, { _tag: "Refund", admin: true }, soon), "RefundNotAllowed")
    assert.isUndefined(refundableOf(account, soon))
  })

  it("that succeeded ends the subscription and is had once a tier", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const step = done(asked, seen(later, refundOf("succeeded"), monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Refunded", "Synced"])
    assert.deepStrictEqual(told(step), ["CancelNow"])
    assert.strictEqual(step.account.subscriptions[0]?.state, "refunded")

    const again = done(done(step.account, create(2), later).account, {
      _tag: "Sync",
      snapshot: {
        purchaseId: purchaseId(2),
        observedAt: later,
        subscription: providerSubscription({
          externalId: external("sub_2"),
          anchor: later,
          periodStart: later,
          periodEnd: monthTwo
        }),
        payments: [money("again", later, { from: later, to: monthTwo }, { kind: "first" })]
      }
    }, later).account
    assert.strictEqual(refused(again, { _tag: "Refund" }, later), "RefundNotAllowed")
    assert.deepStrictEqual(tags(done(again, { _tag: "Refund", admin: true }, later)), [
      "RefundRequested",
      "CancelScheduled"
    ])
  })

  it("that failed leaves the subscription as it was, going on", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const step = done(asked, seen(later, refundOf("failed"), monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "RefundFailed", "CancelUndone", "Synced"])
    assert.deepStrictEqual(told(step), ["UndoCancel"])
    assert.isUndefined(step.account.subscriptions[0]?.refund)
  })

  it("is given for seven days after the first activation in a tier, and by an administrator at any time", () => {
    const late = after(start, { days: 8 })
    assert.strictEqual(refused(subscribed(), { _tag: "Refund" }, late), "RefundNotAllowed")
    assert.deepStrictEqual(tags(done(subscribed(), { _tag: "Refund", admin: true }, late)), [
      "RefundRequested",
      "CancelScheduled"
    ])
    assert.strictEqual(refused(nobody, { _tag: "Refund" }, start), "NoSubscription")
  })

  it("found at the provider counts as asked for, when it is full and of the current period", () => {
    const full = done(subscribed(), seen(soon, refundOf("succeeded")), soon)
    assert.deepStrictEqual(tags(full), ["PaymentChanged", "Refunded", "Synced"])
    const part = done(subscribed(), seen(soon, refundOf("succeeded", 100n)), soon)
    assert.deepStrictEqual(tags(part), ["PaymentChanged", "PartialRefund", "Synced"])
    assert.strictEqual(part.account.subscriptions[0]?.state, "active")
    assert.deepStrictEqual(tags(done(part.account, seen(later, refundOf("succeeded", 100n)), later)), ["Synced"])
  })

  it("is not given of what is owed for, not even by an administrator", () => {
    const owing = done(subscribed(), unpaidMonth(monthOne), monthOne).account
    for (const command of [{ _tag: "Refund" }, { _tag: "Refund", admin: true }] as const) {
      assert.deepInclude(refusal(owing, command, monthOne), { _tag: "RefundNotAllowed", reason: "not_active" })
    }
  })

  it("that failed leaves cancelled what the user had cancelled", () => {
    const flagged = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon).account
    const asked = done(flagged, { _tag: "Refund" }, soon)
    assert.deepStrictEqual(tags(asked), ["RefundRequested"])
    const step = done(asked.account, seen(later, refundOf("failed"), monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "RefundFailed", "Synced"])
    assert.deepStrictEqual(told(step), [])
    assert.strictEqual(step.account.subscriptions[0]?.ending?.cause, "user")
  })

  it("of all that was paid for an older period ends nothing", () => {
    const renewed = done(subscribed(), secondMonth(monthOne), monthOne).account
    const day = after(monthOne, { days: 1 })
    const back = { ...firstMoney, ...refundOf("succeeded") }
    const step = done(renewed, secondMonth(day, {}, [back, secondMoney]), day)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "PartialRefund", "Synced"])
    assert.deepStrictEqual(told(step), [])
    assert.strictEqual(step.account.subscriptions[0]?.state, "active")
  })

  it("that was asked for ends the subscription also when another period was paid before it succeeded", () => {
    const late = DateTime.subtract(monthOne, { hours: 1 })
    const asked = done(subscribed(), { _tag: "Refund", admin: true }, late).account
    const renewed = done(asked, secondMonth(monthOne, { endsAt: monthTwo }), monthOne).account
    assert.deepStrictEqual(renewed.subscriptions[0]?.paidThrough, monthTwo)
    const day = after(monthOne, { days: 1 })
    const back = { ...firstMoney, ...refundOf("succeeded") }
    const step = done(renewed, secondMonth(day, { endsAt: monthTwo }, [back, secondMoney]), day)
    assert.strictEqual(step.account.subscriptions[0]?.state, "refunded")
  })

  it("that is under way ends nothing yet", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const step = done(asked, seen(later, refundOf("pending"), monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Synced"])
    assert.strictEqual(step.account.subscriptions[0]?.state, "active")
    assert.isDefined(step.account.subscriptions[0]?.refund)
    const unasked = done(subscribed(), seen(later, refundOf("pending")), later)
    assert.deepStrictEqual(tags(unasked), ["PaymentChanged", "Synced"])
  })

  it("is not over when one try has failed and another is under way", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const { amount } = firstMoney
    const refunds = [
      ...refundOf("failed").refunds,
      { externalId: external("re_0"), amount, state: "pending" as const, at: start }
    ]
    const step = done(asked, seen(later, { refunds }, monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Synced"])
    assert.isDefined(step.account.subscriptions[0]?.refund)
  })

  it("lets nothing be renewed by an undo in the portal", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const step = done(asked, seen(later, refundOf("pending")), later)
    assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd"])
    assert.strictEqual(step.account.subscriptions[0]?.ending?.cause, "refund")
  })

  it("that was given after the end is not why it ended", () => {
    const ended = (at: DateTime.Utc) =>
      snapshot(1, at, {
        subscription: providerSubscription({
          status: "canceled",
          periodStart: start,
          periodEnd: monthOne,
          endedAt: after(soon, { hours: -1 })
        }),
        payments: [{ ...firstMoney, ...refundOf("succeeded") }]
      })
    const step = done(subscribed(), ended(later), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Ended", "Synced"])
    assert.strictEqual(step.account.subscriptions[0]?.state, "cancelled")
  })

  it("that failed after a part had been given back is over, and the subscription goes on", () => {
    const part = refundOf("succeeded", 100n)
    const partly = done(subscribed(), seen(soon, part), soon).account
    const asked = done(partly, { _tag: "Refund" }, soon).account
    const rest = {
      externalId: external("re_2"),
      amount: { ...firstMoney.amount, minorUnits: firstMoney.amount.minorUnits - 100n },
      state: "failed" as const,
      at: later
    }
    const step = done(asked, seen(later, { refunds: [...part.refunds, rest] }, monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "RefundFailed", "CancelUndone", "Synced"])
    assert.deepStrictEqual(told(step), ["UndoCancel"])
    assert.isUndefined(step.account.subscriptions[0]?.refund)
  })

  it("is given for seven days after the tier began, whatever its interval becomes", () => {
    const yearly = plan("PRO", "yearly")
    const end = after(soon, { days: 365 })
    const asked = done(subscribed(), { _tag: "Change", terms: yearly, prorationDate: soon }, soon).account
    const paid = snapshot(1, soon, {
      subscription: providerSubscription({ terms: yearly, anchor: soon, periodStart: soon, periodEnd: end }),
      payments: [firstMoney, money("up", soon, { from: soon, to: end }, { kind: "change" })]
    })
    const changed = done(asked, paid, soon).account
    assert.deepStrictEqual(changed.subscriptions[0]?.terms, yearly)
    assert.deepStrictEqual(changed.subscriptions[0]?.tierSince, start)
    const late = after(start, { days: 8 })
    assert.deepInclude(refusal(changed, { _tag: "Refund" }, late), { _tag: "RefundNotAllowed", reason: "too_late" })
  })

  it("gives back what counted towards a change too, once the change itself is given back", () => {
    const { amount } = firstMoney
    const part = { ...amount, minorUnits: amount.minorUnits - 30n }
    const up = money("up", soon, { from: soon, to: monthTwo }, { kind: "change", counted: part })
    const enterprise = plan("ENTERPRISE", "monthly")
    const running = { terms: enterprise, anchor: soon, periodStart: soon, periodEnd: monthTwo }
    const changes = (at: DateTime.Utc, first: Partial<ProviderPayment>, change: Partial<ProviderPayment>) =>
      snapshot(1, at, {
        subscription: providerSubscription(running),
        payments: [{ ...firstMoney, ...first }, { ...up, ...change }]
      })
    const changed = done(subscribed(), changes(soon, {}, {}), soon).account
    assert.strictEqual(refundableOf(changed, soon)?.amount.minorUnits, up.amount.minorUnits + part.minorUnits)
    const asked = done(changed, { _tag: "Refund" }, soon)
    assert.deepStrictEqual(told(asked), ["CancelAtPeriodEnd", "Refund"])

    const failed = done(asked.account, changes(later, {}, refundOf("failed")), later)
    assert.deepStrictEqual(told(failed), ["UndoCancel"])
    const back = done(asked.account, changes(later, {}, refundOf("succeeded")), later)
    assert.deepStrictEqual(told(back), ["Refund", "CancelNow"])
    const [refund] = back.intents
    assert.deepInclude(refund?.intent, { _tag: "Refund", amount: part, paymentIntent: external("pi_first") })
    assert.strictEqual(back.account.subscriptions[0]?.state, "refunded")
    const again = changes(after(later, { hours: 1 }), {}, refundOf("succeeded"))
    assert.notInclude(told(done(back.account, again, later)), "Refund")

    // What was given back by hand, or taken back, is not given back again.
    const rest = done(subscribed(), changes(soon, refundOf("succeeded", 100n), {}), soon).account
    assert.strictEqual(refundableOf(rest, soon)?.amount.minorUnits, up.amount.minorUnits + amount.minorUnits - 100n)
    const lost = { disputes: [{ externalId: external("dp_1"), state: "lost" as const, openedAt: soon }] }
    const disputed = done(changed, changes(later, lost, {}), later).account
    assert.strictEqual(refundableOf(disputed, later)?.amount.minorUnits, up.amount.minorUnits)
    // Who gives back a change by hand, at the provider, decides what else goes back.
    assert.deepStrictEqual(told(done(changed, changes(later, {}, refundOf("succeeded")), later)), ["CancelNow"])
  })

  it("goes back along the changes, each for what counted of it", () => {
    const { amount } = firstMoney
    const units = (minorUnits: bigint) => ({ ...amount, minorUnits })
    const day = after(start, { days: 1 })
    const up = money("up", day, { from: day, to: monthOne }, {
      kind: "change",
      amount: units(100n),
      counted: units(480n)
    })
    const top = money("top", soon, { from: soon, to: monthTwo }, {
      kind: "change",
      amount: units(900n),
      counted: units(560n)
    })
    const subscription = providerSubscription({ periodStart: soon, periodEnd: monthTwo })
    const payments = [firstMoney, up, top]
    const asked = done(done(subscribed(), snapshot(1, soon, { subscription, payments }), soon).account, {
      _tag: "Refund"
    }, soon).account
    const returned = { ...top, refunds: refundOf("succeeded", 900n).refunds }
    const back = snapshot(1, later, { subscription, payments: [firstMoney, up, returned] })
    const { intents } = done(asked, back, later)
    assert.deepStrictEqual(
      intents.flatMap(({ intent }) =>
        intent._tag === "Refund" ? [[intent.paymentIntent, intent.amount.minorUnits]] : []
      ),
      [[up.paymentIntent, 100n], [firstMoney.paymentIntent, 460n]]
    )
  })

  it("that failed does not have a lifetime forgotten that was given back in this tier", () => {
    const all = {
      refunds: [{
        externalId: external("re_life"),
        amount: lifetime("PRO").price,
        state: "succeeded" as const,
        at: start
      }]
    }
    const held = buyLifetime(nobody, 2, "PRO", start).account
    const back = done(held, lifetimePaid(2, "PRO", after(start, { hours: 1 }), all), start).account
    assert.deepStrictEqual(back.refundedTiers, [proMonthly.tier])
    const account = done(done(back, create(1), start).account, seen(soon, {}), soon).account
    assert.deepInclude(refusal(account, { _tag: "Refund" }, soon), { _tag: "RefundNotAllowed", reason: "used" })
    const asked = done(account, { _tag: "Refund", admin: true }, soon).account
    const payment = asked.subscriptions[0]?.refund?.paymentId ?? assert.fail("nothing is to be given back")
    const failed = done(asked, refundRefused(1, payment), later)
    assert.deepStrictEqual(tags(failed), ["IntentRefused", "RefundFailed", "CancelUndone"])
    assert.deepStrictEqual(failed.account.refundedTiers, [proMonthly.tier])
  })
})
