import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { at, day, makeShop, opening, refusal } from "./support/Shop.ts"

const hour = 3600

describe("An invoice at the double of Stripe", () => {
  it.effect("does not affect the subscription once it is void: the period continues unpaid", () =>
    Effect.gen(function*() {
      const { ask, double, invoicesOf, itemOf, look, prices, subscribe, until } = yield* makeShop
      const { customer, id } = yield* subscribe(prices.small)
      yield* double.setCard(customer, "declined")
      yield* until(at(2027, 2, 15))
      assert.strictEqual((yield* look(id)).status, "past_due")
      const [owed] = yield* invoicesOf(id)
      yield* ask((it) => it.invoices.voidInvoice(owed?.id ?? ""))
      const after = yield* look(id)
      assert.strictEqual(after.status, "active")
      assert.strictEqual(itemOf(after).current_period_end, at(2027, 3, 15))
      yield* until(at(2027, 3, 14))
      assert.strictEqual((yield* look(id)).status, "active")
    }).pipe(Effect.scoped))

  it.effect("decides the status when it is the most recent one, whatever older ones are open", () =>
    Effect.gen(function*() {
      const { ask, double, invoicesOf, look, prices, subscribe, until } = yield* makeShop
      yield* double.books((books) => {
        books.afterRetries = "past_due"
      })
      const { customer, id } = yield* subscribe(prices.small)
      yield* double.setCard(customer, "declined")
      yield* until(at(2027, 3, 16))
      const [latest, older] = yield* invoicesOf(id)
      assert.deepStrictEqual([latest?.status, older?.status], ["open", "open"])
      yield* double.setCard(customer, "works")
      yield* ask((it) => it.invoices.pay(older?.id ?? ""))
      assert.strictEqual((yield* look(id)).status, "past_due")
      yield* double.setCard(customer, "declined")
      yield* until(at(2027, 4, 15))
      yield* double.setCard(customer, "works")
      yield* ask(async (it) => it.invoices.pay(String((await it.subscriptions.retrieve(id)).latest_invoice)))
      assert.strictEqual((yield* look(id)).status, "active")
      assert.deepStrictEqual((yield* invoicesOf(id)).map(({ status }) => status), ["paid", "open", "paid", "paid"])
    }).pipe(Effect.scoped))

  it.effect("stays a draft for the configured time while the subscription is active", () =>
    Effect.gen(function*() {
      const { double, invoicesOf, itemOf, look, prices, subscribe, until } = yield* makeShop
      yield* double.books((books) => {
        books.draftSeconds = hour
      })
      const { customer, id } = yield* subscribe(prices.small)
      yield* double.setCard(customer, "declined")
      yield* until(at(2027, 2, 15) + hour - 1)
      const renewed = yield* look(id)
      assert.strictEqual(renewed.status, "active")
      assert.strictEqual(itemOf(renewed).current_period_end, at(2027, 3, 15))
      assert.deepInclude((yield* invoicesOf(id))[0], { status: "draft", attempt_count: 0, hosted_invoice_url: null })
      yield* until(at(2027, 2, 15) + hour)
      assert.deepInclude((yield* invoicesOf(id))[0], { status: "open", attempt_count: 1 })
      assert.strictEqual((yield* look(id)).status, "past_due")
    }).pipe(Effect.scoped))

  it.effect("is never charged once the subscription has ended, neither as a draft nor by a retry", () =>
    Effect.gen(function*() {
      const { ask, double, invoicesOf, prices, subscribe, until } = yield* makeShop
      yield* double.books((books) => {
        books.draftSeconds = hour
      })
      const [ann, bob] = [yield* subscribe(prices.small), yield* subscribe(prices.small)]
      yield* double.setCard(bob.customer, "declined")
      yield* until(at(2027, 2, 15))
      yield* ask((it) => it.subscriptions.cancel(ann.id))
      yield* until(at(2027, 2, 16))
      assert.isNumber((yield* invoicesOf(bob.id))[0]?.next_payment_attempt)
      yield* ask((it) => it.subscriptions.cancel(bob.id))
      yield* double.setCard(bob.customer, "works")
      yield* until(at(2027, 3, 1))
      assert.strictEqual((yield* invoicesOf(ann.id))[0]?.status, "draft")
      assert.deepInclude((yield* invoicesOf(bob.id))[0], { status: "open", next_payment_attempt: null })
    }).pipe(Effect.scoped))

  it.effect("leaves a credit for later invoices when its total is negative", () =>
    Effect.gen(function*() {
      const { ask, invoicesOf, prices, subscribe, until } = yield* makeShop
      const { customer, id, item } = yield* subscribe(prices.yearly)
      const preview = yield* ask((it) =>
        it.invoices.createPreview({
          subscription: id,
          subscription_details: {
            items: [{ id: item, price: prices.large }],
            billing_cycle_anchor: { type: "now" },
            proration_behavior: "always_invoice"
          }
        })
      )
      assert.deepStrictEqual([preview.total, preview.amount_due], [-3000, 0])
      yield* ask((it) =>
        it.subscriptions.update(id, {
          items: [{ id: item, price: prices.large }],
          billing_cycle_anchor: { type: "now" },
          proration_behavior: "always_invoice"
        })
      )
      const balance = Effect.map(
        ask((it) => it.customers.retrieve(customer)),
        (it) => "deleted" in it ? undefined : it.balance
      )
      assert.strictEqual(yield* balance, -3000)
      yield* until(at(2027, 3, 15))
      assert.strictEqual(yield* balance, 0)
      const [second, first, change] = yield* invoicesOf(id)
      assert.deepInclude(change, { total: -3000, amount_due: 0, amount_paid: 0, status: "paid" })
      assert.deepInclude(first, { starting_balance: -3000, ending_balance: -1000, amount_paid: 0, status: "paid" })
      assert.deepInclude(second, { starting_balance: -1000, total: 2000, amount_due: 1000, amount_paid: 1000 })
      const { data } = yield* ask((it) => it.invoicePayments.list({ invoice: first?.id ?? "" }))
      assert.lengthOf(data, 0)
    }).pipe(Effect.scoped))

  it.effect("is added to the next one when its total is below the minimum", () =>
    Effect.gen(function*() {
      const { ask, invoicesOf, prices, subscribe, until } = yield* makeShop
      const { customer, id } = yield* subscribe(prices.small)
      yield* ask((it) => it.customers.update(customer, { balance: -451 }))
      yield* until(at(2027, 3, 15))
      const [next, almost] = yield* invoicesOf(id)
      assert.deepInclude(almost, { amount_due: 0, ending_balance: 49, status: "paid" })
      assert.deepInclude(next, { amount_paid: 549, ending_balance: 0 })
    }).pipe(Effect.scoped))

  it.effect("returns what it took of the balance once it is void", () =>
    Effect.gen(function*() {
      const { ask, double, invoicesOf, prices, subscribe, until } = yield* makeShop
      const { customer, id } = yield* subscribe(prices.small)
      yield* ask((it) => it.customers.update(customer, { balance: -100 }))
      yield* double.setCard(customer, "declined")
      yield* until(at(2027, 2, 15))
      const [owed] = yield* invoicesOf(id)
      assert.strictEqual(owed?.amount_due, 400)
      yield* ask((it) => it.invoices.voidInvoice(owed?.id ?? ""))
      const known = yield* ask((it) => it.customers.retrieve(customer))
      assert.strictEqual("deleted" in known ? undefined : known.balance, -100)
    }).pipe(Effect.scoped))

  it.effect("is not refunded when it was disputed and the dispute was not won", () =>
    Effect.gen(function*() {
      const { ask, double, prices, stripe, subscribe } = yield* makeShop
      yield* subscribe(prices.small)
      const [intent] = yield* double.books((books) => books.paymentIntents.list())
      const payment_intent = intent?.id ?? ""
      const refund = () => stripe.refunds.create({ payment_intent })
      const { id } = yield* double.dispute(payment_intent)
      assert.deepInclude(yield* refusal(refund), { status: 400, code: "charge_disputed" })
      yield* double.closeDispute(id, "lost")
      assert.deepInclude(yield* refusal(refund), { status: 400, code: "charge_disputed" })
      yield* double.closeDispute(id, "won")
      assert.strictEqual((yield* ask(refund)).status, "succeeded")
    }).pipe(Effect.scoped))
})

