import type { BillingAccount, ProviderPayment } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import type { DateTime } from "effect"
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
  monthOne,
  nobody,
  plan,
  proMonthly,
  providerSubscription,
  refundRefused,
  settle,
  snapshot,
  start,
  subscribed,
  tags,
  told
} from "./given.ts"

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

describe("a subscription that begins beside a lifetime of its tier", () => {
  const ordered = () => done(nobody, create(1), start).account
  const paid = after(start, { hours: 1 })

  it("ends with what was paid, here and at the provider", () => {
    for (const tier of ["PRO", "ENTERPRISE"] as const) {
      const held = buyLifetime(ordered(), 2, tier, start).account
      const step = done(held, seen(paid), paid)
      assert.deepStrictEqual(tags(step), ["PaymentRecorded", "Activated", "Synced", "CancelScheduled"])
      assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd"])
      assert.deepInclude(first(step.account).ending, { cause: "lifetime", endsAt: monthOne })
    }
  })

  it("ends with what was paid from a wallet, too", () => {
    const own = done(nobody, create(1, proMonthly, { method: "web3" }), start).account
    const held = buyLifetime(own, 2, "PRO", start).account
    const step = done(held, settle("tx1", start, "first"), start)
    assert.strictEqual(first(step.account).ending?.cause, "lifetime")
  })

  it("goes on where it is of a higher tier", () => {
    const enterprise = plan("ENTERPRISE", "monthly")
    const held = buyLifetime(done(nobody, create(1, enterprise), start).account, 2, "PRO", start).account
    const step = done(held, firstMonth(paid, { terms: enterprise }), paid)
    assert.deepStrictEqual(tags(step), ["PaymentRecorded", "Activated", "Synced"])
  })

  it("does not begin by a payment that comes late, which is given back", () => {
    const expired = { checkout: { sessionId: external("cs_1"), state: "expired" as const } }
    const lapsed = done(ordered(), snapshot(1, start, expired), start).account
    const held = buyLifetime(lapsed, 2, "PRO", start).account
    const step = done(held, seen(soon), soon)
    assert.deepStrictEqual(tags(step), ["PaymentRecorded", "LatePayment", "Synced"])
    assert.deepStrictEqual(told(step), ["Refund", "CancelNow"])
    assert.strictEqual(first(step.account).state, "expired")
  })

  it("does not begin by a late payment from a wallet, either", () => {
    const own = done(nobody, create(1, proMonthly, { method: "web3" }), start).account
    const lapsed = done(own, { _tag: "Tick" }, soon).account
    assert.strictEqual(first(lapsed).state, "expired")
    const held = buyLifetime(lapsed, 2, "PRO", soon).account
    const step = done(held, settle("tx1", soon, "first"), soon)
    assert.deepInclude(step.records.map(({ event }) => event).find(({ _tag }) => _tag === "LatePayment"), {
      returned: true
    })
    assert.strictEqual(first(step.account).state, "expired")
  })
})

describe("a subscription whose tier is bought for good", () => {
  it("ends instead of changing down to that tier", () => {
    const enterprise = plan("ENTERPRISE", "monthly")
    const high = done(
      done(nobody, create(1, enterprise), start).account,
      firstMonth(start, { terms: enterprise }),
      start
    ).account
    const down = done(high, { _tag: "Change", terms: proMonthly, prorationDate: start }, start).account
    const step = buyLifetime(down, 2, "PRO", soon)
    assert.deepStrictEqual(tags(step), [
      "PaymentRecorded",
      "MembershipActivated",
      "Synced",
      "ChangeUndone",
      "CancelScheduled"
    ])
    assert.deepStrictEqual(told(step), ["ReleaseChange", "CancelAtPeriodEnd"])
    assert.deepInclude(first(step.account).ending, { cause: "lifetime", endsAt: monthOne })
  })

  it("while it is disputed stays flagged when that is won", () => {
    const suspended = done(subscribed(), seen(soon, disputeOf("open")), soon).account
    assert.strictEqual(first(suspended).ending?.cause, "dispute")
    const held = buyLifetime(suspended, 2, "PRO", soon)
    assert.strictEqual(first(held.account).ending?.cause, "dispute")
    const step = done(held.account, seen(later, disputeOf("won"), monthOne), later)
    assert.deepStrictEqual(tags(step), ["PaymentChanged", "Restored", "CancelScheduled", "Synced"])
    assert.deepStrictEqual(told(step), [])
    assert.strictEqual(first(step.account).state, "active")
    assert.deepInclude(first(step.account).ending, { cause: "lifetime", endsAt: monthOne })
  })

  it("while its refund is under way stays flagged when that is refused", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, soon).account
    const { account } = buyLifetime(asked, 2, "PRO", soon)
    const refused = done(account, refundRefused(1, refunding(account)), later)
    assert.deepStrictEqual(tags(refused), ["IntentRefused", "RefundFailed", "CancelScheduled"])
    const failed = done(account, seen(later, failedRefund, monthOne), later)
    assert.deepStrictEqual(tags(failed), ["PaymentChanged", "RefundFailed", "CancelScheduled", "Synced"])
    for (const step of [refused, failed]) {
      assert.deepStrictEqual(told(step), [])
      assert.isUndefined(first(step.account).refund)
      assert.deepInclude(first(step.account).ending, { cause: "lifetime", endsAt: monthOne })
    }
  })

  it("is flagged again when somebody clicks in the portal that it goes on", () => {
    const { account } = buyLifetime(subscribed(), 2, "PRO", soon)
    const step = done(account, seen(later), later)
    assert.strictEqual(first(step.account).ending?.cause, "lifetime")
    assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd"])
  })

  it("is not touched by a lifetime that is only ordered", () => {
    const ordered = done(subscribed(), createLifetime(2, lifetime("PRO")), soon)
    const hour = after(soon, { hours: 1 })
    assert.deepStrictEqual(tags(ordered), ["MembershipCreated"])
    assert.isUndefined(first(ordered.account).ending)
    assert.deepStrictEqual(tags(done(ordered.account, lifetimePaid(2, "PRO", hour), hour)), [
      "PaymentRecorded",
      "MembershipActivated",
      "Synced",
      "CancelScheduled"
    ])
  })
})

describe("a subscription whose refund was asked for and which was disputed then", () => {
  it("goes on once the refund has failed and the dispute is won", () => {
    const asked = done(subscribed(), { _tag: "Refund" }, start).account
    const open = done(asked, seen(soon, disputeOf("open"), monthOne), soon).account
    assert.strictEqual(first(open).ending?.cause, "refund")
    const failed = done(open, seen(later, { ...disputeOf("open"), ...failedRefund }, monthOne), later)
    assert.include(tags(failed), "RefundFailed")
    assert.deepStrictEqual(told(failed), [])
    assert.strictEqual(first(failed.account).state, "suspended")
    assert.strictEqual(first(failed.account).ending?.cause, "dispute")
    const won = done(failed.account, seen(last, { ...disputeOf("won"), ...failedRefund }, monthOne), last)
    assert.deepStrictEqual(told(won), ["UndoCancel"])
    assert.strictEqual(first(won.account).state, "active")
    assert.isUndefined(first(won.account).ending)
    assert.isUndefined(first(won.account).refund)
  })
})
