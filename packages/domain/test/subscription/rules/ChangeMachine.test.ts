import { defaultPlans, type Plans, Tier } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  after,
  buyLifetime,
  create,
  done,
  external,
  firstMoney,
  firstMonth,
  money,
  monthOne,
  monthTwo,
  nobody,
  plan,
  proMonthly,
  providerSubscription,
  purchaseId,
  refused,
  secondMonth,
  snapshot,
  start,
  subscribed,
  subscribedByUs,
  tags,
  time,
  told
} from "../given.ts"

const soon = after(start, { days: 3 })
const change = (terms = plan("ENTERPRISE", "monthly"), at = soon) =>
  ({ _tag: "Change", terms, prorationDate: at }) as const
const enterprise = plan("ENTERPRISE", "monthly")
const onEnterprise = () =>
  done(done(nobody, create(1, enterprise), start).account, firstMonth(start, { terms: enterprise }), start).account

describe("a change up", () => {
  it("waits for its payment, and comes with it", () => {
    const asked = done(subscribed(), change(), soon)
    assert.deepStrictEqual(tags(asked), ["ChangeRequested"])
    assert.deepStrictEqual(told(asked), ["ChangeUp"])
    assert.strictEqual(asked.account.subscriptions[0]?.terms.tier, "PRO")
    assert.deepStrictEqual(told(done(asked.account, { _tag: "UndoChange" }, soon)), ["ReleaseChange"])

    const newEnd = after(soon, { days: 31 })
    const paid = snapshot(1, soon, {
      subscription: providerSubscription({ terms: enterprise, anchor: soon, periodStart: soon, periodEnd: newEnd }),
      payments: [firstMoney, money("up", soon, { from: soon, to: newEnd }, { kind: "change" })]
    })
    const step = done(asked.account, paid, soon)
    assert.deepStrictEqual(tags(step), ["PaymentRecorded", "Changed", "Renewed", "Synced"])
    const [subscription] = step.account.subscriptions
    assert.strictEqual(subscription?.terms.tier, "ENTERPRISE")
    assert.deepStrictEqual(subscription?.anchor, soon)
    assert.deepStrictEqual(subscription?.tierSince, soon)
    assert.isUndefined(subscription?.change)
  })

  it("is refused while the period is over and its renewal is being charged", () => {
    for (const at of [monthOne, after(monthOne, { hours: 1 })]) {
      assert.strictEqual(refused(subscribed(), change(enterprise, at), at), "RenewalInProgress")
    }
  })

  it("costs what was shown, within an hour and a period, or is shown again", () => {
    const promised = (previewedAt: DateTime.Utc) => ({ ...change(enterprise, previewedAt), promised: true }) as const
    const kept = done(subscribed(), promised(soon), DateTime.add(soon, { minutes: 59 }))
    assert.deepInclude(kept.intents[0]?.intent, { _tag: "ChangeUp", prorationDate: soon, promised: true })
    for (const at of [DateTime.add(soon, { minutes: 60 }), DateTime.subtract(soon, { seconds: 1 })]) {
      assert.strictEqual(refused(subscribed(), promised(soon), at), "PreviewExpired")
    }
    const renewed = done(subscribed(), secondMonth(monthOne), monthOne).account
    const before = DateTime.subtract(monthOne, { minutes: 1 })
    const at = DateTime.add(monthOne, { minutes: 1 })
    assert.strictEqual(refused(renewed, promised(before), at), "PreviewExpired")
    assert.strictEqual(refused(renewed, promised(monthOne), at), "PreviewExpired")
    assert.strictEqual(refused(renewed, promised(DateTime.add(monthOne, { seconds: 1 })), at), "carried out")
    const down = { ...change(plan("PRO", "monthly"), before), promised: true } as const
    const dear = done(renewed, secondMonth(at, { terms: plan("PRO", "yearly") }), at).account
    assert.strictEqual(refused(dear, down, at), "PreviewExpired")
  })

  it("that the provider refuses is over", () => {
    const { account } = done(subscribed(), change(), soon)
    const intent = { _tag: "ChangeUp", externalId: external("sub_1"), terms: enterprise, prorationDate: soon } as const
    const step = done(account, { _tag: "IntentRefused", purchaseId: purchaseId(1), intent }, soon)
    assert.deepStrictEqual(tags(step), ["IntentRefused", "ChangeLapsed"])
    assert.isUndefined(step.account.subscriptions[0]?.change)
    // Another one was asked for since.
    const yearly = plan("ENTERPRISE", "yearly")
    const other = done(done(account, { _tag: "UndoChange" }, soon).account, change(yearly), soon).account
    const late = done(other, { _tag: "IntentRefused", purchaseId: purchaseId(1), intent }, soon)
    assert.deepStrictEqual(tags(late), ["IntentRefused"])
    assert.deepStrictEqual(late.account.subscriptions[0]?.change?.terms, yearly)
  })

  it("waits no longer than the period", () => {
    const late = after(monthOne, { hours: -2 })
    const step = done(subscribed(), change(enterprise, late), late)
    assert.deepStrictEqual(step.account.subscriptions[0]?.change?.until, monthOne)
  })

  it("begins when it was paid, and the time for a refund with it, however late that is noticed", () => {
    const asked = done(subscribed(), change(), soon).account
    const late = after(soon, { days: 5 })
    const newEnd = after(soon, { days: 31 })
    const paid = snapshot(1, late, {
      subscription: providerSubscription({ terms: enterprise, anchor: soon, periodStart: soon, periodEnd: newEnd }),
      payments: [firstMoney, money("up", soon, { from: soon, to: newEnd }, { kind: "change" })]
    })
    assert.deepStrictEqual(done(asked, paid, late).account.subscriptions[0]?.tierSince, soon)
  })

  it("offers the invoice while it is unpaid, and lapses with the provider's update", () => {
    const asked = done(subscribed(), change(), soon).account
    const waiting = done(
      asked,
      firstMonth(soon, {
        pendingUpdate: { terms: enterprise, expiresAt: after(soon, { hours: 23 }) },
        openInvoice: { externalId: firstMoney.externalId, url: "https://pay.example/i" }
      }),
      soon
    ).account
    assert.strictEqual(waiting.subscriptions[0]?.change?.invoiceUrl, "https://pay.example/i")
    const lapsed = done(waiting, firstMonth(after(soon, { days: 1 })), after(soon, { days: 1 }))
    assert.deepStrictEqual(tags(lapsed), ["SyncRequested", "ChangeLapsed", "Synced"])
    assert.strictEqual(lapsed.account.subscriptions[0]?.terms.tier, "PRO")
  })

  it("is refused while another waits", () => {
    const asked = done(subscribed(), change(), soon).account
    assert.strictEqual(refused(asked, change(plan("ENTERPRISE", "yearly")), soon), "ChangeInProgress")
  })

  it("is every one to a higher tier, also where that is paid for by shorter periods", () => {
    const yearly = plan("PRO", "yearly")
    const { account } = done(
      done(nobody, create(1, yearly), start).account,
      firstMonth(start, { terms: yearly, periodEnd: time("2028-01-31T10:00:00.000Z") }),
      start
    )
    const step = done(account, change(enterprise), soon)
    assert.deepStrictEqual(tags(step), ["ChangeRequested"])
    assert.deepStrictEqual(told(step), ["ChangeUp"])
    assert.deepStrictEqual(tags(done(account, change(proMonthly), soon)), ["ChangeScheduled"])
  })

  it("of what we bill ourselves lapses after 23 hours", () => {
    const asked = done(subscribedByUs(), change(), soon).account
    const until = after(soon, { hours: 23 })
    const lastMoment = DateTime.subtract(until, { milliseconds: 1 })
    assert.deepStrictEqual(tags(done(asked, { _tag: "Tick" }, lastMoment)), [])
    const step = done(asked, { _tag: "Tick" }, after(until, { hours: 5 }))
    assert.deepStrictEqual(tags(step), ["ChangeLapsed"])
    assert.deepStrictEqual(step.records[0]?.at, until)
    assert.strictEqual(step.account.subscriptions[0]?.terms.tier, "PRO")
  })

  it("to a longer period of what we bill ourselves begins a new anchor with the payment", () => {
    const asked = done(subscribedByUs(), change(plan("PRO", "yearly")), soon).account
    const step = done(
      asked,
      {
        _tag: "PaymentSettled",
        purchaseId: asked.subscriptions[0]!.id,
        payment: money("tx2", soon, {}, { kind: "change" })
      },
      soon
    )
    assert.deepStrictEqual(tags(step), ["PaymentRecorded", "Changed", "Renewed", "PaymentChanged"])
    assert.deepStrictEqual(step.account.subscriptions[0]?.anchor, soon)
  })
})

