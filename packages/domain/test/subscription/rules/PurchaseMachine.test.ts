import { type SubscriptionCommand, timelyIntent } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { pendingHours, unpaidCheckoutsADay } from "../../../src/subscription/rules/PurchaseLimits.ts"
import {
  after,
  buyLifetime,
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
  monthTwo,
  nobody,
  paymentId,
  plan,
  proMonthly,
  providerSubscription,
  purchaseId,
  refused,
  snapshot,
  start,
  subscribed,
  tags,
  told
} from "../given.ts"

const pending = () => done(nobody, create(1), start).account
const soon = after(start, { hours: 1 })

describe("somebody who begins to buy", () => {
  it("gets a pending subscription and a checkout", () => {
    const step = done(nobody, create(1), start)
    assert.deepStrictEqual(tags(step), ["SubscriptionCreated"])
    assert.deepStrictEqual(told(step), ["OpenCheckout"])
    assert.strictEqual(step.account.subscriptions[0]?.state, "pending")
    assert.strictEqual(step.account.payments[0]?.state, "quoted")
  })

  it("finds the same one when they ask for the same again", () => {
    assert.deepStrictEqual(tags(done(pending(), create(2), soon)), [])
  })

  it("gets another only when the first checkout was closed", () => {
    assert.strictEqual(refused(pending(), create(2, plan("PRO", "yearly")), soon), "PaymentInProgress")
    const step = done(pending(), create(2, plan("PRO", "yearly"), { closed: purchaseId(1) }), soon)
    assert.deepStrictEqual(tags(step), ["Superseded", "SubscriptionCreated"])
    assert.deepStrictEqual(step.account.subscriptions.map(({ state }) => state), ["cancelled", "pending"])
    assert.strictEqual(step.account.payments[0]?.state, "lapsed")
  })

  it("does not get another while the first payment is under way", () => {
    const step = done(
      pending(),
      snapshot(1, soon, { checkout: { sessionId: external("cs_1"), state: "complete" } }),
      soon
    )
    assert.deepStrictEqual(tags(step), ["PaymentSubmitted", "Synced"])
    const other = create(2, plan("PRO", "yearly"), { closed: purchaseId(1) })
    assert.strictEqual(refused(step.account, other, soon), "PaymentInProgress")
  })

  it("is refused while a subscription goes on, or a lifetime of that tier is held", () => {
    assert.strictEqual(refused(subscribed(), create(2), soon), "SubscriptionExists")
    const { account } = done(nobody, createLifetime(1, lifetime("PRO")), start)
    const held = done(account, snapshot(1, soon, { payments: [money("life", soon, {}, { kind: "lifetime" })] }), soon)
    assert.deepStrictEqual(tags(held), ["PaymentRecorded", "MembershipActivated", "Synced"])
    assert.strictEqual(refused(held.account, create(2), soon), "LifetimeHeld")
    assert.strictEqual(refused(held.account, createLifetime(2, lifetime("PRO")), soon), "LifetimeHeld")
    assert.deepStrictEqual(tags(done(held.account, create(2, plan("ENTERPRISE", "monthly")), soon)), [
      "SubscriptionCreated"
    ])
  })

  it("gets another when they want to pay in another way, or not to have it renewed", () => {
    for (const other of [{ method: "web3" as const }, { autoRenew: false }]) {
      assert.strictEqual(refused(pending(), create(2, proMonthly, other), soon), "PaymentInProgress")
      const step = done(pending(), create(2, proMonthly, { ...other, closed: purchaseId(1) }), soon)
      assert.deepStrictEqual(tags(step), ["Superseded", "SubscriptionCreated"])
    }
  })

  it("gets another for the same order once the first can be paid no more", () => {
    const last = after(start, { hours: pendingHours })
    assert.deepStrictEqual(tags(done(pending(), create(2), DateTime.subtract(last, { milliseconds: 1 }))), [])
    assert.strictEqual(refused(pending(), create(2), last), "PaymentInProgress")
    const step = done(pending(), create(2, proMonthly, { closed: purchaseId(1) }), last)
    assert.deepStrictEqual(tags(step), ["SyncRequested", "Superseded", "SubscriptionCreated"])
    const own = done(nobody, create(1, proMonthly, { method: "web3" }), start).account
    const again = done(own, create(2, proMonthly, { method: "web3" }), last)
    assert.deepStrictEqual(tags(again), ["CheckoutExpired", "SubscriptionCreated"])
  })

  it("is refused where a higher tier is held for good, be that suspended", () => {
    const held = buyLifetime(nobody, 1, "ENTERPRISE", start).account
    const disputes = [{ externalId: external("dp_1"), state: "open" as const, openedAt: soon }]
    const suspended = done(held, lifetimePaid(1, "ENTERPRISE", soon, { disputes }), soon).account
    assert.strictEqual(suspended.memberships[0]?.state, "suspended")
    for (const account of [held, suspended]) {
      assert.strictEqual(refused(account, create(2), soon), "LifetimeHeld")
      assert.strictEqual(refused(account, createLifetime(2, lifetime("PRO")), soon), "LifetimeHeld")
    }
  })

  it("cannot have a method renewed that charges nothing by itself", () => {
    assert.strictEqual(
      refused(nobody, create(1, proMonthly, { method: "web3", autoRenew: true }), start),
      "AutoRenewUnsupported"
    )
  })

  it("withdraws once the checkout is closed", () => {
    const cancel = { _tag: "Cancel", when: "period_end" } as const
    assert.strictEqual(refused(pending(), cancel, soon), "PaymentInProgress")
    const step = done(pending(), { ...cancel, closed: purchaseId(1) }, soon)
    assert.deepStrictEqual(tags(step), ["Cancelled"])
    assert.strictEqual(step.account.payments[0]?.state, "lapsed")
  })
})

