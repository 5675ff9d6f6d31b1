import { ChainId, WalletAddress } from "@dchat/domain/identity"
import {
  accountAt,
  type BillingAccount,
  ConfirmationRequired,
  NoSubscription,
  NotCancelled,
  NotChangeable,
  PaymentInProgress,
  type SubscriptionCommand,
  SupersededByLifetime
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { pendingHours } from "../../src/subscription/rules/PurchaseLimits.ts"
import {
  after,
  create,
  createLifetime,
  done,
  emptyAccount,
  external,
  firstMoney,
  firstMonth,
  lifeMoney,
  lifetime,
  lifetimePaid,
  money,
  monthOne,
  plan,
  proMonthly,
  providerSubscription,
  purchaseId,
  refundRefused,
  snapshot,
  start,
  subscribed,
  subscribedByUs
} from "./accounts.ts"
import * as Events from "./Events.ts"
import { given } from "./given.ts"
import * as Intents from "./Intents.ts"

const soon = after(start, { hours: 1 })
const pending = () => done(emptyAccount, create(1), start).account

const suspended = () =>
  done(
    subscribed(),
    snapshot(1, soon, {
      subscription: providerSubscription({ periodStart: start, periodEnd: monthOne }),
      payments: [{ ...firstMoney, disputes: [{ externalId: external("dp_1"), state: "open", openedAt: soon }] }]
    }),
    soon
  ).account

describe("Cancelling", () => {
  it("schedules the end with the period once, and keeps the access until then", () => {
    const step = given(subscribed()).when({ _tag: "Cancel", when: "period_end" }, soon).yields(
      Events.cancelScheduled("user", soon)
    ).tells(Intents.cancelAtPeriodEnd())
    step.after.when({ _tag: "Cancel", when: "period_end" }, soon).changesNothing()
  })

  it("ends a subscription before it is charged again if its period is over", () => {
    const step = given(subscribed()).when({ _tag: "Cancel", when: "period_end" }, after(monthOne, { hours: 1 })).yields(
      Events.syncRequested(monthOne),
      Events.cancelScheduled("user", after(monthOne, { hours: 1 }))
    ).tells(Intents.cancelNow())
    assert.deepStrictEqual(step.state.subscriptions[0]?.ending?.endsAt, monthOne)
  })

  it("at once requires the confirmation of a user that nothing is refunded, and not of an administrator", () => {
    const now = { _tag: "Cancel", when: "now" } as const
    given(subscribed()).when(now, soon).refuses(new ConfirmationRequired())
    given(subscribed()).when({ ...now, confirmed: true }, soon).yields(Events.cancelled(soon)).tells(
      Intents.cancelNow()
    )
    given(subscribed()).when({ ...now, admin: true }, soon).yields(Events.cancelled(soon))
  })

  it("can be undone before the end, and not after it", () => {
    const { account } = done(subscribedByUs(), { _tag: "Cancel", when: "period_end" }, soon)
    const undone = given(account).when({ _tag: "UndoCancel" }, soon).yields(Events.cancelUndone())
    undone.after.when({ _tag: "UndoCancel" }, soon).refuses(new NotCancelled())
    given(account).when({ _tag: "UndoCancel" }, monthOne).refuses(new NoSubscription())
    assert.strictEqual(accountAt(account, monthOne).subscriptions[0]?.state, "cancelled")
  })

  it("by a lifetime membership cannot be undone", () => {
    const { account } = done(subscribed(), createLifetime(2, lifetime("PRO")), soon)
    const held = given(account).when(
      snapshot(2, soon, { payments: [money("life", soon, {}, { kind: "lifetime" })] }),
      soon
    ).yields(
      Events.paymentRecorded(money("life", soon, {}, { kind: "lifetime" }), {
        n: 2,
        createdAt: soon,
        expected: lifetime("PRO").price
      }),
      Events.membershipActivated(2),
      Events.synced(soon, 2),
      Events.cancelScheduled("lifetime", soon)
    ).tells(Intents.cancelAtPeriodEnd())
    held.after.when({ _tag: "UndoCancel" }, soon).refuses(new SupersededByLifetime())
  })

  it("is refused without a purchase", () => {
    given(emptyAccount).when({ _tag: "Cancel", when: "period_end" }, start).refuses(new NoSubscription())
    given(emptyAccount).when({ _tag: "UndoCancel" }, start).refuses(new NoSubscription())
  })

  it("all billing leaves no purchase open", () => {
    const step = given(subscribed()).when({ _tag: "EndBilling", leftAt: soon }, soon).yields(
      Events.cancelled(soon),
      Events.billingEnded(soon)
    ).tells(Intents.cancelNow())
    assert.strictEqual(step.state.subscriptions[0]?.state, "cancelled")
    step.after.when({ _tag: "EndBilling", leftAt: soon }, soon).changesNothing()
    given(pending()).when({ _tag: "EndBilling", leftAt: soon }, soon).yields(
      Events.cancelled(soon),
      Events.billingEnded(soon)
    )
  })

  it("cannot be undone while the subscription is suspended", () => {
    given(suspended()).when({ _tag: "UndoCancel" }, soon).refuses(new NotChangeable())
  })

  it("cannot be undone after the end, before the provider has reported the end", () => {
    const { account } = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon)
    const lastMoment = DateTime.subtract(monthOne, { milliseconds: 1 })
    given(account).when({ _tag: "UndoCancel" }, lastMoment).yields(
      Events.reminderDue(7),
      Events.reminderDue(3),
      Events.reminderDue(1),
      Events.cancelUndone()
    )
    assert.strictEqual(accountAt(account, monthOne).subscriptions[0]?.state, "active")
    given(account).when({ _tag: "UndoCancel" }, monthOne).refuses(new NotCancelled())
  })

  it("a disputed subscription ends it with the paid period, which the dispute may restore", () => {
    for (const admin of [{}, { admin: true }] as const) {
      const cancel = { _tag: "Cancel", when: "period_end", ...admin } as const
      const cause = "admin" in admin ? "admin" : "user"
      const step = given(suspended()).when(cancel, soon).yields(Events.cancelScheduled(cause, soon)).tellsNothing()
      assert.deepInclude(step.state.subscriptions[0], { state: "suspended" })
      assert.deepInclude(step.state.subscriptions[0]?.ending, { cause, endsAt: monthOne })
      step.after.when(cancel, soon).changesNothing()
    }
  })

  it("a disputed subscription at once requires the confirmation that nothing is refunded", () => {
    const now = { _tag: "Cancel", when: "now" } as const
    given(suspended()).when(now, soon).refuses(new ConfirmationRequired())
    given(suspended()).when({ ...now, confirmed: true }, soon).yields(Events.cancelled(soon)).tells(Intents.cancelNow())
  })

  it("is stored while a refund is in progress, and stays when the refund fails", () => {
    const { account } = done(subscribed(), { _tag: "Refund" }, soon)
    const step = given(account).when({ _tag: "Cancel", when: "period_end" }, soon).yields(
      Events.cancelScheduled("user", soon)
    )
    const [payment = assert.fail("nothing was paid")] = account.payments
    const failed = step.after.when(refundRefused(1, payment.id), soon).yields(
      Events.intentRefused("Refund"),
      Events.refundFailed()
    ).tellsNothing()
    assert.deepInclude(failed.state.subscriptions[0]?.ending, { cause: "user", endsAt: monthOne })
  })

  it("records the change of plan that it drops, until it is undone", () => {
    const enterprise = () =>
      done(
        done(emptyAccount, create(1, plan("ENTERPRISE", "monthly")), start).account,
        firstMonth(start, { terms: plan("ENTERPRISE", "monthly") }),
        start
      ).account
    const { account } = done(enterprise(), { _tag: "Change", terms: proMonthly, prorationDate: soon }, soon)
    const dropped = { direction: "down", terms: proMonthly } as const
    const step = given(account).when({ _tag: "Cancel", when: "period_end" }, soon).yields(
      Events.changeUndone(),
      Events.cancelScheduled("user", soon, { dropped })
    )
    assert.deepStrictEqual(step.state.subscriptions[0]?.ending?.dropped, dropped)
    const told = done(step.state, firstMonth(after(soon, { hours: 1 }), { endsAt: monthOne }), soon).account
    assert.deepStrictEqual(told.subscriptions[0]?.ending?.dropped, dropped)
    const undone = done(step.state, { _tag: "UndoCancel" }, soon).account.subscriptions[0]
    assert.isUndefined(undone?.ending)
    assert.isUndefined(undone?.change)
  })

  it("at once drops a pending change of plan", () => {
    const terms = plan("ENTERPRISE", "monthly")
    const { account } = done(subscribed(), { _tag: "Change", terms, prorationDate: soon }, soon)
    given(account).when({ _tag: "Cancel", when: "now", confirmed: true }, soon).yields(
      Events.changeUndone(),
      Events.cancelled(soon)
    ).tells(Intents.releaseChange(), Intents.cancelNow())
  })
})

