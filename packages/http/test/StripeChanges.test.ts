import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { makeCustomer, monthly, sessionOf } from "./support/StripeCustomer.ts"
import { caughtUp, reconciled, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

const day = 24 * 3_600_000

const yearly = { ...monthly, period: "yearly" }

layer(stripeHost, { excludeTestServices: true })("A change of plan at Stripe", (it) => {
  it.effect("from years to months gives the months, and no more", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      yield* double.books((books) => {
        books.afterRetries = "past_due"
      })
      const ann = yield* makeCustomer
      yield* ann.buy(yearly)
      const start = double.clock.now()
      yield* until(start + 5 * day)
      const change = { tier: "ENTERPRISE", period: "monthly" }
      const shown = (yield* ann.post("change/preview", change)).json
      assert.deepStrictEqual([shown.amountDue.minorUnits, shown.credit.used.minorUnits], [0, 0])
      assert.isUndefined((yield* ann.me).credit)
      assert.strictEqual((yield* ann.post("change", { ...change, prorationDate: shown.prorationDate })).status, 200)
      yield* caughtUp()
      yield* ann.agrees
      // The user keeps the rest of the year beyond the first month.
      const credit = shown.credit.left
      assert.isTrue(credit.minorUnits > 0 && credit.minorUnits < 49_99 - 19_99)
      assert.deepStrictEqual((yield* ann.me).credit, credit)
      assert.deepStrictEqual((yield* ann.post("change/preview", { ...change, period: "yearly" })).json.credit, {
        used: credit,
        left: { ...credit, minorUnits: 0 }
      })
      // The year was counted against the change: nothing that could go back was paid for it.
      assert.isUndefined((yield* ann.me).refundable)
      const { status, json } = yield* ann.post("refund")
      assert.deepStrictEqual([status, json.code], [409, "refund_not_allowed"])
      yield* double.setCard((yield* ann.truth).customer, "declined")
      // The rest of the year pays for another month, and for a part of the following one.
      yield* until(start + 37 * day)
      yield* caughtUp()
      yield* ann.agrees
      const another = yield* ann.me
      assert.deepInclude(another.subscription, { state: "active" })
      assert.deepStrictEqual(another.credit, { ...credit, minorUnits: credit.minorUnits - 19_99 })
      yield* until(start + 68 * day)
      yield* caughtUp()
      const owing = yield* ann.me
      assert.isUndefined(owing.credit)
      assert.deepInclude(owing.subscription, { state: "past_due" })
      assert.strictEqual(owing.tier, "ENTERPRISE")
      yield* until(start + 90 * day)
      assert.strictEqual((yield* ann.me).tier, "FREE")
      yield* reconciled
      yield* caughtUp()
      assert.strictEqual((yield* ann.truth).status, "canceled")
      assert.strictEqual((yield* ann.me).subscription.state, "expired")
      yield* double.books((books) => {
        books.afterRetries = "canceled"
      })
    }))

  it.effect("that is refunded also refunds the payments that counted towards it, however old they are", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      for (const days of [1, 200]) {
        const ann = yield* makeCustomer
        yield* ann.buy(yearly)
        yield* until(double.clock.now() + days * day)
        assert.strictEqual((yield* ann.post("change", { tier: "ENTERPRISE", period: "yearly" })).status, 200)
        yield* caughtUp()
        yield* until(double.clock.now() + day)
        const { refundable } = yield* ann.me
        assert.deepStrictEqual(refundable.amount, { currency: "USD", minorUnits: 199_99 })
        const asked = yield* ann.post("refund")
        assert.strictEqual(asked.status, 200, asked.text)
        yield* caughtUp()
        assert.deepInclude(yield* ann.me, { tier: "FREE", source: "none" })
        assert.strictEqual((yield* ann.truth).status, "canceled")
        const [change, first] = (yield* ann.get("history")).json.payments
        assert.deepStrictEqual(change.refunded, change.amount)
        assert.strictEqual(change.refunded.minorUnits + first.refunded.minorUnits, refundable.amount.minorUnits)
      }
    }))

  it.effect("that was undone before Stripe was told costs nothing", () =>
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
        yield* caughtUp()
        yield* ann.agrees
        const { subscription, tier } = yield* ann.me
        assert.strictEqual(tier, "PRO")
        assert.isUndefined(subscription.change)
        assert.strictEqual(subscription.endsAt !== undefined, path === "cancel")
        assert.lengthOf((yield* ann.account).payments, 1)
      }
    }))

  it.effect("that lapsed before Stripe was told costs nothing", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      double.faults.plan(/^POST subscriptions/, "500")
      assert.strictEqual((yield* ann.post("change", { tier: "ENTERPRISE", period: "monthly" })).status, 200)
      yield* until(double.clock.now() + day)
      double.faults.clear()
      yield* until(double.clock.now() + 3_600_000)
      yield* caughtUp()
      yield* ann.agrees
      const { subscription, tier } = yield* ann.me
      assert.strictEqual(tier, "PRO")
      assert.isUndefined(subscription.change)
      assert.lengthOf((yield* ann.account).payments, 1)
    }))

  it.effect("down can follow another one that has taken effect", () =>
    Effect.gen(function*() {
      const ann = yield* makeCustomer
      yield* ann.buy({ ...yearly, tier: "ENTERPRISE" })
      for (const to of [{ tier: "ENTERPRISE", period: "monthly" }, { tier: "PRO", period: "monthly" }]) {
        const { paidThrough } = (yield* ann.me).subscription
        assert.strictEqual((yield* ann.post("change", to)).json.subscription.change.until, paidThrough)
        yield* caughtUp()
        assert.deepInclude((yield* ann.me).subscription.change, to)
        yield* until(paidThrough)
        yield* caughtUp()
        yield* ann.agrees
        assert.deepInclude((yield* ann.me).subscription, to)
      }
    }))
})

