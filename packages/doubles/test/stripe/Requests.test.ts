import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { day, makeShop, opening, refusal } from "./support/Shop.ts"

const unheardOf = (more: object): never => more as never

describe("A request to the double of Stripe", () => {
  it.effect("is refused when it has a parameter that its route does not know", () =>
    Effect.gen(function*() {
      const { prices, stripe, subscribe } = yield* makeShop
      const { customer, id, item } = yield* subscribe(prices.small)
      const unknown = [
        [() => stripe.customers.create(unheardOf({ nonsense: "x" })), "nonsense"],
        [() => stripe.subscriptions.update(id, unheardOf({ items: [{ id: item, cost: 5 }] })), "items[0][cost]"],
        [() => stripe.subscriptions.update(id, unheardOf({ billing_cycle_anchor: "now" })), "billing_cycle_anchor"],
        [() => stripe.invoices.list(unheardOf({ customer, purchase: "x" })), "purchase"],
        [() => stripe.subscriptions.cancel(id, unheardOf({ at_once: true })), "at_once"]
      ] as const
      for (const [run, param] of unknown) {
        assert.deepInclude(yield* refusal<unknown>(run), { status: 400, code: "parameter_unknown", param })
      }
    }).pipe(Effect.scoped))

  it.effect("must name the item that it changes, and existing objects", () =>
    Effect.gen(function*() {
      const { prices, stripe, subscribe } = yield* makeShop
      const { id, item } = yield* subscribe(prices.small)
      const wrong = [
        { items: [{ price: prices.large }] },
        { items: [{ id: "si_other", price: prices.large }] },
        { items: [{ id: item, price: prices.large }, { price: prices.small }] },
        { items: [{ id: item, price: prices.yearly }] },
        { items: [{ id: item, price: prices.large }], payment_behavior: "default_incomplete" },
        { items: [{ id: item, price: prices.large }], proration_behavior: "some" },
        { cancel_at_period_end: true, payment_behavior: "pending_if_incomplete" }
      ]
      for (const params of wrong) {
        const { status } = yield* refusal(() => stripe.subscriptions.update(id, params))
        assert.strictEqual(status, 400, JSON.stringify(params))
      }
      const refused = yield* refusal(() =>
        stripe.invoices.createPreview({
          subscription: id,
          subscription_details: { items: [{ price: prices.large }], billing_cycle_anchor: { type: "now" } }
        })
      )
      assert.strictEqual(refused.status, 400)
    }).pipe(Effect.scoped))

  it.effect("prorates a change from a time within the period, and from no future time", () =>
    Effect.gen(function*() {
      const { ask, prices, stripe, subscribe, until } = yield* makeShop
      const { id, item } = yield* subscribe(prices.small)
      yield* until(opening + 5 * day)
      const change = (proration_date: number) => ({
        items: [{ id: item, price: prices.large }],
        billing_cycle_anchor: { type: "now" },
        proration_behavior: "always_invoice",
        proration_date
      })
      for (const date of [opening - 1, opening + 40 * day, opening + 6 * day]) {
        const refused = yield* refusal(() => stripe.subscriptions.update(id, change(date)))
        assert.deepInclude(refused, { status: 400, param: "proration_date" })
        const preview = yield* refusal(() =>
          stripe.invoices.createPreview({ subscription: id, subscription_details: change(date) })
        )
        assert.strictEqual(preview.status, 400)
      }
      yield* ask((it) => it.subscriptions.update(id, change(opening + 4 * day)))
    }).pipe(Effect.scoped))

  it.effect("lists a hundred objects at most", () =>
    Effect.gen(function*() {
      const { stripe } = yield* makeShop
      assert.deepInclude(yield* refusal(() => stripe.invoices.list({ limit: 101 })), { status: 400, param: "limit" })
      assert.lengthOf((yield* Effect.promise(() => stripe.invoices.list({ limit: 100 }))).data, 0)
    }).pipe(Effect.scoped))

  it.effect("gets the answer of its idempotency key, unless that was an error of its parameters", () =>
    Effect.gen(function*() {
      const { ask, double, prices, stripe, subscribe } = yield* makeShop
      const { customer, id } = yield* subscribe(prices.small)
      const cancel = (idempotencyKey: string) =>
        stripe.subscriptions.update(id, { cancel_at: opening }, { idempotencyKey })
      assert.strictEqual((yield* refusal(() => cancel("wrong"))).status, 400)
      const done = yield* ask((it) =>
        it.subscriptions.update(id, { cancel_at_period_end: true }, { idempotencyKey: "wrong" })
      )
      assert.isTrue(done.cancel_at_period_end)

      yield* double.setCard(customer, "declined")
      const subscribing = () =>
        stripe.subscriptions.create(
          { customer, items: [{ price: prices.small }], payment_behavior: "error_if_incomplete" },
          { idempotencyKey: "declined" }
        )
      assert.strictEqual((yield* refusal(subscribing)).status, 402)
      yield* double.books((books) => {
        const card = books.methods.list((it) => it.customer === customer)[0]?.id ?? ""
        books.cards.set(card, "works")
        books.customers.get(customer).invoice_settings.default_payment_method = card
      })
      assert.strictEqual((yield* refusal(subscribing)).status, 402)

      double.faults.plan(/^POST customers$/, "500", 1)
      const creating = (email: string) => () => stripe.customers.create({ email }, { idempotencyKey: "failed" })
      assert.strictEqual((yield* refusal(creating("a@example.com"))).status, 500)
      assert.strictEqual((yield* refusal(creating("a@example.com"))).status, 500)
      assert.strictEqual((yield* refusal(creating("b@example.com"))).status, 400)
    }).pipe(Effect.scoped))

  it.effect("may be rate limited or fail by a planned fault, and be retried", () =>
    Effect.gen(function*() {
      const { double, stripe } = yield* makeShop
      double.faults.plan(/^GET invoices$/, "rate_limit", 1)
      double.faults.plan(/^GET invoices$/, "424", 1, true)
      const list = () => stripe.invoices.list()
      assert.deepInclude(yield* refusal(list), { status: 400, code: "rate_limit" })
      const { headers, status } = yield* refusal(list)
      assert.strictEqual(status, 424)
      assert.strictEqual(headers?.["stripe-should-retry"], "true")
      assert.lengthOf((yield* Effect.promise(list)).data, 0)
    }).pipe(Effect.scoped))
})