describe("a change down", () => {
  const down = plan("PRO", "monthly")
  it("waits for the next period and comes with its renewal", () => {
    const asked = done(onEnterprise(), change(down), soon)
    assert.deepStrictEqual(tags(asked), ["ChangeScheduled"])
    assert.deepStrictEqual(told(asked), ["ChangeDown"])
    assert.deepStrictEqual(asked.account.subscriptions[0]?.change?.until, monthOne)
    const step = done(
      asked.account,
      snapshot(1, monthOne, {
        subscription: providerSubscription({ periodStart: monthOne, periodEnd: monthTwo }),
        payments: [firstMoney, money("second", monthOne, { from: monthOne, to: monthTwo })]
      }),
      monthOne
    )
    assert.deepStrictEqual(tags(step), ["SyncRequested", "PaymentRecorded", "Changed", "Renewed", "Synced"])
    assert.strictEqual(step.account.subscriptions[0]?.terms.tier, "PRO")
  })

  it("is undone, and let go of before a cancellation", () => {
    const asked = done(onEnterprise(), change(down), soon).account
    assert.deepStrictEqual(told(done(asked, { _tag: "UndoChange" }, soon)), ["ReleaseChange"])
    const cancelled = done(asked, { _tag: "Cancel", when: "period_end" }, soon)
    assert.deepStrictEqual(tags(cancelled), ["ChangeUndone", "CancelScheduled"])
    assert.deepStrictEqual(told(cancelled), ["ReleaseChange", "CancelAtPeriodEnd"])
  })

  it("is let go of before another takes its place", () => {
    const asked = done(onEnterprise(), change(down), soon).account
    for (
      const [terms, event, intent] of [
        [plan("PRO", "yearly"), "ChangeScheduled", "ChangeDown"],
        [plan("ENTERPRISE", "yearly"), "ChangeRequested", "ChangeUp"]
      ] as const
    ) {
      const step = done(asked, change(terms), soon)
      assert.deepStrictEqual(tags(step), ["ChangeUndone", event])
      assert.deepStrictEqual(told(step), ["ReleaseChange", intent])
      assert.deepStrictEqual(step.account.subscriptions[0]?.change?.terms, terms)
    }
  })

  it("asked for twice is one", () => {
    const asked = done(onEnterprise(), change(down), soon).account
    assert.deepStrictEqual(tags(done(asked, change(down), soon)), [])
  })
})

