import {
  CancelAlreadyScheduled,
  ChangeInProgress,
  defaultPlans,
  LifetimeHeld,
  NoPendingChange,
  NoSubscription,
  NotChangeable,
  type Plans,
  PreviewExpired,
  RefundInProgress,
  RenewalInProgress,
  SamePlan,
  Tier
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
  firstMonth,
  money,
  monthOne,
  monthTwo,
  plan,
  proMonthly,
  providerSubscription,
  purchaseId,
  secondMoney,
  secondMonth,
  snapshot,
  start,
  subscribed,
  subscribedByUs,
  time
} from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"
import * as Intents from "../Intents.ts"

const soon = after(start, { days: 3 })
const change = (terms = plan("ENTERPRISE", "monthly"), at = soon) =>
  ({ _tag: "Change", terms, prorationDate: at }) as const
const enterprise = plan("ENTERPRISE", "monthly")
const onEnterprise = () =>
  done(done(emptyAccount, create(1, enterprise), start).account, firstMonth(start, { terms: enterprise }), start)
    .account

describe("A change up", () => {
  it("waits for its payment, and takes effect with it", () => {
    const asked = given(subscribed()).when(change(), soon).yields(
      Events.changeRequested(enterprise, soon, after(soon, { hours: 23 }))
    ).tells(Intents.changeUp(enterprise, soon))
    assert.strictEqual(asked.state.subscriptions[0]?.terms.tier, "PRO")
    asked.after.when({ _tag: "UndoChange" }, soon).yields(Events.changeUndone()).tells(Intents.releaseChange())

    const newEnd = after(soon, { days: 31 })
    const paid = snapshot(1, soon, {
      subscription: providerSubscription({ terms: enterprise, anchor: soon, periodStart: soon, periodEnd: newEnd }),
      payments: [firstMoney, money("up", soon, { from: soon, to: newEnd }, { kind: "change" })]
    })
    const step = asked.after.when(paid, soon).yields(
      Events.paymentRecorded(money("up", soon, { from: soon, to: newEnd }, { kind: "change" })),
      Events.changed(enterprise, soon),
      Events.renewed(soon, newEnd, { anchor: soon }),
      Events.synced(soon)
    )
    const [subscription] = step.state.subscriptions
    assert.strictEqual(subscription?.terms.tier, "ENTERPRISE")
    assert.deepStrictEqual(subscription?.anchor, soon)
    assert.deepStrictEqual(subscription?.tierSince, soon)
    assert.isUndefined(subscription?.change)
  })

  it("is refused while the period is over and its renewal is being charged", () => {
    for (const at of [monthOne, after(monthOne, { hours: 1 })]) {
      given(subscribed()).when(change(enterprise, at), at).refuses(new RenewalInProgress())
    }
  })

  it("costs the previewed price within an hour and a period, and is refused afterwards", () => {
    const promised = (previewedAt: DateTime.Utc) => ({ ...change(enterprise, previewedAt), promised: true }) as const
    const inTime = DateTime.add(soon, { minutes: 59 })
    given(subscribed()).when(promised(soon), inTime).yields(
      Events.changeRequested(enterprise, inTime, after(inTime, { hours: 23 }))
    ).tells(Intents.changeUp(enterprise, soon, { promised: true }))
    for (const at of [DateTime.add(soon, { minutes: 60 }), DateTime.subtract(soon, { seconds: 1 })]) {
      given(subscribed()).when(promised(soon), at).refuses(new PreviewExpired())
    }
    const renewed = done(subscribed(), secondMonth(monthOne), monthOne).account
    const before = DateTime.subtract(monthOne, { minutes: 1 })
    const at = DateTime.add(monthOne, { minutes: 1 })
    given(renewed).when(promised(before), at).refuses(new PreviewExpired())
    given(renewed).when(promised(monthOne), at).refuses(new PreviewExpired())
    given(renewed).when(promised(DateTime.add(monthOne, { seconds: 1 })), at).yields(
      Events.changeRequested(enterprise, at, after(at, { hours: 23 }))
    )
    const down = { ...change(plan("PRO", "monthly"), before), promised: true } as const
    const dear = done(renewed, secondMonth(at, { terms: plan("PRO", "yearly") }), at).account
    given(dear).when(down, at).refuses(new PreviewExpired())
  })

  it("is dropped if the provider refuses it", () => {
    const { account } = done(subscribed(), change(), soon)
    const intent = { _tag: "ChangeUp", externalId: external("sub_1"), terms: enterprise, prorationDate: soon } as const
    const step = given(account).when({ _tag: "IntentRefused", purchaseId: purchaseId(1), intent }, soon).yields(
      Events.intentRefused("ChangeUp"),
      Events.changeLapsed()
    )
    assert.isUndefined(step.state.subscriptions[0]?.change)
    // Another one was asked for since.
    const yearly = plan("ENTERPRISE", "yearly")
    const other = done(done(account, { _tag: "UndoChange" }, soon).account, change(yearly), soon).account
    const late = given(other).when({ _tag: "IntentRefused", purchaseId: purchaseId(1), intent }, soon).yields(
      Events.intentRefused("ChangeUp")
    )
    assert.deepStrictEqual(late.state.subscriptions[0]?.change?.terms, yearly)
  })

  it("waits no longer than the period", () => {
    const late = after(monthOne, { hours: -2 })
    given(subscribed()).when(change(enterprise, late), late).yields(Events.changeRequested(enterprise, late, monthOne))
  })

  it("starts with its payment, and so does the time for a refund, however late the payment is observed", () => {
    const asked = done(subscribed(), change(), soon).account
    const late = after(soon, { days: 5 })
    const newEnd = after(soon, { days: 31 })
    const paid = snapshot(1, late, {
      subscription: providerSubscription({ terms: enterprise, anchor: soon, periodStart: soon, periodEnd: newEnd }),
      payments: [firstMoney, money("up", soon, { from: soon, to: newEnd }, { kind: "change" })]
    })
    const step = given(asked).when(paid, late).yields(
      Events.syncRequested(after(soon, { hours: 23 })),
      Events.paymentRecorded(money("up", soon, { from: soon, to: newEnd }, { kind: "change" })),
      Events.changed(enterprise, soon),
      Events.renewed(soon, newEnd, { anchor: soon }),
      Events.synced(late)
    )
    assert.deepStrictEqual(step.state.subscriptions[0]?.tierSince, soon)
  })

  it("shows the invoice while it is unpaid, and lapses with the update at the provider", () => {
    const asked = done(subscribed(), change(), soon).account
    const waiting = given(asked).when(
      firstMonth(soon, {
        pendingUpdate: { terms: enterprise, expiresAt: after(soon, { hours: 23 }) },
        openInvoice: { externalId: firstMoney.externalId, url: "https://pay.example/i" }
      }),
      soon
    ).yields(
      Events.changeRequested(enterprise, soon, after(soon, { hours: 23 }), { invoiceUrl: "https://pay.example/i" }),
      Events.synced(soon)
    ).state
    assert.strictEqual(waiting.subscriptions[0]?.change?.invoiceUrl, "https://pay.example/i")
    const lapsed = given(waiting).when(firstMonth(after(soon, { days: 1 })), after(soon, { days: 1 })).yields(
      Events.syncRequested(after(soon, { hours: 23 })),
      Events.changeLapsed(),
      Events.synced(after(soon, { days: 1 }))
    )
    assert.strictEqual(lapsed.state.subscriptions[0]?.terms.tier, "PRO")
  })

  it("is refused while another change waits", () => {
    const asked = done(subscribed(), change(), soon).account
    given(asked).when(change(plan("ENTERPRISE", "yearly")), soon).refuses(new ChangeInProgress())
  })

  it("is every change to a higher tier, also one to shorter periods", () => {
    const yearly = plan("PRO", "yearly")
    const { account } = done(
      done(emptyAccount, create(1, yearly), start).account,
      firstMonth(start, { terms: yearly, periodEnd: time("2028-01-31T10:00:00.000Z") }),
      start
    )
    given(account).when(change(enterprise), soon).yields(
      Events.changeRequested(enterprise, soon, after(soon, { hours: 23 }))
    ).tells(Intents.changeUp(enterprise, soon))
    given(account).when(change(proMonthly), soon).yields(Events.changeScheduled(proMonthly, soon))
  })

  it("lapses after 23 hours if it is billed here", () => {
    const asked = done(subscribedByUs(), change(), soon).account
    const until = after(soon, { hours: 23 })
    const lastMoment = DateTime.subtract(until, { milliseconds: 1 })
    given(asked).when({ _tag: "Tick" }, lastMoment).changesNothing()
    const step = given(asked).when({ _tag: "Tick" }, after(until, { hours: 5 })).yields(Events.changeLapsed())
      .tellsNothing()
    assert.deepStrictEqual(step.times, [until])
    assert.strictEqual(step.state.subscriptions[0]?.terms.tier, "PRO")
  })

  it("to a longer period that is billed here starts a new anchor with the payment", () => {
    const asked = done(subscribedByUs(), change(plan("PRO", "yearly")), soon).account
    const step = given(asked).when({
      _tag: "PaymentSettled",
      purchaseId: asked.subscriptions[0]!.id,
      payment: money("tx2", soon, {}, { kind: "change" })
    }, soon).yields(
      Events.paymentRecorded(money("tx2", soon, {}, { kind: "change" }), { method: "web3" }),
      Events.changed(plan("PRO", "yearly"), soon),
      Events.renewed(soon, time("2028-02-03T10:00:00.000Z"), { anchor: soon }),
      Events.paymentChanged(
        money("tx2", soon, { from: soon, to: time("2028-02-03T10:00:00.000Z") }, { kind: "change" }),
        { method: "web3" }
      )
    )
    assert.deepStrictEqual(step.state.subscriptions[0]?.anchor, soon)
  })
})

