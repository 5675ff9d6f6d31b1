import {
  type BillingAccount,
  NoPendingChange,
  NotChangeable,
  type Payment,
  type ProviderPayment,
  RefundNotAllowed,
  type SubscriptionCommand,
  SubscriptionExists
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import type { DateTime } from "effect"
import {
  accessAt,
  after,
  buyLifetime,
  create,
  done,
  emptyAccount,
  external,
  firstMoney,
  money,
  monthOne,
  monthTwo,
  paymentId,
  plan,
  proMonthly,
  providerSubscription,
  purchaseId,
  secondMoney,
  secondMonth,
  settle,
  snapshot,
  start,
  subscribed,
  subscribedByUs,
  unpaidMonth
} from "./accounts.ts"
import * as Events from "./Events.ts"
import { given } from "./given.ts"
import * as Intents from "./Intents.ts"

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

describe("A dispute", () => {
  it("suspends the subscription that the payment pays for, and prevents its renewal", () => {
    given(subscribed()).when(seen(soon, disputeOf("open")), soon).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("open") }),
      Events.suspended(soon),
      Events.cancelScheduled("dispute", soon),
      Events.synced(soon)
    ).tells(Intents.cancelAtPeriodEnd())
  })

  it("still prevents the renewal after an undo in the portal", () => {
    const suspended = done(subscribed(), seen(soon, disputeOf("open")), soon).account
    const step = given(suspended).when(seen(later, disputeOf("open")), later).yields(Events.synced(later)).tells(
      Intents.cancelAtAnyPeriodEnd()
    )
    assert.isDefined(step.state.subscriptions[0]?.ending)
  })

  it("restores the subscription when it is won", () => {
    const suspended = done(subscribed(), seen(soon, disputeOf("open")), soon).account
    const step = given(suspended).when(seen(later, disputeOf("won"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("won") }),
      Events.restored(),
      Events.cancelUndone(),
      Events.synced(later)
    )
    assert.strictEqual(step.state.subscriptions[0]?.state, "active")
  })

  it("keeps a cancellation in the portal from before when it is won, also if both are observed at once", () => {
    const open = snapshot(1, soon, {
      subscription: providerSubscription({ periodStart: start, periodEnd: monthOne, endsAt: monthOne }),
      payments: [{ ...firstMoney, ...disputeOf("open") }]
    })
    const suspended = given(subscribed()).when(open, soon).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("open") }),
      Events.cancelScheduled("provider", soon),
      Events.suspended(soon),
      Events.synced(soon)
    ).tellsNothing()
    suspended.after.when(seen(later, disputeOf("won"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("won") }),
      Events.restored(),
      Events.synced(later)
    ).tellsNothing()
  })

  it("restores the rest of the period when it is won, after the user has cancelled", () => {
    const cancelled = done(suspended(), { _tag: "Cancel", when: "period_end" }, soon).account
    const won = given(cancelled).when(seen(later, disputeOf("won"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("won") }),
      Events.restored(),
      Events.synced(later)
    ).tellsNothing()
    assert.strictEqual(stateOf(won.state), "active")
    assert.deepInclude(won.state.subscriptions[0]?.ending, { cause: "user", endsAt: monthOne })
    assert.deepInclude(accessAt(won.state, later), { source: "subscription", until: monthOne })
    const lost = given(cancelled).when(seen(later, disputeOf("lost"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("lost") }),
      Events.revoked(),
      Events.synced(later)
    ).tells(Intents.cancelNow())
    assert.strictEqual(stateOf(lost.state), "refunded")
  })

  it("lets the subscription continue when it is won, after the user has cancelled and undone that", () => {
    const cancelled = done(suspended(), { _tag: "Cancel", when: "period_end" }, soon).account
    const undone = given(cancelled).when({ _tag: "UndoCancel" }, soon).yields(Events.cancelScheduled("dispute", soon))
      .tellsNothing()
    assert.deepInclude(undone.state.subscriptions[0]?.ending, { cause: "dispute" })
    undone.after.when({ _tag: "UndoCancel" }, soon).refuses(new NotChangeable())
    undone.after.when(seen(later, disputeOf("won"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("won") }),
      Events.restored(),
      Events.cancelUndone(),
      Events.synced(later)
    ).tells(Intents.undoCancel())
  })

  it("refuses every other command on the paid subscription", () => {
    const terms = plan("ENTERPRISE", "monthly")
    const ids = { purchaseId: purchaseId(2), paymentId: paymentId(2), method: "stripe" } as const
    const refusals = [
      [{ _tag: "Change", terms, prorationDate: soon }, new NotChangeable()],
      [{ _tag: "UndoChange" }, new NoPendingChange()],
      [{ _tag: "UndoCancel" }, new NotChangeable()],
      [{ _tag: "Refund" }, new RefundNotAllowed({ reason: "not_active" })],
      [{ _tag: "Refund", admin: true }, new RefundNotAllowed({ reason: "not_active" })],
      [{ _tag: "Renew", ...ids, terms }, new NotChangeable()],
      [{ _tag: "Create", ...ids, terms, autoRenew: true }, new SubscriptionExists()]
    ] as const
    for (const [command, refusal] of refusals) given(suspended()).when(command, soon).refuses(refusal)
    const forGood = buyLifetime(suspended(), 2, "PRO", soon).account
    const won = done(forGood, seen(later, disputeOf("won"), monthOne), later).account
    assert.strictEqual(stateOf(won), "active")
    assert.deepInclude(won.subscriptions[0]?.ending, { cause: "lifetime", endsAt: monthOne })
  })

  it("ends the access at once when it is lost", () => {
    const suspended = done(subscribed(), seen(soon, disputeOf("open")), soon).account
    const step = given(suspended).when(seen(later, disputeOf("lost"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("lost") }),
      Events.revoked(),
      Events.synced(later)
    ).tells(Intents.cancelNow())
    assert.strictEqual(step.state.subscriptions[0]?.state, "refunded")
  })

  it("about an older period is recorded and changes nothing", () => {
    const second = money("second", monthOne, { from: monthOne, to: monthTwo })
    const inMonthTwo = (payment: Partial<ProviderPayment>, at = monthOne) =>
      snapshot(1, at, {
        subscription: providerSubscription({ periodStart: monthOne, periodEnd: monthTwo }),
        payments: [{ ...firstMoney, ...payment }, second]
      })
    const renewed = done(subscribed(), inMonthTwo({}), monthOne).account
    const step = given(renewed).when(inMonthTwo(disputeOf("open"), after(monthOne, { hours: 1 })), monthOne).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("open") }),
      Events.disputeRecorded(),
      Events.synced(after(monthOne, { hours: 1 }))
    )
    assert.strictEqual(step.state.subscriptions[0]?.state, "active")
  })

  it("about an older period changes nothing either when it is lost", () => {
    const renewed = done(subscribed(), secondMonth(monthOne), monthOne).account
    const day = after(monthOne, { days: 1 })
    const step = given(renewed).when(secondMonth(day, {}, [{ ...firstMoney, ...disputeOf("lost") }, secondMoney]), day)
      .yields(
        Events.paymentChanged({ ...firstMoney, ...disputeOf("lost") }),
        Events.disputeRecorded(),
        Events.synced(day)
      ).tellsNothing()
    assert.strictEqual(stateOf(step.state), "active")
  })

  it("keeps the earlier cancellation of the user when it is won", () => {
    const flagged = done(subscribed(), { _tag: "Cancel", when: "period_end" }, start).account
    const open = given(flagged).when(seen(soon, disputeOf("open"), monthOne), soon).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("open") }),
      Events.suspended(soon),
      Events.synced(soon)
    )
    const step = open.after.when(seen(later, disputeOf("won"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("won") }),
      Events.restored(),
      Events.synced(later)
    ).tellsNothing()
    assert.strictEqual(step.state.subscriptions[0]?.ending?.cause, "user")
  })

  it("leaves a past-due subscription past due when it is won", () => {
    const owing = done(subscribed(), unpaidMonth(monthOne), monthOne).account
    const hour = after(monthOne, { hours: 1 })
    const inState = (at: DateTime.Utc, state: "open" | "won", endsAt?: DateTime.Utc) =>
      secondMonth(at, { status: "past_due", ...(endsAt && { endsAt }) }, [{ ...firstMoney, ...disputeOf(state) }])
    const open = done(owing, inState(hour, "open"), hour).account
    assert.strictEqual(stateOf(open), "suspended")
    assert.strictEqual(open.subscriptions[0]?.suspension?.from, "past_due")
    const won = given(open).when(inState(after(hour, { hours: 1 }), "won", monthTwo), after(hour, { hours: 1 })).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("won") }),
      Events.cancelScheduled("dispute", hour, { endsAt: monthTwo }),
      Events.restored(),
      Events.cancelUndone(),
      Events.synced(after(hour, { hours: 1 }))
    ).tells(Intents.undoCancel())
    assert.strictEqual(stateOf(won.state), "past_due")
  })
})

