import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { makeCustomer, monthly, sessionOf } from "./support/StripeCustomer.ts"
import { caughtUp, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

const hour = 3_600_000

layer(stripeHost, { excludeTestServices: true })("An idempotency key of an order", (it) => {
  it.effect("returns the first order in its current state", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      const placed = yield* ann.post("create", monthly, "first")
      assert.strictEqual(placed.status, 201, placed.text)
      yield* double.pay(sessionOf(placed.json.payment.checkoutUrl))
      yield* caughtUp()
      const again = yield* ann.post("create", monthly, "first")
      assert.strictEqual(again.status, 200, again.text)
      assert.deepInclude(again.json.subscription, { id: placed.json.subscription.id, state: "active" })
      const other = yield* ann.post("create", { ...monthly, period: "yearly" }, "first")
      assert.deepStrictEqual([other.status, other.json.code], [409, "idempotency_conflict"])
      const bob = yield* makeCustomer
      assert.strictEqual((yield* bob.post("create", monthly, "first")).status, 201)
    }))

  it.effect("is stored if the order exists already", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      const placed = yield* ann.post("create", monthly)
      assert.strictEqual((yield* ann.post("create", monthly, "second")).status, 200)
      yield* until(double.clock.now() + 23.5 * hour)
      yield* caughtUp()
      const late = yield* ann.post("create", monthly, "second")
      assert.strictEqual(late.status, 200, late.text)
      assert.deepInclude(late.json.subscription, { id: placed.json.subscription.id, state: "expired" })
    }))

  it.effect("of a renewal is separate, and expires after a day", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      yield* ann.post("cancel", { when: "now", confirmNoRefund: true })
      yield* caughtUp()
      yield* ann.post("create", { ...monthly, tier: "ENTERPRISE" }, "third")
      const renewed = yield* ann.post("renew", {}, "third")
      assert.strictEqual(renewed.status, 200, renewed.text)
      yield* double.pay(sessionOf(renewed.json.payment.checkoutUrl))
      yield* caughtUp()
      const again = yield* ann.post("renew", {}, "third")
      assert.strictEqual(again.status, 200, again.text)
      assert.deepInclude(again.json.subscription, { id: renewed.json.subscription.id, state: "active" })
      const other = yield* ann.post("renew", { period: "yearly" }, "third")
      assert.deepStrictEqual([other.status, other.json.code], [409, "idempotency_conflict"])
      yield* until(double.clock.now() + 25 * hour)
      const late = yield* ann.post("renew", {}, "third")
      assert.deepStrictEqual([late.status, late.json.code], [409, "renews_automatically"])
    }))

  it.effect("creates one purchase for concurrent orders", () =>
    Effect.gen(function*() {
      const ann = yield* makeCustomer
      const placed = yield* Effect.all(Array.from({ length: 5 }, () => ann.post("create", monthly, "fourth")), {
        concurrency: "unbounded"
      })
      assert.sameMembers(placed.map(({ status }) => status), [201, 200, 200, 200, 200])
      assert.strictEqual(new Set(placed.map(({ json }) => json.subscription.id)).size, 1)
    }))
})
