import {
  AutoRenewUnsupported,
  LifetimeHeld,
  NotChangeable,
  PastDue,
  PaymentInProgress,
  type PaymentMethod,
  RenewsAutomatically,
  type SubscriptionCommand,
  SubscriptionExists,
  timelyIntent,
  TooManyCheckouts,
  UseUndoCancel
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { pendingHours, unpaidCheckoutsADay } from "../../../src/subscription/rules/PurchaseLimits.ts"
import {
  after,
  buyLifetime,
  create,
  createLifetime,
  done,
  emptyAccount,
  external,
  firstMoney,
  firstMonth,
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
  snapshot,
  start,
  subscribed
} from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"
import * as Intents from "../Intents.ts"

const pending = () => done(emptyAccount, create(1), start).account
const soon = after(start, { hours: 1 })

describe("A purchase of a subscription", () => {
  it("creates a pending subscription and a checkout", () => {
    const step = given(emptyAccount).when(create(1), start).yields(Events.subscriptionCreated(1, start)).tells(
      Intents.openCheckout(1, start, proMonthly)
    )
    assert.strictEqual(step.state.subscriptions[0]?.state, "pending")
    assert.strictEqual(step.state.payments[0]?.state, "quoted")
  })

  it("finds the pending subscription if it is repeated", () => {
    given(pending()).when(create(2), soon).changesNothing()
  })

  it("replaces a different pending subscription only if its checkout was closed", () => {
    given(pending()).when(create(2, plan("PRO", "yearly")), soon).refuses(new PaymentInProgress())
    const step = given(pending()).when(create(2, plan("PRO", "yearly"), { closed: purchaseId(1) }), soon).yields(
      Events.superseded(),
      Events.subscriptionCreated(2, soon, { terms: plan("PRO", "yearly") })
    )
    assert.deepStrictEqual(step.state.subscriptions.map(({ state }) => state), ["cancelled", "pending"])
    assert.strictEqual(step.state.payments[0]?.state, "lapsed")
  })

  it("does not replace a pending subscription while its first payment is in progress", () => {
    const step = given(pending()).when(
      snapshot(1, soon, { checkout: { sessionId: external("cs_1"), state: "complete" } }),
      soon
    ).yields(Events.paymentSubmitted(), Events.synced(soon))
    const other = create(2, plan("PRO", "yearly"), { closed: purchaseId(1) })
    step.after.when(other, soon).refuses(new PaymentInProgress())
  })

  it("is refused while the user has a subscription, or a lifetime membership of the tier", () => {
    given(subscribed()).when(create(2), soon).refuses(new SubscriptionExists())
    const { account } = done(emptyAccount, createLifetime(1, lifetime("PRO")), start)
    const held = given(account).when(
      snapshot(1, soon, { payments: [money("life", soon, {}, { kind: "lifetime" })] }),
      soon
    ).yields(
      Events.paymentRecorded(money("life", soon, {}, { kind: "lifetime" }), { expected: lifetime("PRO").price }),
      Events.membershipActivated(),
      Events.synced(soon)
    )
    held.after.when(create(2), soon).refuses(new LifetimeHeld())
    held.after.when(createLifetime(2, lifetime("PRO")), soon).refuses(new LifetimeHeld())
    held.after.when(create(2, plan("ENTERPRISE", "monthly")), soon).yields(
      Events.subscriptionCreated(2, soon, { terms: plan("ENTERPRISE", "monthly") })
    )
  })

  it("with another payment method, or without renewal, replaces the pending one", () => {
    const others = [{ method: "web3", autoRenew: false }, { autoRenew: false }] as const
    for (const other of others) {
      given(pending()).when(create(2, proMonthly, other), soon).refuses(new PaymentInProgress())
      given(pending()).when(create(2, proMonthly, { ...other, closed: purchaseId(1) }), soon).yields(
        Events.superseded(),
        Events.subscriptionCreated(2, soon, other)
      )
    }
  })

  it("replaces the same pending subscription once that can no longer be paid", () => {
    const last = after(start, { hours: pendingHours })
    given(pending()).when(create(2), DateTime.subtract(last, { milliseconds: 1 })).changesNothing()
    given(pending()).when(create(2), last).refuses(new PaymentInProgress())
    given(pending()).when(create(2, proMonthly, { closed: purchaseId(1) }), last).yields(
      Events.syncRequested(last),
      Events.superseded(),
      Events.subscriptionCreated(2, last)
    )
    const own = done(emptyAccount, create(1, proMonthly, { method: "web3" }), start).account
    given(own).when(create(2, proMonthly, { method: "web3" }), last).yields(
      Events.checkoutExpired(),
      Events.subscriptionCreated(2, last, { method: "web3" })
    )
  })

  it("is refused if the user has a lifetime membership of a higher tier, even a suspended one", () => {
    const held = buyLifetime(emptyAccount, 1, "ENTERPRISE", start).account
    const disputes = [{ externalId: external("dp_1"), state: "open" as const, openedAt: soon }]
    const suspended = done(held, lifetimePaid(1, "ENTERPRISE", soon, { disputes }), soon).account
    assert.strictEqual(suspended.memberships[0]?.state, "suspended")
    for (const account of [held, suspended]) {
      given(account).when(create(2), soon).refuses(new LifetimeHeld())
      given(account).when(createLifetime(2, lifetime("PRO")), soon).refuses(new LifetimeHeld())
    }
  })

  it("is refused with renewal by a method that cannot charge by itself", () => {
    given(emptyAccount).when(create(1, proMonthly, { method: "web3", autoRenew: true }), start).refuses(
      new AutoRenewUnsupported()
    )
  })

  it("can be withdrawn once the checkout is closed", () => {
    const cancel = { _tag: "Cancel", when: "period_end" } as const
    given(pending()).when(cancel, soon).refuses(new PaymentInProgress())
    const step = given(pending()).when({ ...cancel, closed: purchaseId(1) }, soon).yields(Events.cancelled(soon))
    assert.strictEqual(step.state.payments[0]?.state, "lapsed")
  })
})

describe("A purchase of a lifetime membership", () => {
  const ordered = () => done(emptyAccount, createLifetime(1, lifetime("PRO")), start).account
  const last = after(start, { hours: pendingHours })

  it("finds the pending membership if it is repeated, while that can be paid", () => {
    given(emptyAccount).when(createLifetime(1, lifetime("PRO")), start).yields(
      Events.membershipCreated(1, start, lifetime("PRO"))
    ).tells(Intents.openCheckout(1, start, lifetime("PRO")))
    given(ordered()).when(createLifetime(2, lifetime("PRO")), soon).changesNothing().tellsNothing()
    given(ordered()).when(createLifetime(2, lifetime("PRO")), last).refuses(new PaymentInProgress())
    given(ordered()).when(createLifetime(2, lifetime("PRO"), purchaseId(1)), last).yields(
      Events.syncRequested(last),
      Events.superseded(),
      Events.membershipCreated(2, last, lifetime("PRO"))
    )
  })

  it("replaces a different pending membership only if its checkout was closed", () => {
    const inOtherWay = { ...createLifetime(2, lifetime("PRO")), method: "web3" } as SubscriptionCommand
    for (const other of [createLifetime(2, lifetime("ENTERPRISE")), inOtherWay]) {
      given(ordered()).when(other, soon).refuses(new PaymentInProgress())
    }
    const step = given(ordered()).when(createLifetime(2, lifetime("ENTERPRISE"), purchaseId(1)), soon).yields(
      Events.superseded(),
      Events.membershipCreated(2, soon, lifetime("ENTERPRISE"))
    )
    assert.deepStrictEqual(step.state.memberships.map(({ state }) => state), ["revoked", "pending"])
    assert.deepStrictEqual(step.state.payments.map(({ state }) => state), ["lapsed", "quoted"])
  })
})

describe("A payment", () => {
  it("activates the subscription with the anchor and the period of the provider", () => {
    const step = given(pending()).when(firstMonth(soon), soon).yields(
      Events.paymentRecorded(firstMoney),
      Events.activated(),
      Events.synced(soon)
    )
    const [subscription] = step.state.subscriptions
    assert.strictEqual(subscription?.state, "active")
    assert.deepStrictEqual(subscription?.anchor, start)
    assert.deepStrictEqual(subscription?.paidThrough, monthOne)
    assert.strictEqual(step.state.payments.length, 1)
    assert.strictEqual(step.state.payments[0]?.state, "settled")
  })

  it("of another amount is recorded with the expected amount", () => {
    const amount = { ...proMonthly.price, minorUnits: 599n }
    const step = given(pending()).when(
      snapshot(1, soon, {
        subscription: providerSubscription({ periodStart: start, periodEnd: monthOne }),
        payments: [{ ...firstMoney, amount }]
      }),
      soon
    ).yields(
      Events.paymentRecorded({ ...firstMoney, amount }, { expected: proMonthly.price }),
      Events.activated(),
      Events.synced(soon)
    ).tellsNothing()
    assert.deepStrictEqual(step.state.payments[0]?.amount, amount)
  })

  it("of a subscription without renewal schedules its end, here and at the provider", () => {
    const { account } = done(emptyAccount, create(1, proMonthly, { autoRenew: false }), start)
    given(account).when(firstMonth(soon), soon).yields(
      Events.paymentRecorded(firstMoney),
      Events.activated(),
      Events.cancelScheduled("no_renewal", soon),
      Events.synced(soon)
    ).tells(Intents.cancelAtPeriodEnd())
  })

  it("after the lapse activates the subscription if no other one is open", () => {
    const lapsed = done(
      pending(),
      snapshot(1, soon, { checkout: { sessionId: external("cs_1"), state: "expired" } }),
      soon
    )
    assert.strictEqual(lapsed.account.subscriptions[0]?.state, "expired")
    const step = given(lapsed.account).when(firstMonth(after(soon, { hours: 1 })), after(soon, { hours: 1 })).yields(
      Events.paymentRecorded(firstMoney),
      Events.latePayment(false),
      Events.activated(),
      Events.synced(after(soon, { hours: 1 }))
    )
    assert.strictEqual(step.state.subscriptions[0]?.state, "active")
  })

  it("for a replaced purchase is refunded, once", () => {
    const other = done(pending(), create(2, plan("PRO", "yearly"), { closed: purchaseId(1) }), soon)
    const later = after(soon, { hours: 1 })
    const step = given(other.account).when(firstMonth(later), later).yields(
      Events.paymentRecorded(firstMoney),
      Events.latePayment(true),
      Events.synced(later)
    ).tells(Intents.refund(firstMoney), Intents.cancelNow())
    assert.strictEqual(step.state.subscriptions[0]?.state, "cancelled")
    step.after.when(firstMonth(after(later, { hours: 1 }), { status: "canceled" }), later).yields(
      Events.synced(after(later, { hours: 1 }))
    ).tellsNothing()
  })
})

describe("Renewing", () => {
  const renew = {
    _tag: "Renew",
    purchaseId: purchaseId(2),
    paymentId: paymentId(2),
    method: "stripe",
    terms: proMonthly
  } as const

  it("is refused with the right action while the subscription is live", () => {
    given(subscribed()).when(renew, soon).refuses(new RenewsAutomatically())
    const { account } = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon)
    given(account).when(renew, soon).refuses(new UseUndoCancel())
    const unpaid = done(subscribed(), firstMonth(monthOne, { status: "past_due" }), monthOne)
    given(unpaid.account).when(renew, monthOne).refuses(new PastDue())
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
    given(suspended.account).when(renew, soon).refuses(new NotChangeable())
  })

  it("starts a new subscription after the end", () => {
    const { account } = done(subscribed(), { _tag: "Cancel", when: "now", confirmed: true }, soon)
    const step = given(account).when(renew, soon).yields(Events.subscriptionCreated(2, soon)).tells(
      Intents.openCheckout(2, soon, proMonthly)
    )
    assert.deepStrictEqual(step.state.subscriptions.map(({ state }) => state), ["cancelled", "pending"])
    assert.isTrue(DateTime.isGreaterThan(step.state.subscriptions[1]?.lapsesAt ?? start, soon))
  })
})