describe("A suspended subscription", () => {
  const day = after(monthOne, { days: 1 })
  const renewed = (state: "open" | "won" | "lost", second: Partial<ProviderPayment> = {}, at = monthOne) =>
    secondMonth(at, { endsAt: monthTwo }, [{ ...firstMoney, ...disputeOf(state) }, { ...secondMoney, ...second }])

  it("stays suspended when a renewal is paid, which moves its period", () => {
    const step = given(suspended()).when(renewed("open"), monthOne).yields(
      Events.syncRequested(monthOne),
      Events.paymentRecorded(secondMoney),
      Events.renewed(monthOne, monthTwo),
      Events.cancelScheduled("dispute", soon, { endsAt: monthTwo }),
      Events.synced(monthOne)
    ).tellsNothing()
    assert.strictEqual(stateOf(step.state), "suspended")
    assert.deepStrictEqual(step.state.subscriptions[0]?.paidThrough, monthTwo)
    const won = step.after.when(renewed("won", {}, day), day).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("won") }),
      Events.restored(),
      Events.cancelUndone(),
      Events.synced(day)
    ).tells(Intents.undoCancel())
    assert.strictEqual(stateOf(won.state), "active")
    assert.deepStrictEqual(won.state.subscriptions[0]?.paidThrough, monthTwo)
  })

  it("ends when the dispute is lost, even if a renewal was paid since", () => {
    const open = done(suspended(), renewed("open"), monthOne).account
    const step = given(open).when(renewed("lost", {}, day), day).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("lost") }),
      Events.revoked(),
      Events.synced(day)
    ).tells(Intents.cancelNow())
    assert.strictEqual(stateOf(step.state), "refunded")
  })

  it("is not restored by a dispute that is won about another payment", () => {
    const open = done(suspended(), renewed("open"), monthOne).account
    const other = { disputes: [{ externalId: external("dp_2"), state: "won" as const, openedAt: monthOne }] }
    const step = given(open).when(renewed("open", other, day), day).yields(
      Events.paymentChanged({ ...secondMoney, ...other }),
      Events.disputeRecorded(secondMoney.id),
      Events.synced(day)
    )
    assert.strictEqual(stateOf(step.state), "suspended")
  })

  it("expires if the provider ends it", () => {
    const ended = snapshot(1, monthOne, {
      subscription: providerSubscription({
        status: "canceled",
        periodStart: start,
        periodEnd: monthOne,
        endedAt: monthOne
      }),
      payments: [{ ...firstMoney, ...disputeOf("open") }]
    })
    const step = given(suspended()).when(ended, monthOne).yields(
      Events.syncRequested(monthOne),
      Events.expired(monthOne),
      Events.synced(monthOne)
    ).tellsNothing()
    assert.deepInclude(step.state.subscriptions[0], { state: "expired", endedAt: monthOne })
  })
})