describe("somebody who begins to buy for good", () => {
  const ordered = () => done(nobody, createLifetime(1, lifetime("PRO")), start).account
  const last = after(start, { hours: pendingHours })

  it("finds the same one when they ask for the same again, while it can be paid", () => {
    assert.deepStrictEqual(told(done(nobody, createLifetime(1, lifetime("PRO")), start)), ["OpenCheckout"])
    const again = done(ordered(), createLifetime(2, lifetime("PRO")), soon)
    assert.deepStrictEqual([tags(again), told(again)], [[], []])
    assert.strictEqual(refused(ordered(), createLifetime(2, lifetime("PRO")), last), "PaymentInProgress")
    const step = done(ordered(), createLifetime(2, lifetime("PRO"), purchaseId(1)), last)
    assert.deepStrictEqual(tags(step), ["SyncRequested", "Superseded", "MembershipCreated"])
  })

  it("gets another only when the first checkout was closed", () => {
    const inOtherWay = { ...createLifetime(2, lifetime("PRO")), method: "web3" } as SubscriptionCommand
    for (const other of [createLifetime(2, lifetime("ENTERPRISE")), inOtherWay]) {
      assert.strictEqual(refused(ordered(), other, soon), "PaymentInProgress")
    }
    const step = done(ordered(), createLifetime(2, lifetime("ENTERPRISE"), purchaseId(1)), soon)
    assert.deepStrictEqual(tags(step), ["Superseded", "MembershipCreated"])
    assert.deepStrictEqual(step.account.memberships.map(({ state }) => state), ["revoked", "pending"])
    assert.deepStrictEqual(step.account.payments.map(({ state }) => state), ["lapsed", "quoted"])
  })
})