describe("A renewal", () => {
  const renewed = (before: { readonly method: PaymentMethod; readonly autoRenew: boolean }, method: PaymentMethod) => {
    const { account } = done(emptyAccount, create(1, proMonthly, before), start)
    const cancelled = done(account, { _tag: "Cancel", when: "now", closed: purchaseId(1) }, start).account
    const ids = { purchaseId: purchaseId(2), paymentId: paymentId(2) }
    const step = done(cancelled, { _tag: "Renew", ...ids, method, terms: proMonthly }, soon)
    return step.account.subscriptions.map(({ autoRenew }) => autoRenew)
  }

  it("with the same method renews by itself if the ended subscription did", () => {
    assert.deepStrictEqual(renewed({ method: "stripe", autoRenew: true }, "stripe"), [true, true])
    assert.deepStrictEqual(renewed({ method: "stripe", autoRenew: false }, "stripe"), [false, false])
  })

  it("with another method renews by itself if the method can", () => {
    assert.deepStrictEqual(renewed({ method: "web3", autoRenew: false }, "stripe"), [false, true])
    assert.deepStrictEqual(renewed({ method: "stripe", autoRenew: true }, "web3"), [true, false])
  })
})

describe("A repeated purchase id", () => {
  it("starts no other purchase after the end of the first", () => {
    const { account } = done(subscribed(), { _tag: "Cancel", when: "now", confirmed: true }, start)
    const order = { purchaseId: purchaseId(1), paymentId: paymentId(1), method: "stripe", terms: proMonthly } as const
    given(account).when({ _tag: "Create", ...order, autoRenew: true }, start).changesNothing()
    given(account).when({ _tag: "Renew", ...order }, start).changesNothing()
  })
})