describe("A change down", () => {
  const down = plan("PRO", "monthly")
  const proYearly = plan("PRO", "yearly")
  const enterpriseYearly = plan("ENTERPRISE", "yearly")

  it("waits for the next period, and takes effect with its renewal", () => {
    const asked = given(onEnterprise()).when(change(down), soon).yields(Events.changeScheduled(proMonthly, soon)).tells(
      Intents.changeDown(proMonthly)
    )
    assert.deepStrictEqual(asked.state.subscriptions[0]?.change?.until, monthOne)
    const step = asked.after.when(
      snapshot(1, monthOne, {
        subscription: providerSubscription({ periodStart: monthOne, periodEnd: monthTwo }),
        payments: [firstMoney, money("second", monthOne, { from: monthOne, to: monthTwo })]
      }),
      monthOne
    ).yields(
      Events.syncRequested(monthOne),
      Events.paymentRecorded(secondMoney),
      Events.changed(proMonthly, monthOne),
      Events.renewed(monthOne, monthTwo),
      Events.synced(monthOne)
    )
    assert.strictEqual(step.state.subscriptions[0]?.terms.tier, "PRO")
  })

  it("can be undone, and is dropped before a cancellation", () => {
    const asked = done(onEnterprise(), change(down), soon).account
    given(asked).when({ _tag: "UndoChange" }, soon).yields(Events.changeUndone()).tells(Intents.releaseChange())
    given(asked).when({ _tag: "Cancel", when: "period_end" }, soon).yields(
      Events.changeUndone(),
      Events.cancelScheduled("user", soon, { dropped: { direction: "down", terms: down } })
    ).tells(Intents.releaseChange(), Intents.cancelAtPeriodEnd())
  })

  it("is dropped before another change replaces it", () => {
    const asked = done(onEnterprise(), change(down), soon).account
    for (
      const [terms, event, intent] of [
        [proYearly, Events.changeScheduled(proYearly, soon), Intents.changeDown(proYearly)],
        [
          enterpriseYearly,
          Events.changeRequested(enterpriseYearly, soon, after(soon, { hours: 23 })),
          Intents.changeUp(enterpriseYearly, soon)
        ]
      ] as const
    ) {
      const step = given(asked).when(change(terms), soon).yields(Events.changeUndone(), event)
        .tells(Intents.releaseChange(), intent)
      assert.deepStrictEqual(step.state.subscriptions[0]?.change?.terms, terms)
    }
  })

  it("changes nothing if it is requested twice", () => {
    const asked = done(onEnterprise(), change(down), soon).account
    given(asked).when(change(down), soon).changesNothing()
  })
})