describe("A customer at the double of Stripe", () => {
  it.effect("can be read after the deletion, and buys nothing", () =>
    Effect.gen(function*() {
      const { ask, double, look, prices, stripe, subscribe } = yield* makeShop
      const [ann, bob] = [yield* subscribe(prices.small), yield* subscribe(prices.small)]
      yield* ask((it) => it.customers.del(ann.customer))
      yield* double.deleteCustomer(bob.customer)
      for (const { customer, id } of [ann, bob]) {
        assert.deepInclude(yield* ask((it) => it.customers.retrieve(customer)), { id: customer, deleted: true })
        assert.strictEqual((yield* look(id)).status, "canceled")
        const refused = yield* refusal(() =>
          stripe.checkout.sessions.create({
            customer,
            mode: "subscription",
            line_items: [{ price: prices.small, quantity: 1 }],
            success_url: "https://example.com"
          })
        )
        assert.deepInclude(refused, { status: 400, code: "resource_missing", param: "customer" })
      }
    }).pipe(Effect.scoped))
})

describe("The portal of the double of Stripe", () => {
  it.effect("has the configuration that it was given", () =>
    Effect.gen(function*() {
      const { ask } = yield* makeShop
      const features = { subscription_cancel: { enabled: true, mode: "at_period_end" } }
      const { id } = yield* ask((it) => it.billingPortal.configurations.create({ features }))
      yield* ask((it) =>
        it.billingPortal.configurations.update(id, { features: { invoice_history: { enabled: false } } })
      )
      const { data: [known] } = yield* ask((it) => it.billingPortal.configurations.list())
      assert.deepStrictEqual<unknown>(known?.features, { ...features, invoice_history: { enabled: false } })
    }).pipe(Effect.scoped))
})
