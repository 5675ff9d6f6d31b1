import { accountAt, type BillingAccount, type SubscriptionCommand } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { pendingHours } from "../../src/subscription/rules/PurchaseLimits.ts"
import {
  after,
  create,
  createLifetime,
  done,
  external,
  firstMoney,
  firstMonth,
  lifetime,
  lifetimePaid,
  money,
  monthOne,
  nobody,
  plan,
  proMonthly,
  providerSubscription,
  purchaseId,
  refundRefused,
  refused,
  snapshot,
  start,
  subscribed,
  subscribedByUs,
  tags,
  told
} from "./given.ts"

const soon = after(start, { hours: 1 })
const pending = () => done(nobody, create(1), start).account

const suspended = () =>
  done(
    subscribed(),
    snapshot(1, soon, {
      subscription: providerSubscription({ periodStart: start, periodEnd: monthOne }),
      payments: [{ ...firstMoney, disputes: [{ externalId: external("dp_1"), state: "open", openedAt: soon }] }]
    }),
    soon
  ).account

describe("cancelling", () => {
  it("with the period flags it once and lets access run out", () => {
    const step = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon)
    assert.deepStrictEqual(tags(step), ["CancelScheduled"])
    assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd"])
    assert.deepStrictEqual(tags(done(step.account, { _tag: "Cancel", when: "period_end" }, soon)), [])
  })

  it("with a period that is over, for which nothing more was paid yet, ends it before it is charged again", () => {
    const step = done(subscribed(), { _tag: "Cancel", when: "period_end" }, after(monthOne, { hours: 1 }))
    assert.deepStrictEqual(tags(step), ["SyncRequested", "CancelScheduled"])
    assert.deepStrictEqual(step.account.subscriptions[0]?.ending?.endsAt, monthOne)
    assert.deepStrictEqual(told(step), ["CancelNow"])
  })

  it("now needs the user to know that nothing is given back, and an administrator does not", () => {
    const now = { _tag: "Cancel", when: "now" } as const
    assert.strictEqual(refused(subscribed(), now, soon), "ConfirmationRequired")
    assert.deepStrictEqual(told(done(subscribed(), { ...now, confirmed: true }, soon)), ["CancelNow"])
    assert.deepStrictEqual(tags(done(subscribed(), { ...now, admin: true }, soon)), ["Cancelled"])
  })

  it("is undone before the end and not after it", () => {
    const { account } = done(subscribedByUs(), { _tag: "Cancel", when: "period_end" }, soon)
    const undone = done(account, { _tag: "UndoCancel" }, soon)
    assert.deepStrictEqual(tags(undone), ["CancelUndone"])
    assert.strictEqual(refused(undone.account, { _tag: "UndoCancel" }, soon), "NotCancelled")
    assert.strictEqual(refused(account, { _tag: "UndoCancel" }, monthOne), "NoSubscription")
    assert.strictEqual(accountAt(account, monthOne).subscriptions[0]?.state, "cancelled")
  })

  it("what a lifetime took the place of is not undone", () => {
    const { account } = done(subscribed(), createLifetime(2, lifetime("PRO")), soon)
    const held = done(account, snapshot(2, soon, { payments: [money("life", soon, {}, { kind: "lifetime" })] }), soon)
    assert.deepStrictEqual(tags(held), ["PaymentRecorded", "MembershipActivated", "Synced", "CancelScheduled"])
    assert.deepStrictEqual(told(held), ["CancelAtPeriodEnd"])
    assert.strictEqual(refused(held.account, { _tag: "UndoCancel" }, soon), "SupersededByLifetime")
  })

  it("of nothing is refused", () => {
    assert.strictEqual(refused(nobody, { _tag: "Cancel", when: "period_end" }, start), "NoSubscription")
    assert.strictEqual(refused(nobody, { _tag: "UndoCancel" }, start), "NoSubscription")
  })

  it("all billing at once leaves nothing open", () => {
    const step = done(subscribed(), { _tag: "EndBilling", leftAt: soon }, soon)
    assert.deepStrictEqual(told(step), ["CancelNow"])
    assert.strictEqual(step.account.subscriptions[0]?.state, "cancelled")
    assert.deepStrictEqual(tags(done(step.account, { _tag: "EndBilling", leftAt: soon }, soon)), [])
    assert.deepStrictEqual(tags(done(pending(), { _tag: "EndBilling", leftAt: soon }, soon)), [
      "Cancelled",
      "BillingEnded"
    ])
  })

  it("is not undone while the subscription is suspended", () => {
    assert.strictEqual(refused(suspended(), { _tag: "UndoCancel" }, soon), "NotChangeable")
  })

  it("is not undone after the end, before the provider has said that it is over", () => {
    const { account } = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon)
    const lastMoment = DateTime.subtract(monthOne, { milliseconds: 1 })
    assert.strictEqual(refused(account, { _tag: "UndoCancel" }, lastMoment), "carried out")
    assert.strictEqual(accountAt(account, monthOne).subscriptions[0]?.state, "active")
    assert.strictEqual(refused(account, { _tag: "UndoCancel" }, monthOne), "NotCancelled")
  })

  it("what a dispute suspends ends it with the paid period, which may come back", () => {
    for (const admin of [{}, { admin: true }] as const) {
      const cancel = { _tag: "Cancel", when: "period_end", ...admin } as const
      const step = done(suspended(), cancel, soon)
      assert.deepStrictEqual(tags(step), ["CancelScheduled"])
      assert.deepStrictEqual(told(step), [])
      const cause = "admin" in admin ? "admin" : "user"
      assert.deepInclude(step.account.subscriptions[0], { state: "suspended" })
      assert.deepInclude(step.account.subscriptions[0]?.ending, { cause, endsAt: monthOne })
      assert.deepStrictEqual(tags(done(step.account, cancel, soon)), [])
    }
  })

  it("what a dispute suspends now needs the user to know that nothing is given back", () => {
    const now = { _tag: "Cancel", when: "now" } as const
    assert.strictEqual(refused(suspended(), now, soon), "ConfirmationRequired")
    const step = done(suspended(), { ...now, confirmed: true }, soon)
    assert.deepStrictEqual(tags(step), ["Cancelled"])
    assert.deepStrictEqual(told(step), ["CancelNow"])
  })

  it("is remembered while a refund is under way, whatever becomes of that", () => {
    const { account } = done(subscribed(), { _tag: "Refund" }, soon)
    const step = done(account, { _tag: "Cancel", when: "period_end" }, soon)
    const [payment = assert.fail("nothing was paid")] = account.payments
    const failed = done(step.account, refundRefused(1, payment.id), soon)
    assert.notInclude(tags(failed), "CancelUndone")
    assert.deepInclude(failed.account.subscriptions[0]?.ending, { cause: "user", endsAt: monthOne })
  })

  it("says which change falls away with it, until that is undone", () => {
    const enterprise = () =>
      done(
        done(nobody, create(1, plan("ENTERPRISE", "monthly")), start).account,
        firstMonth(start, { terms: plan("ENTERPRISE", "monthly") }),
        start
      ).account
    const { account } = done(enterprise(), { _tag: "Change", terms: proMonthly, prorationDate: soon }, soon)
    const step = done(account, { _tag: "Cancel", when: "period_end" }, soon)
    assert.deepStrictEqual(tags(step), ["ChangeUndone", "CancelScheduled"])
    const dropped = { direction: "down", terms: proMonthly } as const
    assert.deepStrictEqual(step.account.subscriptions[0]?.ending?.dropped, dropped)
    const told = done(step.account, firstMonth(after(soon, { hours: 1 }), { endsAt: monthOne }), soon).account
    assert.deepStrictEqual(told.subscriptions[0]?.ending?.dropped, dropped)
    const undone = done(step.account, { _tag: "UndoCancel" }, soon).account.subscriptions[0]
    assert.isUndefined(undone?.ending)
    assert.isUndefined(undone?.change)
  })

  it("now lets go of a change that waits", () => {
    const terms = plan("ENTERPRISE", "monthly")
    const { account } = done(subscribed(), { _tag: "Change", terms, prorationDate: soon }, soon)
    const step = done(account, { _tag: "Cancel", when: "now", confirmed: true }, soon)
    assert.deepStrictEqual(tags(step), ["ChangeUndone", "Cancelled"])
    assert.deepStrictEqual(told(step), ["ReleaseChange", "CancelNow"])
  })
})

