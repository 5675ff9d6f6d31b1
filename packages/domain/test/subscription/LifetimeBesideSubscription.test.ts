import type { BillingAccount, ProviderPayment } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import type { DateTime } from "effect"
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
  lifeMoney,
  lifetime,
  lifetimePaid,
  money,
  monthOne,
  paymentId,
  plan,
  proMonthly,
  providerSubscription,
  refundRefused,
  settle,
  snapshot,
  start,
  subscribed
} from "./accounts.ts"
import * as Events from "./Events.ts"
import { given } from "./given.ts"
import * as Intents from "./Intents.ts"

const soon = after(start, { days: 1 })
const later = after(start, { days: 2 })
const last = after(start, { days: 3 })

const seen = (at: DateTime.Utc, payment: Partial<ProviderPayment> = {}, endsAt?: DateTime.Utc) =>
  snapshot(1, at, {
    subscription: providerSubscription({ periodStart: start, periodEnd: monthOne, ...(endsAt && { endsAt }) }),
    payments: [{ ...firstMoney, ...payment }]
  })

const disputeOf = (state: "open" | "won") => ({
  disputes: [{ externalId: external("dp_1"), state, openedAt: soon }]
})
const failedRefund = {
  refunds: [{ externalId: external("re_1"), amount: firstMoney.amount, state: "failed" as const, at: later }]
}

const first = ({ subscriptions: [it] }: BillingAccount) => it ?? assert.fail("there is no subscription")
const refunding = (account: BillingAccount) => first(account).refund?.paymentId ?? assert.fail("nothing goes back")

describe("A subscription that starts beside a lifetime membership of its tier", () => {
  const ordered = () => done(emptyAccount, create(1), start).account
  const paid = after(start, { hours: 1 })

  it("ends with the paid period, here and at the provider", () => {
    for (const tier of ["PRO", "ENTERPRISE"] as const) {
      const held = buyLifetime(ordered(), 2, tier, start).account
      const step = given(held).when(seen(paid), paid).yields(
        Events.paymentRecorded(firstMoney),
        Events.activated(),
        Events.synced(paid),
        Events.cancelScheduled("lifetime", paid)
      ).tells(Intents.cancelAtPeriodEnd())
      assert.deepInclude(first(step.state).ending, { cause: "lifetime", endsAt: monthOne })
    }
  })

  it("also ends with the paid period if it was paid from a wallet", () => {
    const own = done(emptyAccount, create(1, proMonthly, { method: "web3" }), start).account
    const held = buyLifetime(own, 2, "PRO", start).account
    const step = given(held).when(settle("tx1", start, "first"), start).yields(
      Events.paymentRecorded(money("tx1", start, {}, { kind: "first" }), { method: "web3" }),
      Events.activatedByUs(start, monthOne),
      Events.paymentChanged(money("tx1", start, { from: start, to: monthOne }, { kind: "first" }), { method: "web3" }),
      Events.cancelScheduled("lifetime", start)
    ).tellsNothing()
    assert.strictEqual(first(step.state).ending?.cause, "lifetime")
  })

  it("continues if it has a higher tier", () => {
    const enterprise = plan("ENTERPRISE", "monthly")
    const held = buyLifetime(done(emptyAccount, create(1, enterprise), start).account, 2, "PRO", start).account
    given(held).when(firstMonth(paid, { terms: enterprise }), paid).yields(
      Events.paymentRecorded(firstMoney, { expected: enterprise.price }),
      Events.activated(),
      Events.synced(paid)
    )
  })

  it("is not started by a late payment, which is refunded", () => {
    const expired = { checkout: { sessionId: external("cs_1"), state: "expired" as const } }
    const lapsed = done(ordered(), snapshot(1, start, expired), start).account
    const held = buyLifetime(lapsed, 2, "PRO", start).account
    const step = given(held).when(seen(soon), soon).yields(
      Events.paymentRecorded(firstMoney),
      Events.latePayment(true),
      Events.synced(soon)
    ).tells(Intents.refund(firstMoney), Intents.cancelNow())
    assert.strictEqual(first(step.state).state, "expired")
  })

  it("is not started by a late payment from a wallet either", () => {
    const own = done(emptyAccount, create(1, proMonthly, { method: "web3" }), start).account
    const lapsed = done(own, { _tag: "Tick" }, soon).account
    assert.strictEqual(first(lapsed).state, "expired")
    const held = buyLifetime(lapsed, 2, "PRO", soon).account
    const step = given(held).when(settle("tx1", soon, "first"), soon).yields(
      Events.paymentRecorded(money("tx1", soon, {}, { kind: "first" }), { method: "web3" }),
      Events.latePayment(true),
      { _tag: "WalletCreditChanged", cause: "superfluous", credit: proMonthly.price, paymentId: paymentId(1) }
    ).tellsNothing()
    assert.strictEqual(first(step.state).state, "expired")
  })
})

