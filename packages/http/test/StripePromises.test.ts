import { UserId } from "@dchat/domain/identity"
import { SubscriptionAdministration } from "@dchat/domain/subscription"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { makeCustomer, monthly, sessionOf } from "./support/StripeCustomer.ts"
import { settled, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

const minute = 60_000

const higher = { tier: "ENTERPRISE", period: "monthly" }
const forGood = { tier: "PRO", period: "nft", method: "stripe" }

layer(stripeHost, { excludeTestServices: true })("what was shown", (it) => {
  it.effect("is what is paid, or is shown again", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      const shown = (yield* ann.post("change/preview", higher)).json
      yield* until(double.clock.now() + 61 * minute)
      const late = yield* ann.post("change", { ...higher, prorationDate: shown.prorationDate })
      assert.deepStrictEqual([late.status, late.json.code], [409, "preview_expired"])

      const { paidThrough } = (yield* ann.me).subscription
      const end = DateTime.makeUnsafe(paidThrough).epochMilliseconds
      yield* until(end - minute)
      const before = (yield* ann.post("change/preview", higher)).json
      yield* until(end + 50 * minute)
      yield* settled()
      const between = yield* ann.post("change", { ...higher, prorationDate: before.prorationDate })
      assert.strictEqual(between.status, 409, between.text)

      yield* until(end + 120 * minute)
      yield* settled()
      const again = (yield* ann.post("change/preview", higher)).json
      const changed = yield* ann.post("change", { ...higher, prorationDate: again.prorationDate })
      assert.strictEqual(changed.status, 200, changed.text)
      yield* settled()
      const [payment] = (yield* ann.get("history")).json.payments
      assert.deepStrictEqual(payment.amount, again.amountDue)
    }))
})

layer(stripeHost, { excludeTestServices: true })("a lifetime", (it) => {
  it.effect("is given back to who asks for it within the week", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      const placed = yield* ann.post("create", forGood)
      assert.isTrue(yield* double.pay(sessionOf(placed.json.payment.checkoutUrl)))
      yield* settled()
      const { refundable } = yield* ann.me
      assert.deepStrictEqual(refundable.amount, placed.json.payment.amount)
      const asked = yield* ann.post(`refund?purchaseId=${refundable.purchaseId}`)
      assert.strictEqual(asked.status, 200, asked.text)
      yield* settled()
      assert.deepInclude(yield* ann.me, { tier: "FREE", source: "none" })
      const [payment] = (yield* ann.get("history")).json.payments
      assert.deepStrictEqual(payment.refunded, payment.amount)
    }))

  it.effect("that nobody has paid is taken back by an administrator, and can be paid no more", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const administration = yield* SubscriptionAdministration
      for (const order of [forGood, monthly]) {
        const ann = yield* makeCustomer
        const placed = yield* ann.post("create", order)
        yield* administration.cancel(UserId.make(ann.id), "now", { actor: "ops", reason: "a mistake" })
        yield* settled()
        const session = sessionOf(placed.json.payment.checkoutUrl)
        assert.strictEqual(yield* double.books((books) => books.sessions.get(session).status), "expired")
        assert.strictEqual((yield* ann.post("create", order)).status, 201)
      }
    }))
})