describe("cancelling one of several purchases", () => {
  const withdraw = (n: number, closed?: number): SubscriptionCommand => ({
    _tag: "Cancel",
    when: "period_end",
    purchaseId: purchaseId(n),
    ...(closed !== undefined && { closed: purchaseId(closed) })
  })
  const both = () => done(subscribed(), createLifetime(2, lifetime("PRO")), soon).account

  it("withdraws a lifetime that is not paid, and leaves the subscription alone", () => {
    assert.strictEqual(refused(both(), withdraw(2), soon), "PaymentInProgress")
    const step = done(both(), withdraw(2, 2), soon)
    assert.deepStrictEqual(tags(step), ["Cancelled"])
    assert.deepStrictEqual(told(step), [])
    assert.strictEqual(step.account.memberships[0]?.state, "revoked")
    assert.strictEqual(step.account.payments.find((it) => it.purchaseId === purchaseId(2))?.state, "lapsed")
    assert.deepStrictEqual(step.account.subscriptions, both().subscriptions)
  })

  it("flags the subscription that it names, and leaves the lifetime alone", () => {
    const step = done(both(), withdraw(1), soon)
    assert.deepStrictEqual(tags(step), ["CancelScheduled"])
    assert.deepStrictEqual(step.account.memberships, both().memberships)
  })

  it("is refused for one that there is not", () => {
    for (const account of [both(), subscribed(), done(nobody, createLifetime(2, lifetime("PRO")), soon).account]) {
      assert.strictEqual(refused(account, withdraw(7, 7), soon), "NoSubscription")
    }
  })
})