describe("a payment", () => {
  it("activates, with the anchor and the period of the provider", () => {
    const step = done(pending(), firstMonth(soon), soon)
    assert.deepStrictEqual(tags(step), ["PaymentRecorded", "Activated", "Synced"])
    const [subscription] = step.account.subscriptions
    assert.strictEqual(subscription?.state, "active")
    assert.deepStrictEqual(subscription?.anchor, start)
    assert.deepStrictEqual(subscription?.paidThrough, monthOne)
    assert.strictEqual(step.account.payments.length, 1)
    assert.strictEqual(step.account.payments[0]?.state, "settled")
  })

  it("of another amount than was asked is recorded with what was", () => {
    const amount = { ...proMonthly.price, minorUnits: 599n }
    const step = done(
      pending(),
      snapshot(1, soon, {
        subscription: providerSubscription({ periodStart: start, periodEnd: monthOne }),
        payments: [{ ...firstMoney, amount }]
      }),
      soon
    )
    const recorded = step.records[0]?.event
    assert.deepInclude(recorded, { _tag: "PaymentRecorded", expected: proMonthly.price })
    assert.deepStrictEqual(step.account.payments[0]?.amount, amount)
  })

  it("without renewal flags the subscription, here and at the provider", () => {
    const { account } = done(nobody, create(1, proMonthly, { autoRenew: false }), start)
    const step = done(account, firstMonth(soon), soon)
    assert.deepStrictEqual(tags(step), ["PaymentRecorded", "Activated", "CancelScheduled", "Synced"])
    assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd"])
  })

  it("that comes after the purchase lapsed begins it, when nothing else is open", () => {
    const lapsed = done(
      pending(),
      snapshot(1, soon, { checkout: { sessionId: external("cs_1"), state: "expired" } }),
      soon
    )
    assert.strictEqual(lapsed.account.subscriptions[0]?.state, "expired")
    const step = done(lapsed.account, firstMonth(after(soon, { hours: 1 })), after(soon, { hours: 1 }))
    assert.deepStrictEqual(tags(step), ["PaymentRecorded", "LatePayment", "Activated", "Synced"])
    assert.strictEqual(step.account.subscriptions[0]?.state, "active")
  })

  it("that comes after another purchase took the place is given back, once", () => {
    const other = done(pending(), create(2, plan("PRO", "yearly"), { closed: purchaseId(1) }), soon)
    const later = after(soon, { hours: 1 })
    const step = done(other.account, firstMonth(later), later)
    assert.deepStrictEqual(tags(step), ["PaymentRecorded", "LatePayment", "Synced"])
    assert.deepStrictEqual(told(step), ["Refund", "CancelNow"])
    assert.strictEqual(step.account.subscriptions[0]?.state, "cancelled")
    const again = done(step.account, firstMonth(after(later, { hours: 1 }), { status: "canceled" }), later)
    assert.deepStrictEqual(told(again), [])
  })
})

describe("renewing", () => {
  const renew = { ...create(2), _tag: "Renew" as const } as Parameters<typeof done>[1]

  it("is refused with what to do instead, while the subscription lives", () => {
    assert.strictEqual(refused(subscribed(), renew, soon), "RenewsAutomatically")
    const { account } = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon)
    assert.strictEqual(refused(account, renew, soon), "UseUndoCancel")
    const unpaid = done(subscribed(), firstMonth(monthOne, { status: "past_due" }), monthOne)
    assert.strictEqual(refused(unpaid.account, renew, monthOne), "PastDue")
    const disputes = [{ externalId: external("dp_1"), state: "open" as const, openedAt: soon }]
    const suspended = done(
      subscribed(),
      snapshot(1, soon, {
        subscription: providerSubscription({ periodStart: start, periodEnd: monthOne }),
        payments: [{ ...firstMoney, disputes }]
      }),
      soon
    )
    assert.strictEqual(suspended.account.subscriptions[0]?.state, "suspended")
    assert.strictEqual(refused(suspended.account, renew, soon), "NotChangeable")
  })

  it("after the end begins a new subscription", () => {
    const { account } = done(subscribed(), { _tag: "Cancel", when: "now", confirmed: true }, soon)
    const step = done(account, renew, soon)
    assert.deepStrictEqual(step.account.subscriptions.map(({ state }) => state), ["cancelled", "pending"])
    assert.isTrue(DateTime.isGreaterThan(step.account.subscriptions[1]?.lapsesAt ?? start, soon))
  })
})

describe("a purchase that is named again after its end", () => {
  it("is no other purchase", () => {
    const { account } = done(subscribed(), { _tag: "Cancel", when: "now", confirmed: true }, start)
    for (const _tag of ["Create", "Renew"] as const) {
      const order = { _tag, purchaseId: purchaseId(1), paymentId: paymentId(1), method: "stripe" } as const
      assert.deepStrictEqual(tags(done(account, { ...order, terms: proMonthly, autoRenew: true }, start)), [])
    }
  })
})