describe("Cancelling one of several purchases", () => {
  const withdraw = (n: number, closed?: number): SubscriptionCommand => ({
    _tag: "Cancel",
    when: "period_end",
    purchaseId: purchaseId(n),
    ...(closed !== undefined && { closed: purchaseId(closed) })
  })
  const both = () => done(subscribed(), createLifetime(2, lifetime("PRO")), soon).account

  it("withdraws an unpaid lifetime membership, and does not change the subscription", () => {
    given(both()).when(withdraw(2), soon).refuses(new PaymentInProgress())
    const step = given(both()).when(withdraw(2, 2), soon).yields(Events.cancelled(soon, 2)).tellsNothing()
    assert.strictEqual(step.state.memberships[0]?.state, "revoked")
    assert.strictEqual(step.state.payments.find((it) => it.purchaseId === purchaseId(2))?.state, "lapsed")
    assert.deepStrictEqual(step.state.subscriptions, both().subscriptions)
  })

  it("ends the named subscription, and does not change the lifetime membership", () => {
    const step = given(both()).when(withdraw(1), soon).yields(Events.cancelScheduled("user", soon))
    assert.deepStrictEqual(step.state.memberships, both().memberships)
  })

  it("is refused for a purchase that does not exist", () => {
    for (
      const account of [both(), subscribed(), done(emptyAccount, createLifetime(2, lifetime("PRO")), soon).account]
    ) {
      given(account).when(withdraw(7, 7), soon).refuses(new NoSubscription())
    }
  })
})