describe("what is about to be paid from a wallet", () => {
  const lapsing = after(start, { hours: pendingHours })
  const web3 = { method: "web3" } as const
  const orders = [
    create(1, proMonthly, web3),
    { ...createLifetime(1, lifetime("PRO")), ...web3 } as SubscriptionCommand
  ]
  const cancel = { _tag: "Cancel", when: "now", closed: purchaseId(1) } as const
  const withPayment = (order: SubscriptionCommand, state: "quoted" | "submitted" | "confirming" | "rejected") => {
    const { account } = done(nobody, order, start)
    const [payment = assert.fail("nothing is to be paid")] = account.payments
    return { ...account, payments: [{ ...payment, state }] }
  }

  it("neither lapses nor is withdrawn while the payment is under way", () => {
    for (const order of orders) {
      for (const state of ["submitted", "confirming"] as const) {
        const account = withPayment(order, state)
        assert.deepStrictEqual(tags(done(account, { _tag: "Tick" }, after(lapsing, { days: 1 }))), [])
        assert.strictEqual(refused(account, cancel, soon), "PaymentInProgress")
      }
    }
  })

  it("lapses and is withdrawn where nothing is under way", () => {
    for (const order of orders) {
      for (const state of ["quoted", "rejected"] as const) {
        const account = withPayment(order, state)
        assert.deepStrictEqual(tags(done(account, { _tag: "Tick" }, lapsing)), ["CheckoutExpired"])
        assert.deepStrictEqual(tags(done(account, cancel, soon)), ["Cancelled"])
      }
    }
  })
})

describe("an account whose billing has ended", () => {
  const later = after(soon, { hours: 1 })
  const closed = (account: BillingAccount) => done(account, { _tag: "EndBilling", leftAt: soon }, soon).account

  it("has no lifetime left that can be paid", () => {
    const step = done(done(nobody, createLifetime(1, lifetime("PRO")), start).account, {
      _tag: "EndBilling",
      leftAt: soon
    }, soon)
    assert.deepStrictEqual(tags(step), ["CheckoutExpired", "BillingEnded"])
    assert.strictEqual(step.account.memberships[0]?.state, "revoked")
    assert.strictEqual(step.account.payments[0]?.state, "lapsed")
    assert.isTrue(step.account.closed)
  })

  it("begins nothing with a payment that comes afterwards, and gives it back", () => {
    const lifetimeOrdered = done(nobody, createLifetime(1, lifetime("PRO")), start).account
    const late = done(closed(lifetimeOrdered), lifetimePaid(1, "PRO", later), later)
    assert.deepInclude(late.records.map(({ event }) => event).find(({ _tag }) => _tag === "LatePayment"), {
      returned: true
    })
    assert.deepStrictEqual(told(late), ["Refund"])
    assert.strictEqual(late.account.memberships[0]?.state, "revoked")
    const subscription = done(closed(pending()), firstMonth(later), later)
    assert.deepStrictEqual(tags(subscription), ["PaymentRecorded", "LatePayment", "Synced"])
    assert.deepStrictEqual(told(subscription), ["Refund", "CancelNow"])
    assert.strictEqual(subscription.account.subscriptions[0]?.state, "cancelled")
  })

  it("is an account as any other once something new is ordered", () => {
    const day = after(start, { days: 2 })
    const web3 = { method: "web3" } as const
    const again = done(closed(pending()), create(2, proMonthly, web3), later).account
    assert.isUndefined(again.closed)
    const begun = done(again, firstMonth(day), day)
    assert.deepStrictEqual(tags(begun), ["CheckoutExpired", "PaymentRecorded", "LatePayment", "Activated", "Synced"])
    const lifetimeOrdered = done(nobody, createLifetime(1, lifetime("PRO")), start).account
    const anew = done(closed(lifetimeOrdered), create(2, proMonthly, web3), later).account
    const held = done(anew, lifetimePaid(1, "PRO", later), later).account
    assert.strictEqual(held.memberships[0]?.state, "active")
    const other = { ...createLifetime(2, lifetime("PRO")), ...web3 } as SubscriptionCommand
    assert.isUndefined(done(closed(lifetimeOrdered), other, later).account.closed)
  })
})