describe("An order that an administrator withdraws", () => {
  const checkout = { sessionId: external("cs_1"), url: "https://pay.example/1", expiresAt: monthOne }
  const cancel = { _tag: "Cancel", when: "now", admin: true } as const

  it("is over at once, and its payment page is closed afterwards", () => {
    const ordered = done(emptyAccount, create(1), start).account
    const opened = done(ordered, { _tag: "CheckoutOpened", paymentId: paymentId(1), checkout }, start).account
    for (const [account, page] of [[ordered, undefined], [opened, checkout.sessionId]] as const) {
      given(account).when(cancel, start).yields(Events.cancelled(start)).tells(Intents.closeCheckout(1, page))
    }
    const forGood = done(emptyAccount, createLifetime(2, lifetime("PRO")), start).account
    const step = given(forGood).when({ ...cancel, purchaseId: purchaseId(2) }, start).yields(Events.cancelled(start, 2))
      .tells(Intents.closeCheckout(2))
    assert.strictEqual(step.state.memberships[0]?.state, "revoked")
  })

  it("opens no payment page afterwards", () => {
    const step = given(emptyAccount).when(create(1), start).yields(Events.subscriptionCreated(1, start)).tells(
      Intents.openCheckout(1, start, proMonthly)
    )
    const opening = Intents.openCheckout(1, start, proMonthly)
    assert.isDefined(timelyIntent(step.state, opening, start))
    assert.isUndefined(timelyIntent(done(step.state, cancel, start).account, opening, start))
  })
})

