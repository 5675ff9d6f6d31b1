import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { at, makeShop, refusal } from "./support/Shop.ts"

describe("A card at the double of Stripe", () => {
  it.effect("belongs to the subscription after a checkout with it, and not to the customer", () =>
    Effect.gen(function*() {
      const { ask, double, look, prices, until } = yield* makeShop
      const { id: customer } = yield* ask((it) => it.customers.create())
      const session = yield* ask((it) =>
        it.checkout.sessions.create({
          customer,
          mode: "subscription",
          line_items: [{ price: prices.small, quantity: 1 }],
          success_url: "https://example.com"
        })
      )
      assert.isTrue(yield* double.pay(session.id))
      const { subscription } = yield* ask((it) => it.checkout.sessions.retrieve(session.id))
      const { default_payment_method } = yield* look(String(subscription))
      assert.isString(default_payment_method)
      const known = yield* ask((it) => it.customers.retrieve(customer))
      assert.isNull("deleted" in known ? undefined : known.invoice_settings.default_payment_method)
      yield* until(at(2027, 2, 15))
      assert.strictEqual((yield* look(String(subscription))).status, "active")
    }).pipe(Effect.scoped))

  it.effect("is charged as the card of the customer only when the subscription has none", () =>
    Effect.gen(function*() {
      const { ask, attach, invoicesOf, look, prices, subscribe, until } = yield* makeShop
      const { card, customer, id } = yield* subscribe(prices.small)
      const bad = yield* attach(customer, "pm_card_chargeCustomerFail")
      yield* ask((it) => it.customers.update(customer, { invoice_settings: { default_payment_method: bad } }))
      yield* until(at(2027, 2, 15))
      assert.strictEqual((yield* look(id)).status, "active")
      yield* ask((it) => it.subscriptions.update(id, { default_payment_method: "" }))
      yield* until(at(2027, 3, 15))
      assert.strictEqual((yield* look(id)).status, "past_due")
      yield* ask((it) => it.customers.update(customer, { invoice_settings: { default_payment_method: card } }))
      const [owed] = yield* invoicesOf(id)
      yield* ask((it) => it.invoices.pay(owed?.id ?? ""))
      assert.strictEqual((yield* look(id)).status, "active")
    }).pipe(Effect.scoped))

  it.effect("is charged for the subscriptions of the customer after a test has set it", () =>
    Effect.gen(function*() {
      const { double, look, prices, subscribe, until } = yield* makeShop
      const { customer, id } = yield* subscribe(prices.small)
      yield* double.setCard(customer, "declined")
      yield* until(at(2027, 2, 15))
      assert.strictEqual((yield* look(id)).status, "past_due")
      yield* double.setCard(customer, "works")
      yield* until(at(2027, 2, 18))
      assert.strictEqual((yield* look(id)).status, "active")
    }).pipe(Effect.scoped))

  it.effect("is unknown to other customers", () =>
    Effect.gen(function*() {
      const { prices, stripe, subscribe } = yield* makeShop
      const [ann, bob] = [yield* subscribe(prices.small), yield* subscribe(prices.small)]
      const refused = yield* refusal(() => stripe.subscriptions.update(ann.id, { default_payment_method: bob.card }))
      assert.deepInclude(refused, { status: 400, code: "resource_missing", param: "default_payment_method" })
    }).pipe(Effect.scoped))

  it.effect("pays at once only when it needs no other page", () =>
    Effect.gen(function*() {
      const { attach, ask, stripe } = yield* makeShop
      const { id: customer } = yield* ask((it) => it.customers.create())
      const payment_method = yield* attach(customer, "pm_card_visa")
      const params = { customer, payment_method, amount: 999, currency: "usd", confirm: true }
      const refused = yield* refusal(() => stripe.paymentIntents.create(params))
      assert.deepInclude(refused, { status: 400, param: "return_url" })
      for (
        const more of [
          { automatic_payment_methods: { enabled: true, allow_redirects: "never" } },
          { allowed_payment_method_types: ["card"] },
          { return_url: "https://example.com" }
        ]
      ) {
        const { status } = yield* ask((it) =>
          it.paymentIntents.create({ ...params, ...more } as Parameters<typeof it.paymentIntents.create>[0])
        )
        assert.strictEqual(status, "succeeded")
      }
    }).pipe(Effect.scoped))
})