describe("A purchase that is paid from a wallet", () => {
  const lapsing = after(start, { hours: pendingHours })
  const web3 = { method: "web3" } as const
  const orders = [
    create(1, proMonthly, web3),
    { ...createLifetime(1, lifetime("PRO")), ...web3 } as SubscriptionCommand
  ]
  const cancel = { _tag: "Cancel", when: "now", closed: purchaseId(1) } as const
  const wallet = WalletAddress.make(`0x${"a".repeat(40)}`)
  const transfer = {
    externalId: external("1:0x01:0"),
    chainId: ChainId.make(1),
    payer: wallet,
    recipient: wallet,
    amount: 1n,
    paidAt: lapsing
  }
  const withPayment = (order: SubscriptionCommand, state: "quoted" | "submitted" | "confirming" | "rejected") => {
    const { account } = done(emptyAccount, order, start)
    const [payment = assert.fail("nothing is to be paid")] = account.payments
    return { ...account, payments: [{ ...payment, state, ...(state === "confirming" && { transfer }) }] }
  }

  it("neither lapses nor can be withdrawn while its payment is in progress", () => {
    for (const order of orders) {
      const account = withPayment(order, "confirming")
      given(account).when({ _tag: "Tick" }, after(lapsing, { days: 1 })).changesNothing()
      given(account).when(cancel, soon).refuses(new PaymentInProgress())
    }
  })

  it("lapses and can be withdrawn if no payment is in progress, whatever transaction the user names", () => {
    for (const order of orders) {
      for (const state of ["quoted", "submitted", "rejected"] as const) {
        const account = withPayment(order, state)
        given(account).when({ _tag: "Tick" }, lapsing).yields(Events.checkoutExpired())
        given(account).when(cancel, soon).yields(Events.cancelled(soon))
      }
    }
  })
})

describe("An account whose billing has ended", () => {
  const later = after(soon, { hours: 1 })
  const closed = (account: BillingAccount) => done(account, { _tag: "EndBilling", leftAt: soon }, soon).account

  it("has no lifetime membership that can still be paid", () => {
    const step = given(done(emptyAccount, createLifetime(1, lifetime("PRO")), start).account).when({
      _tag: "EndBilling",
      leftAt: soon
    }, soon).yields(Events.checkoutExpired(), Events.billingEnded(soon))
    assert.strictEqual(step.state.memberships[0]?.state, "revoked")
    assert.strictEqual(step.state.payments[0]?.state, "lapsed")
    assert.isTrue(step.state.closed)
  })

  it("activates nothing by a later payment, and refunds the payment", () => {
    const lifetimeOrdered = done(emptyAccount, createLifetime(1, lifetime("PRO")), start).account
    const late = given(closed(lifetimeOrdered)).when(lifetimePaid(1, "PRO", later), later).yields(
      Events.paymentRecorded(lifeMoney("PRO", later)),
      Events.latePayment(true),
      Events.synced(later)
    ).tells(Intents.refund(lifeMoney("PRO", start)))
    assert.strictEqual(late.state.memberships[0]?.state, "revoked")
    const subscription = given(closed(pending())).when(firstMonth(later), later).yields(
      Events.paymentRecorded(firstMoney),
      Events.latePayment(true),
      Events.synced(later)
    ).tells(Intents.refund(firstMoney), Intents.cancelNow())
    assert.strictEqual(subscription.state.subscriptions[0]?.state, "cancelled")
  })

  it("is like any other account once the user starts another purchase", () => {
    const day = after(start, { days: 2 })
    const web3 = { method: "web3" } as const
    const again = done(closed(pending()), create(2, proMonthly, web3), later).account
    assert.isUndefined(again.closed)
    given(again).when(firstMonth(day), day).yields(
      Events.checkoutExpired(2),
      Events.paymentRecorded(firstMoney),
      Events.latePayment(false),
      Events.activated(),
      Events.synced(day)
    )
    const lifetimeOrdered = done(emptyAccount, createLifetime(1, lifetime("PRO")), start).account
    const anew = done(closed(lifetimeOrdered), create(2, proMonthly, web3), later).account
    const held = done(anew, lifetimePaid(1, "PRO", later), later).account
    assert.strictEqual(held.memberships[0]?.state, "active")
    const other = { ...createLifetime(2, lifetime("PRO")), ...web3 } as SubscriptionCommand
    assert.isUndefined(done(closed(lifetimeOrdered), other, later).account.closed)
  })
})