describe("A change at the double of Stripe", () => {
  const up = (item: string, price: string) => ({
    items: [{ id: item, price }],
    billing_cycle_anchor: { type: "now" },
    proration_behavior: "always_invoice"
  })

  it.effect("is dropped with the latest invoice while it is pending", () =>
    Effect.gen(function*() {
      const { ask, double, invoicesOf, look, prices, subscribe, until } = yield* makeShop
      const { customer, id, item } = yield* subscribe(prices.small)
      yield* until(opening + 5 * day)
      yield* double.setCard(customer, "declined")
      const waiting = yield* ask((it) =>
        it.subscriptions.update(id, { ...up(item, prices.large), payment_behavior: "pending_if_incomplete" })
      )
      assert.strictEqual(waiting.status, "active")
      assert.strictEqual(waiting.latest_invoice, (yield* invoicesOf(id))[0]?.id)
      assert.strictEqual(waiting.pending_update?.expires_at, opening + 5 * day + 23 * hour)
      yield* ask((it) => it.invoices.voidInvoice(String(waiting.latest_invoice)))
      const kept = yield* look(id)
      assert.isNull(kept.pending_update)
      assert.strictEqual(kept.items.data[0]?.price.id, prices.small)
    }).pipe(Effect.scoped))

  it.effect("takes effect once its invoice is paid, though an older one is open", () =>
    Effect.gen(function*() {
      const { ask, double, invoicesOf, look, prices, subscribe, until } = yield* makeShop
      const { customer, id, item } = yield* subscribe(prices.small)
      yield* double.setCard(customer, "declined")
      yield* until(at(2027, 2, 16))
      const waiting = yield* ask((it) =>
        it.subscriptions.update(id, { ...up(item, prices.large), payment_behavior: "pending_if_incomplete" })
      )
      assert.strictEqual(waiting.status, "past_due")
      assert.isTrue(yield* double.payInvoice(String(waiting.latest_invoice)))
      const changed = yield* look(id)
      assert.deepInclude(changed, { status: "active", pending_update: null, billing_cycle_anchor: at(2027, 2, 16) })
      assert.strictEqual(changed.items.data[0]?.price.id, prices.large)
      assert.deepStrictEqual((yield* invoicesOf(id)).map(({ status }) => status), ["paid", "open", "paid"])
    }).pipe(Effect.scoped))

  it.effect("does not affect the status while it is pending: the subscription is active once its last renewal is paid", () =>
    Effect.gen(function*() {
      const { ask, double, invoicesOf, look, prices, subscribe, until } = yield* makeShop
      const { customer, id, item } = yield* subscribe(prices.small)
      yield* double.setCard(customer, "declined")
      yield* until(at(2027, 2, 16))
      yield* ask((it) =>
        it.subscriptions.update(id, { ...up(item, prices.large), payment_behavior: "pending_if_incomplete" })
      )
      const [, renewal] = yield* invoicesOf(id)
      yield* double.setCard(customer, "works")
      yield* ask((it) => it.invoices.pay(renewal?.id ?? ""))
      const paid = yield* look(id)
      assert.strictEqual(paid.status, "active")
      assert.isNotNull(paid.pending_update)
    }).pipe(Effect.scoped))

  it.effect("is dropped when the period ends while it is pending, and its invoice with it", () =>
    Effect.gen(function*() {
      const { ask, double, invoicesOf, look, prices, subscribe, until } = yield* makeShop
      const { customer, id, item } = yield* subscribe(prices.small)
      yield* until(at(2027, 2, 15) - hour)
      yield* double.setCard(customer, "declined")
      const { pending_update } = yield* ask((it) =>
        it.subscriptions.update(id, { ...up(item, prices.large), payment_behavior: "pending_if_incomplete" })
      )
      assert.strictEqual(pending_update?.expires_at, at(2027, 2, 15))
      yield* double.setCard(customer, "works")
      yield* until(at(2027, 2, 15))
      const renewed = yield* look(id)
      assert.isNull(renewed.pending_update)
      assert.strictEqual(renewed.items.data[0]?.price.id, prices.small)
      assert.deepStrictEqual((yield* invoicesOf(id)).map(({ status }) => status), ["paid", "void", "paid"])
    }).pipe(Effect.scoped))

  it.effect("takes effect at once when it does not ask to be pending, and its invoice is open", () =>
    Effect.gen(function*() {
      const { ask, double, prices, subscribe } = yield* makeShop
      const { customer, id, item } = yield* subscribe(prices.small)
      yield* double.setCard(customer, "declined")
      const changed = yield* ask((it) => it.subscriptions.update(id, up(item, prices.large)))
      assert.deepInclude(changed, { status: "past_due", pending_update: null })
      assert.strictEqual(changed.items.data[0]?.price.id, prices.large)
    }).pipe(Effect.scoped))

  it.effect("is refused when it requires payment and the payment fails", () =>
    Effect.gen(function*() {
      const { double, invoicesOf, look, prices, stripe, subscribe } = yield* makeShop
      const { customer, id, item } = yield* subscribe(prices.small)
      yield* double.setCard(customer, "declined")
      const refused = yield* refusal(() =>
        stripe.subscriptions.update(id, { ...up(item, prices.large), payment_behavior: "error_if_incomplete" })
      )
      assert.deepInclude(refused, { status: 402, code: "card_declined" })
      assert.strictEqual((yield* look(id)).items.data[0]?.price.id, prices.small)
      assert.lengthOf(yield* invoicesOf(id), 1)
    }).pipe(Effect.scoped))

  it.effect("keeps the anchor and is charged with the next invoice, unless it says otherwise", () =>
    Effect.gen(function*() {
      const { ask, invoicesOf, itemOf, prices, subscribe, until } = yield* makeShop
      const { id, item } = yield* subscribe(prices.small)
      const { current_period_end, current_period_start } = itemOf(
        yield* ask((it) => it.subscriptions.update(id, { items: [{ id: item, price: prices.large }] }))
      )
      assert.deepStrictEqual([current_period_start, current_period_end], [opening, at(2027, 2, 15)])
      assert.lengthOf(yield* invoicesOf(id), 1)
      yield* until(at(2027, 2, 15))
      const [renewal] = yield* invoicesOf(id)
      assert.strictEqual(renewal?.amount_paid, 3500)
      assert.deepStrictEqual(renewal?.lines.data.map(({ amount }) => amount), [-500, 2000, 2000])
    }).pipe(Effect.scoped))
})
