import type { BillingAccount, ProviderPayment } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import type { DateTime } from "effect"
import {
  accessAt,
  after,
  buyLifetime,
  create,
  done,
  external,
  firstMoney,
  money,
  monthOne,
  monthTwo,
  nobody,
  paymentId,
  plan,
  proMonthly,
  providerSubscription,
  purchaseId,
  refused,
  secondMoney,
  secondMonth,
  settle,
  snapshot,
  start,
  subscribed,
  subscribedByUs,
  tags,
  told,
  unpaidMonth
} from "./given.ts"

const soon = after(start, { days: 2 })
const later = after(start, { days: 3 })

const seen = (at: DateTime.Utc, payment: Partial<ProviderPayment>, endsAt?: DateTime.Utc) =>
  snapshot(1, at, {
    subscription: providerSubscription({ periodStart: start, periodEnd: monthOne, ...(endsAt && { endsAt }) }),
    payments: [{ ...firstMoney, ...payment }]
  })

const disputeOf = (state: "open" | "won" | "lost") => ({
  disputes: [{ externalId: external("dp_1"), state, openedAt: soon }]
})

const stateOf = (account: BillingAccount) => account.subscriptions[0]?.state
const suspended = () => done(subscribed(), seen(soon, disputeOf("open")), soon).account