describe("an order that an administrator takes back", () => {
  const checkout = { sessionId: external("cs_1"), url: "https://pay.example/1", expiresAt: monthOne }
  const cancel = { _tag: "Cancel", when: "now", admin: true } as const

  it("is over at once, and its page is closed afterwards", () => {
    const ordered = done(nobody, create(1), start).account
    const opened = done(ordered, { _tag: "CheckoutOpened", paymentId: paymentId(1), checkout }, start).account
    for (const [account, page] of [[ordered, {}], [opened, { sessionId: checkout.sessionId }]] as const) {
      const step = done(account, cancel, start)
      assert.deepStrictEqual(tags(step), ["Cancelled"])
      assert.deepStrictEqual(step.intents, [{ purchaseId: purchaseId(1), intent: { _tag: "CloseCheckout", ...page } }])
    }
    const forGood = done(nobody, createLifetime(2, lifetime("PRO")), start).account
    const step = done(forGood, { ...cancel, purchaseId: purchaseId(2) }, start)
    assert.deepStrictEqual(told(step), ["CloseCheckout"])
    assert.strictEqual(step.account.memberships[0]?.state, "revoked")
  })

  it("is not opened any more where it was not yet", () => {
    const step = done(nobody, create(1), start)
    const [opening] = step.intents
    assert.isDefined(opening)
    assert.isDefined(timelyIntent(step.account, opening ?? assert.fail(), start))
    assert.isUndefined(timelyIntent(done(step.account, cancel, start).account, opening ?? assert.fail(), start))
  })
})

describe("orders that nobody pays", () => {
  it("are no more than so many a day", () => {
    let account = nobody
    for (let n = 1; n <= unpaidCheckoutsADay; n++) {
      const terms = n % 2 === 0 ? proMonthly : plan("ENTERPRISE", "monthly")
      account = done(account, create(n, terms, n > 1 ? { closed: purchaseId(n - 1) } : {}), start).account
    }
    const next = unpaidCheckoutsADay + 1
    const another = create(next, plan("PRO", "yearly"), { closed: purchaseId(unpaidCheckoutsADay) })
    assert.strictEqual(refused(account, another, start), "TooManyCheckouts")
    assert.strictEqual(refused(account, createLifetime(next, lifetime("PRO")), start), "TooManyCheckouts")
    assert.strictEqual(refused(account, another, after(start, { days: 1 })), "carried out")
  })
})

describe("what is had for good", () => {
  const paid = money("for_good", start, {}, { kind: "lifetime", amount: lifetime("ENTERPRISE").price })
  const ordered = done(nobody, createLifetime(9, lifetime("ENTERPRISE")), start).account
  const held = done(ordered, snapshot(9, start, { payments: [paid] }), start).account
  const late = after(monthOne, { days: 1 })
  const owing = done(
    subscribed(),
    snapshot(1, late, {
      subscription: providerSubscription({ status: "past_due", periodStart: monthOne, periodEnd: monthTwo }),
      payments: [firstMoney]
    }),
    late
  ).account

  it("makes superfluous what another account brings along", () => {
    const step = done(held, { _tag: "MergeIn", account: subscribed() }, start)
    assert.deepStrictEqual(tags(step), ["MergedIn", "CancelScheduled"])
    assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd"])
    assert.strictEqual(step.account.subscriptions[0]?.ending?.cause, "lifetime")
  })

  it("has what is owed for the same ended, unless it was paid", () => {
    const step = done(held, { _tag: "MergeIn", account: owing }, late)
    assert.deepStrictEqual(step.intents.map(({ intent }) => intent), [
      { _tag: "CancelNow", externalId: external("sub_1"), ifUnpaid: true },
      { _tag: "VoidOpenInvoice", externalId: external("sub_1") }
    ])
    assert.deepInclude(step.account.subscriptions[0]?.ending, { cause: "lifetime", endsAt: monthOne })
  })
})