describe("A payment that its chain has dropped", () => {
  it("suspends the subscription until the chain includes it again, for at most a day", () => {
    const base = done(emptyAccount, create(1, proMonthly, { method: "web3" }), start).account
    const settled = done(base, {
      _tag: "PaymentSettled",
      purchaseId: purchaseId(1),
      payment: money("tx", start, {}, { kind: "first" })
    }, start).account
    const step = given(settled).when({ _tag: "PaymentReversed", paymentId: settled.payments[0]!.id }, soon).yields(
      Events.paymentReversed(),
      Events.suspended(soon, { cause: "reorg" })
    )
    step.after.when({ _tag: "PaymentRestored", paymentId: settled.payments[0]!.id }, soon).yields(
      Events.paymentRestored(),
      Events.restored()
    )
    const gone = step.after.when({ _tag: "Tick" }, later).yields(Events.revoked("reorg"))
    assert.strictEqual(gone.state.subscriptions[0]?.state, "expired")
  })

  it("is recorded and suspends nothing if it paid for an older period", () => {
    const late = after(monthOne, { hours: -1 })
    const { account } = done(subscribedByUs(), settle("tx2", late), late)
    const [first = assert.fail("nothing was paid"), second = assert.fail("nothing was paid again")] = account.payments
    const drop = (payment: Payment): SubscriptionCommand => ({ _tag: "PaymentReversed", paymentId: payment.id })
    const older = given(account).when(drop(first), monthOne).yields(Events.paymentReversed(), Events.disputeRecorded())
    assert.strictEqual(stateOf(older.state), "active")
    given(account).when(drop(second), monthOne).yields(
      Events.paymentReversed(second.id),
      Events.suspended(monthOne, { cause: "reorg", paymentId: second.id })
    )
  })
})