describe("Unpaid checkouts", () => {
  it("are limited to a number a day", () => {
    let account = emptyAccount
    for (let n = 1; n <= unpaidCheckoutsADay; n++) {
      const terms = n % 2 === 0 ? proMonthly : plan("ENTERPRISE", "monthly")
      account = done(account, create(n, terms, n > 1 ? { closed: purchaseId(n - 1) } : {}), start).account
    }
    const next = unpaidCheckoutsADay + 1
    const another = create(next, plan("PRO", "yearly"), { closed: purchaseId(unpaidCheckoutsADay) })
    given(account).when(another, start).refuses(new TooManyCheckouts())
    given(account).when(createLifetime(next, lifetime("PRO")), start).refuses(new TooManyCheckouts())
    const day = after(start, { days: 1 })
    given(account).when(another, day).yields(
      Events.syncRequested(after(start, { hours: pendingHours }), unpaidCheckoutsADay),
      Events.superseded(unpaidCheckoutsADay),
      Events.subscriptionCreated(next, day, { terms: plan("PRO", "yearly") })
    )
  })
})

describe("A lifetime membership", () => {
  const paid = money("for_good", start, {}, { kind: "lifetime", amount: lifetime("ENTERPRISE").price })
  const ordered = done(emptyAccount, createLifetime(9, lifetime("ENTERPRISE")), start).account
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

  it("cancels a covered subscription of a merged user", () => {
    const step = given(held).when({ _tag: "MergeIn", account: subscribed() }, start).yields({
      _tag: "MergedIn",
      account: subscribed()
    }, Events.cancelScheduled("lifetime", start)).tells(Intents.cancelAtPeriodEnd())
    assert.strictEqual(step.state.subscriptions[0]?.ending?.cause, "lifetime")
  })

  it("ends a covered unpaid subscription unless that was paid", () => {
    const step = given(held).when({ _tag: "MergeIn", account: owing }, late).yields(
      { _tag: "MergedIn", account: owing },
      Events.cancelScheduled("lifetime", late),
      Events.collectionStopped()
    ).tells(Intents.cancelIfUnpaid(), Intents.voidOpenInvoice())
    assert.deepInclude(step.state.subscriptions[0]?.ending, { cause: "lifetime", endsAt: monthOne })
  })
})