describe("A subscription whose tier is bought as a lifetime membership", () => {
  it("ends instead of changing down to that tier", () => {
    const enterprise = plan("ENTERPRISE", "monthly")
    const high = done(
      done(emptyAccount, create(1, enterprise), start).account,
      firstMonth(start, { terms: enterprise }),
      start
    ).account
    const down = done(high, { _tag: "Change", terms: proMonthly, prorationDate: start }, start).account
    const ordered = done(down, createLifetime(2, lifetime("PRO")), soon).account
    const step = given(ordered).when(lifetimePaid(2, "PRO", soon), soon).yields(
      Events.paymentRecorded(lifeMoney("PRO", soon), { n: 2, createdAt: soon }),
      Events.membershipActivated(2),
      Events.synced(soon, 2),
      Events.changeUndone(),
      Events.cancelScheduled("lifetime", soon, { dropped: { direction: "down", terms: proMonthly } })
    ).tells(Intents.releaseChange(), Intents.cancelAtPeriodEnd())
    assert.deepInclude(first(step.state).ending, { cause: "lifetime", endsAt: monthOne })
  })

  it("stays cancelled when a dispute about it is won", () => {
    const suspended = done(subscribed(), seen(soon, disputeOf("open")), soon).account
    assert.strictEqual(first(suspended).ending?.cause, "dispute")
    const held = buyLifetime(suspended, 2, "PRO", soon)
    assert.strictEqual(first(held.account).ending?.cause, "dispute")
    const step = given(held.account).when(seen(later, disputeOf("won"), monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...disputeOf("won") }),
      Events.restored(),
      Events.cancelScheduled("lifetime", soon),
      Events.synced(later)
    ).tellsNothing()
    assert.strictEqual(first(step.state).state, "active")
    assert.deepInclude(first(step.state).ending, { cause: "lifetime", endsAt: monthOne })
  })

  it("stays cancelled when its refund is refused", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const { account } = buyLifetime(asked, 2, "PRO", soon)
    const refused = given(account).when(refundRefused(1, refunding(account)), later).yields(
      Events.intentRefused("Refund"),
      Events.refundFailed(),
      Events.cancelScheduled("lifetime", soon)
    )
    const failed = given(account).when(seen(later, failedRefund, monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...failedRefund }),
      Events.refundFailed(),
      Events.cancelScheduled("lifetime", soon),
      Events.synced(later)
    )
    for (const step of [refused, failed]) {
      step.tellsNothing()
      assert.isUndefined(first(step.state).refund)
      assert.deepInclude(first(step.state).ending, { cause: "lifetime", endsAt: monthOne })
    }
  })

  it("is cancelled again after an undo in the portal", () => {
    const { account } = buyLifetime(subscribed(), 2, "PRO", soon)
    const step = given(account).when(seen(later), later).yields(
      Events.cancelUndone(),
      Events.synced(later),
      Events.cancelScheduled("lifetime", later)
    ).tells(Intents.cancelAtPeriodEnd())
    assert.strictEqual(first(step.state).ending?.cause, "lifetime")
  })

  it("is not changed by a lifetime membership that is not paid yet", () => {
    const ordered = given(subscribed()).when(createLifetime(2, lifetime("PRO")), soon).yields(
      Events.membershipCreated(2, soon, lifetime("PRO"))
    )
    const hour = after(soon, { hours: 1 })
    assert.isUndefined(first(ordered.state).ending)
    ordered.after.when(lifetimePaid(2, "PRO", hour), hour).yields(
      Events.paymentRecorded(lifeMoney("PRO", hour), { n: 2, createdAt: soon }),
      Events.membershipActivated(2),
      Events.synced(hour, 2),
      Events.cancelScheduled("lifetime", hour)
    )
  })
})

describe("A subscription with a requested refund and a later dispute", () => {
  it("continues once the refund has failed and the dispute is won", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, start).account
    const open = done(asked, seen(soon, disputeOf("open"), monthOne), soon).account
    assert.strictEqual(first(open).ending?.cause, "refund")
    const failed = given(open).when(seen(later, { ...disputeOf("open"), ...failedRefund }, monthOne), later).yields(
      Events.paymentChanged({ ...firstMoney, ...failedRefund, ...disputeOf("open") }),
      Events.refundFailed(),
      Events.cancelScheduled("dispute", start),
      Events.synced(later)
    ).tellsNothing()
    assert.strictEqual(first(failed.state).state, "suspended")
    assert.strictEqual(first(failed.state).ending?.cause, "dispute")
    const won = failed.after.when(seen(last, { ...disputeOf("won"), ...failedRefund }, monthOne), last).yields(
      Events.paymentChanged({ ...firstMoney, ...failedRefund, ...disputeOf("won") }),
      Events.restored(),
      Events.cancelUndone(),
      Events.synced(last)
    ).tells(Intents.undoCancel())
    assert.strictEqual(first(won.state).state, "active")
    assert.isUndefined(first(won.state).ending)
    assert.isUndefined(first(won.state).refund)
  })
})
