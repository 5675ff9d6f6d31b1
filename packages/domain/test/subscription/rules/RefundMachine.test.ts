import {
  type BillingAccount,
  NoSubscription,
  type ProviderPayment,
  refundableOf,
  RefundInProgress,
  RefundNotAllowed
} from "@dchat/domain/subscription"
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
  lifetime,
  lifetimePaid,
  money,
  monthOne,
  monthTwo,
  paymentId,
  plan,
  proMonthly,
  providerSubscription,
  purchaseId,
  refundRefused,
  secondMoney,
  secondMonth,
  snapshot,
  start,
  subscribed,
  unpaidMonth
} from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"
import * as Intents from "../Intents.ts"

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

describe("A refund", () => {
  it("is requested at the provider, and prevents the renewal meanwhile", () => {
    const step = given(subscribed()).when({ _tag: "Refund" }, soon).yields(
      Events.refundRequested(),
      Events.cancelScheduled("refund", soon)
    ).tells(Intents.cancelAtPeriodEnd(), Intents.refund(firstMoney))
    step.after.when({ _tag: "Refund" }, soon).refuses(new RefundInProgress())
    step.after.when({ _tag: "UndoCancel" }, soon).refuses(new RefundInProgress())
  })

  it("is offered with its amount while it would be granted", () => {
    const account = subscribed()
    const until = after(start, { days: 7 })
    assert.deepStrictEqual(refundableOf(account, soon), { purchaseId: purchaseId(1), amount: firstMoney.amount, until })
    assert.isDefined(refundableOf(account, until))
    const late = DateTime.add(until, { seconds: 1 })
    assert.isUndefined(refundableOf(account, late))
    given(account).when({ _tag: "Refund" }, late).refuses(new RefundNotAllowed({ reason: "too_late" }))
    assert.isUndefined(refundableOf(done(account, { _tag: "Refund" }, soon).account, soon))
    assert.isUndefined(refundableOf({ ...account, refundedTiers: [proMonthly.tier] }, soon))
    assert.isUndefined(refundableOf(emptyAccount, soon))
    const part = { ...firstMoney.amount, minorUnits: 100n }
    const partly = done(account, seen(soon, refundOf("succeeded", part.minorUnits)), soon).account
    const left = firstMoney.amount.minorUnits - part.minorUnits
    assert.strictEqual(refundableOf(partly, soon)?.amount.minorUnits, left)
  })

  it("counts from the request, whatever else ends the plan", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const now = { _tag: "Cancel", when: "now" } as const
    given(asked).when({ ...now, confirmed: true }, soon).refuses(new RefundInProgress())
    const ended = given(asked).when({ ...now, admin: true }, soon).yields(Events.cancelled(soon)).tells(
      Intents.cancelNow()
    )
    assert.deepStrictEqual(ended.state.refundedTiers, [proMonthly.tier])
    const failed = given(asked).when(refundRefused(1, firstPayment(asked)), later).yields(
      Events.intentRefused("Refund"),
      Events.refundFailed(),
      Events.cancelUndone()
    ).tells(Intents.undoCancel())
    assert.deepStrictEqual(failed.state.refundedTiers, [])
  })

  it("is refused if nothing was charged that could be refunded", () => {
    const { paymentIntent: _, ...credited } = { ...firstMoney, amount: { ...firstMoney.amount, minorUnits: 0n } }
    const subscription = providerSubscription({ periodStart: start, periodEnd: monthOne })
    const begun = snapshot(1, start, { subscription, payments: [credited] })
    const account = done(done(emptyAccount, create(1), start).account, begun, start).account
    assert.strictEqual(account.subscriptions[0]?.state, "active")
    given(account).when({ _tag: "Refund", admin: true }, soon).refuses(new RefundNotAllowed({ reason: "no_payment" }))
    assert.isUndefined(refundableOf(account, soon))
  })

  it("ends the subscription when it succeeds, and is given once a tier", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const step = given(asked).when(seen(later, refundOf("succeeded"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...refundOf("succeeded") }),
      Events.refunded(),
      Events.synced(later)
    ).tells(Intents.cancelNow())
    assert.strictEqual(step.state.subscriptions[0]?.state, "refunded")

    const again = done(done(step.state, create(2), later).account, {
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
    given(again).when({ _tag: "Refund" }, later).refuses(new RefundNotAllowed({ reason: "used" }))
    given(again).when({ _tag: "Refund", admin: true }, later).yields(Events.refundRequested(paymentId(2), 2), {
      _tag: "CancelScheduled",
      purchaseId: purchaseId(2),
      ending: { endsAt: monthTwo, since: later, cause: "refund" }
    })
  })

  it("lets the subscription continue when it fails", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const step = given(asked).when(seen(later, refundOf("failed"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...refundOf("failed") }),
      Events.refundFailed(),
      Events.cancelUndone(),
      Events.synced(later)
    ).tells(Intents.undoCancel())
    assert.isUndefined(step.state.subscriptions[0]?.refund)
  })

  it("is given for seven days after the first activation in a tier, and by an administrator at any time", () => {
    const late = after(start, { days: 8 })
    given(subscribed()).when({ _tag: "Refund" }, late).refuses(new RefundNotAllowed({ reason: "too_late" }))
    given(subscribed()).when({ _tag: "Refund", admin: true }, late).yields(
      Events.refundRequested(),
      Events.cancelScheduled("refund", late)
    )
    given(emptyAccount).when({ _tag: "Refund" }, start).refuses(new NoSubscription())
  })

  it("that is found at the provider counts as requested if it is full and of the current period", () => {
    given(subscribed()).when(seen(soon, refundOf("succeeded")), soon).yields(
      Events.paymentChanged({ ...firstMoney, ...refundOf("succeeded") }),
      Events.refunded(),
      Events.synced(soon)
    )
    const part = given(subscribed()).when(seen(soon, refundOf("succeeded", 100n)), soon).yields(
      Events.paymentChanged({ ...firstMoney, ...refundOf("succeeded", 100n) }),
      Events.partialRefund({ ...proMonthly.price, minorUnits: 100n }),
      Events.synced(soon)
    )
    assert.strictEqual(part.state.subscriptions[0]?.state, "active")
    part.after.when(seen(later, refundOf("succeeded", 100n)), later).yields(Events.synced(later))
  })

  it("is refused for an unpaid period, also to an administrator", () => {
    const owing = done(subscribed(), unpaidMonth(monthOne), monthOne).account
    for (const command of [{ _tag: "Refund" }, { _tag: "Refund", admin: true }] as const) {
      given(owing).when(command, monthOne).refuses(new RefundNotAllowed({ reason: "not_active" }))
    }
  })

  it("keeps the cancellation of the user when it fails", () => {
    const flagged = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon).account
    const asked = given(flagged).when({ _tag: "Refund" }, soon).yields(Events.refundRequested())
    const step = asked.after.when(seen(later, refundOf("failed"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...refundOf("failed") }),
      Events.refundFailed(),
      Events.synced(later)
    ).tellsNothing()
    assert.strictEqual(step.state.subscriptions[0]?.ending?.cause, "user")
  })

  it("of the whole payment for an older period ends nothing", () => {
    const renewed = done(subscribed(), secondMonth(monthOne), monthOne).account
    const day = after(monthOne, { days: 1 })
    const back = { ...firstMoney, ...refundOf("succeeded") }
    const step = given(renewed).when(secondMonth(day, {}, [back, secondMoney]), day).yields(
      Events.paymentChanged(back),
      Events.partialRefund(back.amount),
      Events.synced(day)
    ).tellsNothing()
    assert.strictEqual(step.state.subscriptions[0]?.state, "active")
  })

  it("that was requested also ends the subscription if another period was paid before it succeeds", () => {
    const late = DateTime.subtract(monthOne, { hours: 1 })
    const asked = done(subscribed(), { _tag: "Refund", admin: true }, late).account
    const renewed = done(asked, secondMonth(monthOne, { endsAt: monthTwo }), monthOne).account
    assert.deepStrictEqual(renewed.subscriptions[0]?.paidThrough, monthTwo)
    const day = after(monthOne, { days: 1 })
    const back = { ...firstMoney, ...refundOf("succeeded") }
    const step = given(renewed).when(secondMonth(day, { endsAt: monthTwo }, [back, secondMoney]), day).yields(
      Events.paymentChanged(back),
      Events.refunded(),
      Events.latePayment(true, secondMoney.id),
      Events.synced(day)
    ).tells(Intents.refund(secondMoney), Intents.cancelNow())
    assert.strictEqual(step.state.subscriptions[0]?.state, "refunded")
  })

  it("ends nothing while it is in progress", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const step = given(asked).when(seen(later, refundOf("pending"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...refundOf("pending") }),
      Events.synced(later)
    )
    assert.strictEqual(step.state.subscriptions[0]?.state, "active")
    assert.isDefined(step.state.subscriptions[0]?.refund)
    given(subscribed()).when(seen(later, refundOf("pending")), later).yields(
      Events.paymentChanged({ ...firstMoney, ...refundOf("pending") }),
      Events.synced(later)
    )
  })

  it("is not complete if one attempt has failed and another is in progress", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const { amount } = firstMoney
    const refunds = [
      ...refundOf("failed").refunds,
      { externalId: external("re_0"), amount, state: "pending" as const, at: start }
    ]
    const step = given(asked).when(seen(later, { refunds }, monthOne), later).yields(
      Events.paymentChanged({
        ...firstMoney,
        refunds: refunds.toReversed()
      }),
      Events.synced(later)
    )
    assert.isDefined(step.state.subscriptions[0]?.refund)
  })

  it("still prevents the renewal after an undo in the portal", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const step = given(asked).when(seen(later, refundOf("pending")), later).yields(
      Events.paymentChanged({ ...firstMoney, ...refundOf("pending") }),
      Events.synced(later)
    ).tells(Intents.cancelAtAnyPeriodEnd())
    assert.strictEqual(step.state.subscriptions[0]?.ending?.cause, "refund")
  })

  it("after the end is not the cause of the end", () => {
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
    const step = given(subscribed()).when(ended(later), later).yields(
      Events.paymentChanged({ ...firstMoney, ...refundOf("succeeded") }),
      Events.ended(after(soon, { hours: -1 })),
      Events.synced(later)
    )
    assert.strictEqual(step.state.subscriptions[0]?.state, "cancelled")
  })

  it("that fails after a partial refund is over, and the subscription continues", () => {
    const part = refundOf("succeeded", 100n)
    const partly = done(subscribed(), seen(soon, part), soon).account
    const asked = done(partly, { _tag: "Refund" }, soon).account
    const rest = {
      externalId: external("re_2"),
      amount: { ...firstMoney.amount, minorUnits: firstMoney.amount.minorUnits - 100n },
      state: "failed" as const,
      at: later
    }
    const step = given(asked).when(seen(later, { refunds: [...part.refunds, rest] }, monthOne), later).yields(
      Events.paymentChanged({
        ...firstMoney,
        refunds: [...part.refunds, rest]
      }),
      Events.refundFailed(),
      Events.cancelUndone(),
      Events.synced(later)
    ).tells(Intents.undoCancel())
    assert.isUndefined(step.state.subscriptions[0]?.refund)
  })

  it("is given for seven days after the start of the tier, whatever its interval becomes", () => {
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
    given(changed).when({ _tag: "Refund" }, late).refuses(new RefundNotAllowed({ reason: "too_late" }))
  })

  it("includes the payment that counted towards a change once the change itself is refunded", () => {
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
    const asked = given(changed).when({ _tag: "Refund" }, soon).yields(
      Events.refundRequested(up.id),
      Events.cancelScheduled("refund", soon, { endsAt: monthTwo })
    ).tells(Intents.cancelAtPeriodEnd(monthTwo), Intents.refund(up))

    asked.after.when(changes(later, {}, refundOf("failed")), later).yields(
      Events.paymentChanged({ ...up, ...refundOf("failed") }),
      Events.refundFailed(up.id),
      Events.cancelUndone(),
      Events.synced(later)
    ).tells(Intents.undoCancel())
    const back = asked.after.when(changes(later, {}, refundOf("succeeded")), later).yields(
      Events.paymentChanged({ ...up, ...refundOf("succeeded") }),
      Events.refunded(up.id),
      Events.synced(later)
    ).tells(Intents.refund(firstMoney, { amount: part }), Intents.cancelNow())
    assert.strictEqual(back.state.subscriptions[0]?.state, "refunded")
    const again = changes(after(later, { hours: 1 }), {}, refundOf("succeeded"))
    back.after.when(again, later).yields(Events.synced(after(later, { hours: 1 }))).tells(Intents.cancelNow())

    // A part that was refunded by hand, or returned by the bank, is not refunded again.
    const rest = done(subscribed(), changes(soon, refundOf("succeeded", 100n), {}), soon).account
    assert.strictEqual(refundableOf(rest, soon)?.amount.minorUnits, up.amount.minorUnits + amount.minorUnits - 100n)
    const lost = { disputes: [{ externalId: external("dp_1"), state: "lost" as const, openedAt: soon }] }
    const disputed = done(changed, changes(later, lost, {}), later).account
    assert.strictEqual(refundableOf(disputed, later)?.amount.minorUnits, up.amount.minorUnits)
    // After a refund of a change by hand, at the provider, further refunds are made by hand, too.
    given(changed).when(changes(later, {}, refundOf("succeeded")), later).yields(
      Events.paymentChanged({ ...up, ...refundOf("succeeded") }),
      Events.refunded(up.id),
      Events.synced(later)
    ).tells(Intents.cancelNow())
  })

  it("goes back along the changes, with the amount that counted of each payment", () => {
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
    given(asked).when(back, later).yields(
      Events.paymentChanged(returned),
      Events.refunded(top.id),
      Events.synced(later)
    ).tells(
      Intents.refund(up),
      Intents.refund(firstMoney, { amount: { ...proMonthly.price, minorUnits: 460n } }),
      Intents.cancelNow()
    )
  })

  it("that fails keeps the record of a lifetime membership that was refunded in this tier", () => {
    const all = {
      refunds: [{
        externalId: external("re_life"),
        amount: lifetime("PRO").price,
        state: "succeeded" as const,
        at: start
      }]
    }
    const held = buyLifetime(emptyAccount, 2, "PRO", start).account
    const back = done(held, lifetimePaid(2, "PRO", after(start, { hours: 1 }), all), start).account
    assert.deepStrictEqual(back.refundedTiers, [proMonthly.tier])
    const account = done(done(back, create(1), start).account, seen(soon, {}), soon).account
    given(account).when({ _tag: "Refund" }, soon).refuses(new RefundNotAllowed({ reason: "used" }))
    const asked = done(account, { _tag: "Refund", admin: true }, soon).account
    const payment = asked.subscriptions[0]?.refund?.paymentId ?? assert.fail("nothing is to be given back")
    const failed = given(asked).when(refundRefused(1, payment), later).yields(
      Events.intentRefused("Refund"),
      Events.refundFailed(),
      Events.cancelUndone()
    )
    assert.deepStrictEqual(failed.state.refundedTiers, [proMonthly.tier])
  })
})