describe("a change", () => {
  it("is refused where there is nothing to change, or money is missing", () => {
    assert.strictEqual(refused(nobody, change(), soon), "NoSubscription")
    assert.strictEqual(refused(subscribed(), change(proMonthly), soon), "SamePlan")
    assert.strictEqual(refused(subscribed(), { _tag: "UndoChange" }, soon), "NoPendingChange")
    const flagged = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon).account
    assert.strictEqual(refused(flagged, change(), soon), "CancelAlreadyScheduled")
    const unpaid = done(subscribed(), firstMonth(monthOne, { status: "past_due" }), monthOne).account
    assert.strictEqual(refused(unpaid, change(), monthOne), "NotChangeable")
    const refunding = done(subscribed(), { _tag: "Refund" }, soon).account
    assert.strictEqual(refused(refunding, change(), soon), "RefundInProgress")
  })

  it("is refused to a tier that is held for good, also of what the lifetime does not replace", () => {
    const flagged = buyLifetime(subscribed(), 2, "ENTERPRISE", soon).account
    assert.strictEqual(refused(flagged, change(), soon), "CancelAlreadyScheduled")
    const higher = buyLifetime(onEnterprise(), 2, "PRO", soon).account
    assert.isUndefined(higher.subscriptions[0]?.ending)
    assert.strictEqual(refused(higher, change(proMonthly), soon), "LifetimeHeld")
    assert.deepStrictEqual(tags(done(higher, change(plan("ENTERPRISE", "yearly")), soon)), ["ChangeRequested"])
    const highest = { ...enterprise, tier: Tier.make("ULTIMATE") }
    const plans: Plans = [...defaultPlans, { ...defaultPlans[0], tier: highest.tier }]
    const ultimate = done(
      done(nobody, create(1, highest), start).account,
      firstMonth(start, { terms: highest }),
      start
    ).account
    assert.strictEqual(
      refused(buyLifetime(ultimate, 2, "ENTERPRISE", soon, plans).account, change(proMonthly), soon, plans),
      "LifetimeHeld"
    )
  })
})
