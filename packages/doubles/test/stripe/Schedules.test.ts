import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { at, day, makeShop, opening, refusal } from "./support/Shop.ts"

describe("A schedule at the double of Stripe", () => {
  it.effect("starts a new anchor when a phase says so, as from months to years, and charges then", () =>
    Effect.gen(function*() {
      const { invoicesOf, itemOf, look, prices, schedule, subscribe, until } = yield* makeShop
      const { card, id } = yield* subscribe(prices.large)
      yield* schedule(id, prices.yearly, { default_payment_method: card }, { billing_cycle_anchor: "phase_start" })
      yield* until(at(2027, 2, 16))
      const renewed = yield* look(id)
      assert.strictEqual(renewed.billing_cycle_anchor, at(2027, 2, 15))
      assert.strictEqual(itemOf(renewed).current_period_end, at(2028, 2, 15))
      assert.deepStrictEqual((yield* invoicesOf(id)).map((it) => it.amount_paid), [5000, 2000])
    }).pipe(Effect.scoped))

  it.effect("keeps the anchor when a phase does not say so, and charges at the next anchor", () =>
    Effect.gen(function*() {
      const { invoicesOf, itemOf, look, prices, schedule, subscribe, until } = yield* makeShop
      const { card, id } = yield* subscribe(prices.large)
      yield* schedule(id, prices.yearly, { default_payment_method: card })
      yield* until(at(2028, 1, 14))
      const renewed = yield* look(id)
      assert.strictEqual(renewed.billing_cycle_anchor, opening)
      const { current_period_end, current_period_start, price } = itemOf(renewed)
      assert.deepStrictEqual([current_period_start, current_period_end], [at(2027, 2, 15), at(2028, 1, 15)])
      assert.strictEqual(price.id, prices.yearly)
      assert.lengthOf(yield* invoicesOf(id), 1)
      yield* until(at(2028, 1, 15))
      assert.strictEqual((yield* invoicesOf(id))[0]?.amount_paid, 5000)
    }).pipe(Effect.scoped))

  it.effect("releases the subscription when its last phase ends, also within a period", () =>
    Effect.gen(function*() {
      const { look, prices, schedule, subscribe, until } = yield* makeShop
      const { card, id } = yield* subscribe(prices.large)
      yield* schedule(id, prices.yearly, { default_payment_method: card }, { billing_cycle_anchor: "phase_start" })
      yield* until(at(2027, 3, 14))
      assert.isNotNull((yield* look(id)).schedule)
      yield* until(at(2027, 3, 15))
      assert.isNull((yield* look(id)).schedule)
    }).pipe(Effect.scoped))

  it.effect("takes the card over, and removes what its phases do not name", () =>
    Effect.gen(function*() {
      const { ask, invoicesOf, look, prices, schedule, subscribe, until } = yield* makeShop
      const { card, id } = yield* subscribe(prices.large)
      const scheduled = yield* schedule(id, prices.small)
      assert.isNull((yield* look(id)).default_payment_method)
      yield* ask((it) => it.subscriptionSchedules.release(scheduled.id))
      yield* ask((it) => it.subscriptions.update(id, { default_payment_method: card }))
      const made = yield* ask((it) => it.subscriptionSchedules.create({ from_subscription: id }))
      assert.strictEqual(made.phases[0]?.default_payment_method, card)
      yield* ask((it) => it.subscriptionSchedules.release(made.id))
      yield* schedule(id, prices.small)
      yield* until(at(2027, 2, 15))
      assert.strictEqual((yield* look(id)).status, "past_due")
      assert.strictEqual((yield* invoicesOf(id))[0]?.status, "open")
    }).pipe(Effect.scoped))

  it.effect("has a card for all phases that name none", () =>
    Effect.gen(function*() {
      const { ask, invoicesOf, look, prices, schedule, subscribe, until } = yield* makeShop
      const { card, id } = yield* subscribe(prices.large)
      const scheduled = yield* schedule(id, prices.small)
      const default_settings = { default_payment_method: card }
      const updated = yield* ask((it) => it.subscriptionSchedules.update(scheduled.id, { default_settings }))
      assert.strictEqual(updated.default_settings.default_payment_method, card)
      assert.strictEqual((yield* look(id)).default_payment_method, card)
      yield* until(at(2027, 2, 15))
      assert.strictEqual((yield* invoicesOf(id))[0]?.amount_paid, 500)
    }).pipe(Effect.scoped))

  it.effect("keeps the card that the next phase names, also after the subscription gets another one", () =>
    Effect.gen(function*() {
      const { ask, attach, look, prices, schedule, subscribe, until } = yield* makeShop
      const { card, customer, id } = yield* subscribe(prices.large)
      const { id: scheduled } = yield* schedule(id, prices.small, { default_payment_method: card })
      const other = yield* attach(customer, "pm_card_visa")
      yield* ask((it) => it.subscriptions.update(id, { default_payment_method: other }))
      assert.strictEqual((yield* look(id)).default_payment_method, other)
      const { phases } = yield* ask((it) => it.subscriptionSchedules.retrieve(scheduled))
      assert.deepStrictEqual(phases.map((phase) => phase.default_payment_method), [other, card])
      yield* until(at(2027, 2, 15))
      assert.strictEqual((yield* look(id)).default_payment_method, card)
    }).pipe(Effect.scoped))

  it.effect("refuses phases that do not follow each other from the current one", () =>
    Effect.gen(function*() {
      const { prices, stripe, subscribe } = yield* makeShop
      const { id } = yield* subscribe(prices.large)
      const { id: schedule } = yield* Effect.promise(() =>
        stripe.subscriptionSchedules.create({ from_subscription: id })
      )
      const items = [{ price: prices.large }]
      const running = { items, start_date: opening, end_date: at(2027, 2, 15) }
      const next = { items: [{ price: prices.small }], proration_behavior: "none" }
      const month = { interval: "month", interval_count: 1 }
      const wrong = [
        [/start date of the current phase/, [{ ...running, start_date: opening + day }]],
        [/start date of the current phase/, [{ items, end_date: running.end_date }]],
        [/when the one before it ends/, [running, { ...next, start_date: running.end_date + day, duration: month }]],
        [/only specify one/, [running, { ...next, end_date: at(2027, 3, 15), duration: month }]],
        [/needs a `duration`/, [running, next]],
        [/end after it starts/, [{ ...running, end_date: opening }]],
        [/at most 10/, [running, ...Array.from({ length: 10 }, () => ({ ...next, duration: month }))]]
      ] as const
      for (const [words, phases] of wrong) {
        const refused = yield* refusal(() => stripe.subscriptionSchedules.update(schedule, { phases: [...phases] }))
        assert.strictEqual(refused.status, 400)
        assert.match(refused.message, words)
      }
      yield* Effect.promise(() =>
        stripe.subscriptionSchedules.update(schedule, { phases: [running, { ...next, duration: month }] })
      )
      yield* Effect.promise(() => stripe.subscriptionSchedules.release(schedule))
      assert.strictEqual(
        (yield* refusal(() => stripe.subscriptionSchedules.update(schedule, { phases: [running] }))).status,
        400
      )
    }).pipe(Effect.scoped))
})