describe("A change of plan", () => {
  it("is refused without a subscription that can be changed, and while a payment is missing", () => {
    given(emptyAccount).when(change(), soon).refuses(new NoSubscription())
    given(subscribed()).when(change(proMonthly), soon).refuses(new SamePlan())
    given(subscribed()).when({ _tag: "UndoChange" }, soon).refuses(new NoPendingChange())
    const flagged = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon).account
    given(flagged).when(change(), soon).refuses(new CancelAlreadyScheduled())
    const unpaid = done(subscribed(), firstMonth(monthOne, { status: "past_due" }), monthOne).account
    given(unpaid).when(change(), monthOne).refuses(new NotChangeable())
    const refunding = done(subscribed(), { _tag: "Refund" }, soon).account
    given(refunding).when(change(), soon).refuses(new RefundInProgress())
  })

  it("is refused to a tier of a lifetime membership, also if the membership does not cover the subscription", () => {
    const flagged = buyLifetime(subscribed(), 2, "ENTERPRISE", soon).account
    given(flagged).when(change(), soon).refuses(new CancelAlreadyScheduled())
    const higher = buyLifetime(onEnterprise(), 2, "PRO", soon).account
    assert.isUndefined(higher.subscriptions[0]?.ending)
    given(higher).when(change(proMonthly), soon).refuses(new LifetimeHeld())
    given(higher).when(change(plan("ENTERPRISE", "yearly")), soon).yields(
      Events.changeRequested(plan("ENTERPRISE", "yearly"), soon, after(soon, { hours: 23 }))
    )
    const highest = { ...enterprise, tier: Tier.make("ULTIMATE") }
    const plans: Plans = [...defaultPlans, { ...defaultPlans[0], tier: highest.tier }]
    const ultimate = done(
      done(emptyAccount, create(1, highest), start).account,
      firstMonth(start, { terms: highest }),
      start
    ).account
    given(buyLifetime(ultimate, 2, "ENTERPRISE", soon, plans).account, plans).when(change(proMonthly), soon).refuses(
      new LifetimeHeld()
    )
  })
})
