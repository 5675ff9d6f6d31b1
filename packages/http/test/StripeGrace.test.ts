import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { makeCustomer, monthly, sessionOf } from "./support/StripeCustomer.ts"
import { caughtUp, reconciled, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

layer(stripeHost, { excludeTestServices: true })("A subscription that stays unpaid", (it) => {
  it.effect("gives access during the grace period, and is then ended at Stripe", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      yield* double.books((books) => {
        books.afterRetries = "past_due"
      })
      yield* until("2029-01-15T12:00:00Z")
      const bob = yield* makeCustomer
      yield* bob.buy()
      yield* double.setCard((yield* bob.truth).customer, "declined")
      yield* until("2029-02-15T12:00:00Z")
      yield* caughtUp()
      assert.strictEqual((yield* bob.me).subscription.state, "past_due")
      yield* until("2029-02-22T11:59:00Z")
      assert.strictEqual((yield* bob.me).tier, "PRO")
      yield* until("2029-02-22T12:00:00Z")
      assert.strictEqual((yield* bob.me).tier, "FREE")
      yield* reconciled
      yield* caughtUp()
      assert.strictEqual((yield* bob.truth).status, "canceled")
      assert.strictEqual((yield* bob.me).subscription.state, "expired")
      const open = yield* double.books((books) => books.invoices.list(({ status }) => status === "open"))
      assert.lengthOf(open, 0)
    }))

  it.effect("ends with the paid year if the user pays and cancels before the payment is known", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const eve = yield* makeCustomer
      yield* eve.buy({ ...monthly, period: "yearly" })
      yield* double.setCard((yield* eve.truth).customer, "declined")
      const { paidThrough } = (yield* eve.me).subscription
      yield* until(DateTime.add(DateTime.makeUnsafe(paidThrough), { hours: 26 }))
      yield* caughtUp()
      const { invoiceUrl, state } = (yield* eve.me).subscription
      assert.strictEqual(state, "past_due")
      assert.isTrue(yield* double.payInvoice(sessionOf(invoiceUrl)))
      const cancelled = yield* eve.post("cancel", {})
      assert.strictEqual(cancelled.status, 200, cancelled.text)
      yield* caughtUp()
      yield* eve.agrees
      const { subscription, tier } = yield* eve.me
      const end = DateTime.add(DateTime.makeUnsafe(paidThrough), { years: 1 })
      assert.strictEqual(tier, "PRO")
      assert.deepInclude(subscription, { state: "active", endsAt: DateTime.formatIso(end) })
    }))

  it.effect("is ended once Stripe accepts the end that it has refused before", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const eve = yield* makeCustomer
      yield* eve.buy()
      yield* double.setCard((yield* eve.truth).customer, "declined")
      const { paidThrough } = (yield* eve.me).subscription
      yield* until(DateTime.add(DateTime.makeUnsafe(paidThrough), { hours: 26 }))
      yield* caughtUp()
      let told = 0
      yield* double.onRequest((request) => {
        if (request.startsWith("DELETE subscriptions")) told += 1
      })
      double.faults.plan(/^DELETE subscriptions/, "refused")
      assert.strictEqual((yield* eve.post("cancel", {})).status, 200)
      yield* caughtUp()
      assert.isAtMost(told, 3)
      double.faults.clear()
      yield* until(double.clock.now() + 2 * 3_600_000)
      yield* caughtUp()
      yield* double.onRequest(() => undefined)
      const { customer, status } = yield* eve.truth
      assert.strictEqual(status, "canceled")
      assert.strictEqual((yield* eve.me).subscription.state, "cancelled")
      const open = yield* double.books((books) =>
        books.invoices.list((it) => it.customer === customer && it.status === "open")
      )
      assert.deepStrictEqual(open, [])
    }))

  it.effect("refunds a payment that is made while it is being ended", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const eve = yield* makeCustomer
      yield* eve.buy()
      yield* double.setCard((yield* eve.truth).customer, "declined")
      const { paidThrough } = (yield* eve.me).subscription
      yield* until(DateTime.add(DateTime.makeUnsafe(paidThrough), { hours: 26 }))
      yield* caughtUp()
      const { invoiceUrl } = (yield* eve.me).subscription
      let isPaid = false
      yield* double.onRequest((request) => {
        if (!request.startsWith("DELETE subscriptions") || isPaid) return
        isPaid = true
        Effect.runSync(double.payInvoice(sessionOf(invoiceUrl)))
      })
      assert.strictEqual((yield* eve.post("cancel", {})).status, 200)
      yield* double.onRequest(() => undefined)
      yield* caughtUp()
      yield* caughtUp()
      assert.isTrue(isPaid)
      yield* eve.agrees
      const [renewal] = (yield* eve.get("history")).json.payments
      assert.deepStrictEqual(renewal.refunded, renewal.amount)
      assert.deepInclude((yield* eve.me).subscription, { state: "cancelled" })
    }))
})
