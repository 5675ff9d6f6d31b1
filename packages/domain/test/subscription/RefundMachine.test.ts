import { type ProviderPayment, refundableOf, type SubscriptionAccount } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  after,
  create,
  done,
  external,
  firstMoney,
  money,
  monthOne,
  monthTwo,
  nobody,
  proMonthly,
  providerSubscription,
  purchaseId,
  refused,
  snapshot,
  start,
  subscribed,
  tags,
  told
} from "./given.ts"

const firstPayment = ({ payments: [payment] }: SubscriptionAccount) => {
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
const disputeOf = (state: "open" | "won" | "lost") => ({
  disputes: [{ externalId: external("dp_1"), state, openedAt: soon }]
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
    assert.deepStrictEqual(refundableOf(account, soon), { amount: firstMoney.amount, until })
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
    const failed = done(asked, { _tag: "RefundRefused", paymentId: firstPayment(asked) }, later).account
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
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Refunded", "Observed"])
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
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "RefundFailed", "CancelUndone", "Observed"])
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
    assert.deepStrictEqual(tags(full), ["PaymentChanged", "Refunded", "Observed"])
    const part = done(subscribed(), seen(soon, refundOf("succeeded", 100n)), soon)
    assert.deepStrictEqual(tags(part), ["PaymentChanged", "PartialRefund", "Observed"])
    assert.strictEqual(part.account.subscriptions[0]?.state, "active")
    assert.deepStrictEqual(tags(done(part.account, seen(later, refundOf("succeeded", 100n)), later)), ["Observed"])
  })
})

describe("a dispute", () => {
  it("suspends the subscription that it pays for, and lets nothing be renewed", () => {
    const step = done(subscribed(), seen(soon, disputeOf("open")), soon)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Suspended", "CancelScheduled", "Observed"])
    assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd"])
  })

  it("lets nothing be renewed by an undo in the portal", () => {
    const suspended = done(subscribed(), seen(soon, disputeOf("open")), soon).account
    const step = done(suspended, seen(later, disputeOf("open")), later)
    assert.deepStrictEqual(tags(step), ["Observed"])
    assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd"])
    assert.isDefined(step.account.subscriptions[0]?.ending)
  })

  it("that is won restores what was there", () => {
    const suspended = done(subscribed(), seen(soon, disputeOf("open")), soon).account
    const step = done(suspended, seen(later, disputeOf("won"), monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Restored", "CancelUndone", "Observed"])
    assert.strictEqual(step.account.subscriptions[0]?.state, "active")
  })

  it("that is won leaves cancelled what was cancelled in the portal before, also when both are heard of at once", () => {
    const open = snapshot(1, soon, {
      subscription: providerSubscription({ periodStart: start, periodEnd: monthOne, endsAt: monthOne }),
      payments: [{ ...firstMoney, ...disputeOf("open") }]
    })
    const suspended = done(subscribed(), open, soon)
    assert.deepStrictEqual(told(suspended), [])
    const step = done(suspended.account, seen(later, disputeOf("won"), monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Restored", "Observed"])
    assert.deepStrictEqual(told(step), [])
  })

  it("that is lost takes access away at once", () => {
    const suspended = done(subscribed(), seen(soon, disputeOf("open")), soon).account
    const step = done(suspended, seen(later, disputeOf("lost"), monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Revoked", "Observed"])
    assert.deepStrictEqual(told(step), ["CancelNow"])
    assert.strictEqual(step.account.subscriptions[0]?.state, "refunded")
  })

  it("about an older period is recorded and changes nothing", () => {
    const second = money("second", monthOne, { from: monthOne, to: monthTwo })
    const inMonthTwo = (payment: Partial<ProviderPayment>, at = monthOne) =>
      snapshot(1, at, {
        subscription: providerSubscription({ periodStart: monthOne, periodEnd: monthTwo }),
        payments: [{ ...firstMoney, ...payment }, second]
      })
    const renewed = done(subscribed(), inMonthTwo({}), monthOne).account
    const step = done(renewed, inMonthTwo(disputeOf("open"), after(monthOne, { hours: 1 })), monthOne)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "DisputeRecorded", "Observed"])
    assert.strictEqual(step.account.subscriptions[0]?.state, "active")
  })
})

describe("a payment that its chain dropped", () => {
  it("of the running period suspends until it is included again, for a day at most", () => {
    const base = done(nobody, create(1, proMonthly, { method: "web3" }), start).account
    const settled = done(base, {
      _tag: "PaymentSettled",
      purchaseId: purchaseId(1),
      payment: money("tx", start, {}, { kind: "first" })
    }, start).account
    const step = done(settled, { _tag: "PaymentReversed", paymentId: settled.payments[0]!.id }, soon)
    assert.deepStrictEqual(tags(step), ["PaymentReversed", "Suspended"])
    const back = done(step.account, { _tag: "PaymentRestored", paymentId: settled.payments[0]!.id }, soon)
    assert.deepStrictEqual(tags(back), ["PaymentRestored", "Restored"])
    const gone = done(step.account, { _tag: "Tick" }, later)
    assert.deepStrictEqual(tags(gone), ["Revoked"])
    assert.strictEqual(gone.account.subscriptions[0]?.state, "expired")
  })
})