layer(stripeHost, { excludeTestServices: true })("An agreed end", (it) => {
  it.effect("stays, and later charges are refunded, however late Stripe is told", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      const { paidThrough } = (yield* ann.me).subscription
      double.faults.plan(/^POST subscriptions/, "drop")
      assert.strictEqual((yield* ann.post("cancel", {})).json.subscription.endsAt, paidThrough)
      yield* until(DateTime.makeUnsafe(paidThrough).epochMilliseconds + day)
      double.faults.clear()
      yield* caughtUp()
      yield* ann.agrees
      const { subscription, tier } = yield* ann.me
      assert.strictEqual(tier, "FREE")
      assert.strictEqual(subscription.state, "cancelled")
      assert.strictEqual((yield* ann.truth).status, "canceled")
      yield* caughtUp()
      const [renewal, first] = (yield* ann.get("history")).json.payments
      assert.deepStrictEqual(renewal.refunded, renewal.amount)
      assert.isUndefined(first.refunded)
    }))

  it.effect("is dropped if it was undone before Stripe was told", () =>
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
      yield* caughtUp()
      yield* ann.agrees
      assert.deepInclude((yield* ann.me).subscription, { state: "active" })
      assert.isUndefined((yield* ann.me).subscription.endsAt)
    }))

  it.effect("after the grace period is dropped if the invoice was paid before Stripe was told", () =>
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
      yield* caughtUp()
      double.faults.plan(/^DELETE subscriptions/, "drop")
      yield* until(end + 8 * day)
      yield* reconciled
      yield* caughtUp()
      const { invoiceUrl } = (yield* ann.me).subscription
      assert.isTrue(yield* double.payInvoice(sessionOf(invoiceUrl)))
      double.faults.clear()
      yield* until(double.clock.now() + 3_600_000)
      yield* caughtUp()
      yield* ann.agrees
      assert.deepInclude((yield* ann.me).subscription, { state: "active" })
      assert.strictEqual((yield* ann.truth).status, "active")
      yield* double.books((books) => {
        books.afterRetries = "canceled"
      })
    }))

  it.effect("works the same after the plan is bought again", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy({ ...monthly, autoRenew: false })
      const { endsAt } = (yield* ann.me).subscription
      yield* until(endsAt)
      yield* caughtUp()
      const again = yield* ann.post("renew", {})
      assert.strictEqual(again.status, 201, again.text)
      assert.isTrue(yield* double.pay(sessionOf(again.json.payment.checkoutUrl)))
      yield* caughtUp()
      assert.isString((yield* ann.me).subscription.endsAt)
    }))
})