describe("a dispute", () => {
  it("suspends the subscription that it pays for, and lets nothing be renewed", () => {
    const step = done(subscribed(), seen(soon, disputeOf("open")), soon)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Suspended", "CancelScheduled", "Synced"])
    assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd"])
  })

  it("lets nothing be renewed by an undo in the portal", () => {
    const suspended = done(subscribed(), seen(soon, disputeOf("open")), soon).account
    const step = done(suspended, seen(later, disputeOf("open")), later)
    assert.deepStrictEqual(tags(step), ["Synced"])
    assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd"])
    assert.isDefined(step.account.subscriptions[0]?.ending)
  })

  it("that is won restores what was there", () => {
    const suspended = done(subscribed(), seen(soon, disputeOf("open")), soon).account
    const step = done(suspended, seen(later, disputeOf("won"), monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Restored", "CancelUndone", "Synced"])
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
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Restored", "Synced"])
    assert.deepStrictEqual(told(step), [])
  })

  it("that is won gives the rest of the period back to who has cancelled meanwhile", () => {
    const cancelled = done(suspended(), { _tag: "Cancel", when: "period_end" }, soon).account
    const won = done(cancelled, seen(later, disputeOf("won"), monthOne), later)
    assert.deepStrictEqual(tags(won), ["PaymentChanged", "Restored", "Synced"])
    assert.deepStrictEqual(told(won), [])
    assert.strictEqual(stateOf(won.account), "active")
    assert.deepInclude(won.account.subscriptions[0]?.ending, { cause: "user", endsAt: monthOne })
    assert.deepInclude(accessAt(won.account, later), { source: "subscription", until: monthOne })
    const lost = done(cancelled, seen(later, disputeOf("lost"), monthOne), later)
    assert.strictEqual(stateOf(lost.account), "refunded")
  })

  it("that is won lets it go on for who has cancelled meanwhile and thought better of it", () => {
    const cancelled = done(suspended(), { _tag: "Cancel", when: "period_end" }, soon).account
    const undone = done(cancelled, { _tag: "UndoCancel" }, soon)
    assert.deepStrictEqual(told(undone), [])
    assert.deepInclude(undone.account.subscriptions[0]?.ending, { cause: "dispute" })
    assert.strictEqual(refused(undone.account, { _tag: "UndoCancel" }, soon), "NotChangeable")
    const won = done(undone.account, seen(later, disputeOf("won"), monthOne), later)
    assert.deepStrictEqual(tags(won), ["PaymentChanged", "Restored", "CancelUndone", "Synced"])
    assert.deepStrictEqual(told(won), ["UndoCancel"])
  })

  it("takes nothing of what is paid by any other command", () => {
    const terms = plan("ENTERPRISE", "monthly")
    const ids = { purchaseId: purchaseId(2), paymentId: paymentId(2), method: "stripe" } as const
    const refusals = [
      [{ _tag: "Change", terms, prorationDate: soon }, "NotChangeable"],
      [{ _tag: "UndoChange" }, "NoPendingChange"],
      [{ _tag: "UndoCancel" }, "NotChangeable"],
      [{ _tag: "Refund" }, "RefundNotAllowed"],
      [{ _tag: "Refund", admin: true }, "RefundNotAllowed"],
      [{ _tag: "Renew", ...ids, terms, autoRenew: true }, "NotChangeable"],
      [{ _tag: "Create", ...ids, terms, autoRenew: true }, "SubscriptionExists"]
    ] as const
    for (const [command, refusal] of refusals) assert.strictEqual(refused(suspended(), command, soon), refusal)
    const forGood = buyLifetime(suspended(), 2, "PRO", soon).account
    const won = done(forGood, seen(later, disputeOf("won"), monthOne), later).account
    assert.strictEqual(stateOf(won), "active")
    assert.deepInclude(won.subscriptions[0]?.ending, { cause: "lifetime", endsAt: monthOne })
  })

  it("that is lost takes access away at once", () => {
    const suspended = done(subscribed(), seen(soon, disputeOf("open")), soon).account
    const step = done(suspended, seen(later, disputeOf("lost"), monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Revoked", "Synced"])
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
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "DisputeRecorded", "Synced"])
    assert.strictEqual(step.account.subscriptions[0]?.state, "active")
  })

  it("that is lost about an older period is recorded and changes nothing", () => {
    const renewed = done(subscribed(), secondMonth(monthOne), monthOne).account
    const day = after(monthOne, { days: 1 })
    const step = done(renewed, secondMonth(day, {}, [{ ...firstMoney, ...disputeOf("lost") }, secondMoney]), day)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "DisputeRecorded", "Synced"])
    assert.deepStrictEqual(told(step), [])
    assert.strictEqual(stateOf(step.account), "active")
  })

  it("that is won leaves cancelled what the user had cancelled before", () => {
    const flagged = done(subscribed(), { _tag: "Cancel", when: "period_end" }, start).account
    const open = done(flagged, seen(soon, disputeOf("open"), monthOne), soon)
    assert.deepStrictEqual(tags(open), ["PaymentChanged", "Suspended", "Synced"])
    const step = done(open.account, seen(later, disputeOf("won"), monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Restored", "Synced"])
    assert.deepStrictEqual(told(step), [])
    assert.strictEqual(step.account.subscriptions[0]?.ending?.cause, "user")
  })

  it("of what was past due leaves it past due when it is won", () => {
    const owing = done(subscribed(), unpaidMonth(monthOne), monthOne).account
    const hour = after(monthOne, { hours: 1 })
    const inState = (at: DateTime.Utc, state: "open" | "won", endsAt?: DateTime.Utc) =>
      secondMonth(at, { status: "past_due", ...(endsAt && { endsAt }) }, [{ ...firstMoney, ...disputeOf(state) }])
    const open = done(owing, inState(hour, "open"), hour).account
    assert.strictEqual(stateOf(open), "suspended")
    assert.strictEqual(open.subscriptions[0]?.suspension?.from, "past_due")
    const won = done(open, inState(after(hour, { hours: 1 }), "won", monthTwo), after(hour, { hours: 1 }))
    assert.include(tags(won), "Restored")
    assert.notInclude(tags(won), "ChargeFailed")
    assert.strictEqual(stateOf(won.account), "past_due")
  })
})

describe("a subscription that is suspended", () => {
  const day = after(monthOne, { days: 1 })
  const renewed = (state: "open" | "won" | "lost", second: Partial<ProviderPayment> = {}, at = monthOne) =>
    secondMonth(at, { endsAt: monthTwo }, [{ ...firstMoney, ...disputeOf(state) }, { ...secondMoney, ...second }])

  it("stays so when a renewal is paid, which moves its period", () => {
    const step = done(suspended(), renewed("open"), monthOne)
    assert.include(tags(step), "Renewed")
    assert.strictEqual(stateOf(step.account), "suspended")
    assert.deepStrictEqual(step.account.subscriptions[0]?.paidThrough, monthTwo)
    const won = done(step.account, renewed("won", {}, day), day)
    assert.strictEqual(stateOf(won.account), "active")
    assert.deepStrictEqual(won.account.subscriptions[0]?.paidThrough, monthTwo)
  })

  it("ends when the dispute is lost, although a renewal was paid since", () => {
    const open = done(suspended(), renewed("open"), monthOne).account
    const step = done(open, renewed("lost", {}, day), day)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Revoked", "Synced"])
    assert.deepStrictEqual(told(step), ["CancelNow"])
    assert.strictEqual(stateOf(step.account), "refunded")
  })

  it("is not restored by a dispute that is won about another payment", () => {
    const open = done(suspended(), renewed("open"), monthOne).account
    const other = { disputes: [{ externalId: external("dp_2"), state: "won" as const, openedAt: monthOne }] }
    const step = done(open, renewed("open", other, day), day)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "DisputeRecorded", "Synced"])
    assert.strictEqual(stateOf(step.account), "suspended")
  })

  it("is expired where the provider ends it", () => {
    const ended = snapshot(1, monthOne, {
      subscription: providerSubscription({
        status: "canceled",
        periodStart: start,
        periodEnd: monthOne,
        endedAt: monthOne
      }),
      payments: [{ ...firstMoney, ...disputeOf("open") }]
    })
    const step = done(suspended(), ended, monthOne)
    assert.include(tags(step), "Expired")
    assert.deepInclude(step.account.subscriptions[0], { state: "expired", endedAt: monthOne })
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

  it("of an older period is recorded and suspends nothing", () => {
    const late = after(monthOne, { hours: -1 })
    const { account } = done(subscribedByUs(), settle("tx2", late), late)
    const [first, second] = account.payments
    const dropped = (it = first) =>
      done(account, { _tag: "PaymentReversed", paymentId: it?.id ?? assert.fail("nothing was paid") }, monthOne)
    assert.deepStrictEqual(tags(dropped()), ["PaymentReversed", "DisputeRecorded"])
    assert.strictEqual(stateOf(dropped().account), "active")
    assert.deepStrictEqual(tags(dropped(second)), ["PaymentReversed", "Suspended"])
  })
})
