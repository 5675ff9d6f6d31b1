import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { makeCustomer, monthly, sessionOf } from "./support/StripeCustomer.ts"
import { reconciled, settled, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

const day = 24 * 3_600_000

const yearly = { ...monthly, period: "yearly" }

layer(stripeHost, { excludeTestServices: true })("a change of plan at Stripe", (it) => {
  it.effect("from years to months gives what the months give, and no more", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      yield* double.books((books) => {
        books.afterRetries = "past_due"
      })
      const ann = yield* makeCustomer
      yield* ann.buy(yearly)
      const start = double.clock.now()
      yield* until(start + 5 * day)
      assert.strictEqual((yield* ann.post("change", { tier: "ENTERPRISE", period: "monthly" })).status, 200)
      yield* settled()
      yield* ann.agrees
      // The year was counted against the change: nothing that could go back was paid for it.
      assert.isUndefined((yield* ann.me).refundable)
      const { status, json } = yield* ann.post("refund")
      assert.deepStrictEqual([status, json.code], [409, "refund_not_allowed"])
      yield* double.setCard((yield* ann.truth).customer, "declined")
      // What the year had left pays for another month, and for a part of the one after it.
      yield* until(start + 37 * day)
      yield* settled()
      yield* ann.agrees
      assert.deepInclude((yield* ann.me).subscription, { state: "active" })
      yield* until(start + 68 * day)
      yield* settled()
      const owing = yield* ann.me
      assert.deepInclude(owing.subscription, { state: "past_due" })
      assert.strictEqual(owing.tier, "ENTERPRISE")
      yield* until(start + 90 * day)
      assert.strictEqual((yield* ann.me).tier, "FREE")
      yield* reconciled
      yield* settled()
      assert.strictEqual((yield* ann.truth).status, "canceled")
      assert.strictEqual((yield* ann.me).subscription.state, "expired")
      yield* double.books((books) => {
        books.afterRetries = "canceled"
      })
    }))

  it.effect("that was taken back before it could be told costs nothing", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      for (const [path, body] of [["undo-change", undefined], ["cancel", {}]] as const) {
        const ann = yield* makeCustomer
        yield* ann.buy()
        double.faults.plan(/^POST subscriptions/, "500")
        assert.strictEqual((yield* ann.post("change", { tier: "ENTERPRISE", period: "monthly" })).status, 200)
        assert.strictEqual((yield* ann.post(path, body)).status, 200)
        double.faults.clear()
        yield* until(double.clock.now() + 60_000)
        yield* settled()
        yield* ann.agrees
        const { subscription, tier } = yield* ann.me
        assert.strictEqual(tier, "PRO")
        assert.isUndefined(subscription.change)
        assert.strictEqual(subscription.endsAt !== undefined, path === "cancel")
        assert.lengthOf((yield* ann.account).payments, 1)
      }
    }))

  it.effect("that could not be told before it lapsed costs nothing", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      double.faults.plan(/^POST subscriptions/, "500")
      assert.strictEqual((yield* ann.post("change", { tier: "ENTERPRISE", period: "monthly" })).status, 200)
      yield* until(double.clock.now() + day)
      double.faults.clear()
      yield* until(double.clock.now() + 3_600_000)
      yield* settled()
      yield* ann.agrees
      const { subscription, tier } = yield* ann.me
      assert.strictEqual(tier, "PRO")
      assert.isUndefined(subscription.change)
      assert.lengthOf((yield* ann.account).payments, 1)
    }))

  it.effect("down can follow one that has come about", () =>
    Effect.gen(function*() {
      const ann = yield* makeCustomer
      yield* ann.buy({ ...yearly, tier: "ENTERPRISE" })
      for (const to of [{ tier: "ENTERPRISE", period: "monthly" }, { tier: "PRO", period: "monthly" }]) {
        const { paidThrough } = (yield* ann.me).subscription
        assert.strictEqual((yield* ann.post("change", to)).json.subscription.change.until, paidThrough)
        yield* settled()
        assert.deepInclude((yield* ann.me).subscription.change, to)
        yield* until(paidThrough)
        yield* settled()
        yield* ann.agrees
        assert.deepInclude((yield* ann.me).subscription, to)
      }
    }))
})

layer(stripeHost, { excludeTestServices: true })("an end that was agreed", (it) => {
  it.effect("holds, and what was taken for the time after it goes back, however late Stripe hears of it", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      const { paidThrough } = (yield* ann.me).subscription
      double.faults.plan(/^POST subscriptions/, "drop")
      assert.strictEqual((yield* ann.post("cancel", {})).json.subscription.endsAt, paidThrough)
      yield* until(DateTime.makeUnsafe(paidThrough).epochMilliseconds + day)
      double.faults.clear()
      yield* settled()
      yield* ann.agrees
      const { subscription, tier } = yield* ann.me
      assert.strictEqual(tier, "FREE")
      assert.strictEqual(subscription.state, "cancelled")
      assert.strictEqual((yield* ann.truth).status, "canceled")
      yield* settled()
      const [renewal, first] = (yield* ann.get("history")).json.payments
      assert.deepStrictEqual(renewal.refunded, renewal.amount)
      assert.isUndefined(first.refunded)
    }))

  it.effect("that was undone before Stripe heard of it is none", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      const { paidThrough } = (yield* ann.me).subscription
      double.faults.plan(/^POST subscriptions/, "drop")
      yield* ann.post("cancel", {})
      yield* ann.post("undo-cancel")
      yield* until(DateTime.makeUnsafe(paidThrough).epochMilliseconds + day)
      double.faults.clear()
      yield* settled()
      yield* ann.agrees
      assert.deepInclude((yield* ann.me).subscription, { state: "active" })
      assert.isUndefined((yield* ann.me).subscription.endsAt)
    }))

  it.effect("by a grace that is over is none where the invoice was paid before Stripe heard of it", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      yield* double.books((books) => {
        books.afterRetries = "past_due"
      })
      const ann = yield* makeCustomer
      yield* ann.buy()
      yield* double.setCard((yield* ann.truth).customer, "declined")
      const { paidThrough } = (yield* ann.me).subscription
      const end = DateTime.makeUnsafe(paidThrough).epochMilliseconds
      yield* until(end + day)
      yield* settled()
      double.faults.plan(/^DELETE subscriptions/, "drop")
      yield* until(end + 8 * day)
      yield* reconciled
      yield* settled()
      const { invoiceUrl } = (yield* ann.me).subscription
      assert.isTrue(yield* double.payInvoice(sessionOf(invoiceUrl)))
      double.faults.clear()
      yield* until(double.clock.now() + 3_600_000)
      yield* settled()
      yield* ann.agrees
      assert.deepInclude((yield* ann.me).subscription, { state: "active" })
      assert.strictEqual((yield* ann.truth).status, "active")
      yield* double.books((books) => {
        books.afterRetries = "canceled"
      })
    }))

  it.effect("is the same when it is bought again", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy({ ...monthly, autoRenew: false })
      const { endsAt } = (yield* ann.me).subscription
      yield* until(endsAt)
      yield* settled()
      const again = yield* ann.post("renew", {})
      assert.strictEqual(again.status, 201, again.text)
      assert.isTrue(yield* double.pay(sessionOf(again.json.payment.checkoutUrl)))
      yield* settled()
      assert.isString((yield* ann.me).subscription.endsAt)
    }))
})
