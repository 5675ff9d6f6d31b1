import { UserId } from "@dchat/domain/identity"
import { SubscriptionAdministration } from "@dchat/domain/subscription"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { makeCustomer, monthly, sessionOf } from "./support/StripeCustomer.ts"
import { caughtUp, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

const minute = 60_000

const higher = { tier: "ENTERPRISE", period: "monthly" }
const forGood = { tier: "PRO", period: "nft", method: "stripe" }

layer(stripeHost, { excludeTestServices: true })("A preview", (it) => {
  it.effect("shows the amount that is charged, or has expired", () =>
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
      yield* caughtUp()
      const between = yield* ann.post("change", { ...higher, prorationDate: before.prorationDate })
      assert.strictEqual(between.status, 409, between.text)

      yield* until(end + 120 * minute)
      yield* caughtUp()
      const again = (yield* ann.post("change/preview", higher)).json
      const changed = yield* ann.post("change", { ...higher, prorationDate: again.prorationDate })
      assert.strictEqual(changed.status, 200, changed.text)
      yield* caughtUp()
      const [payment] = (yield* ann.get("history")).json.payments
      assert.deepStrictEqual(payment.amount, again.amountDue)
    }))
})

layer(stripeHost, { excludeTestServices: true })("A cancellation", (it) => {
  it.effect("names the dropped change, and the next charge after an undo", () =>
    Effect.gen(function*() {
      const ann = yield* makeCustomer
      yield* ann.buy({ ...monthly, tier: "ENTERPRISE" })
      const lower = { tier: "PRO", period: "monthly" }
      const { subscription: changed } = (yield* ann.post("change", lower)).json
      const { paidThrough: at, price } = changed
      assert.deepStrictEqual(changed.renewal, { at, ...lower, price: { currency: "USD", minorUnits: 499 } })
      const { subscription: cancelled } = (yield* ann.post("cancel", {})).json
      assert.deepStrictEqual(cancelled.droppedChange, { direction: "down", ...lower })
      assert.deepStrictEqual([cancelled.change, cancelled.renewal], [undefined, undefined])
      yield* caughtUp()
      assert.deepStrictEqual((yield* ann.me).subscription.droppedChange, cancelled.droppedChange)
      const { subscription: undone } = (yield* ann.post("undo-cancel")).json
      assert.deepStrictEqual([undone.change, undone.droppedChange], [undefined, undefined])
      assert.deepStrictEqual(undone.renewal, { at, tier: "ENTERPRISE", period: "monthly", price })
    }))

  it.effect("during a dispute keeps the paid period if the dispute is won", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      for (const outcome of ["won", "lost"] as const) {
        const ann = yield* makeCustomer
        yield* ann.buy()
        const dispute = yield* double.dispute((yield* ann.account).payments[0]?.paymentIntent ?? "")
        yield* caughtUp()
        const now = yield* ann.post("cancel", { when: "now" })
        assert.deepStrictEqual([now.status, now.json.code], [422, "confirmation_required"])
        const cancelled = yield* ann.post("cancel", {})
        assert.strictEqual(cancelled.status, 200, cancelled.text)
        assert.strictEqual(cancelled.json.subscription.state, "suspended")
        yield* double.closeDispute(dispute.id, outcome)
        yield* caughtUp()
        const { accessUntil, subscription, tier } = yield* ann.me
        if (outcome === "lost") assert.deepStrictEqual([tier, subscription.state], ["FREE", "refunded"])
        else {
          assert.deepStrictEqual([tier, accessUntil, subscription.endsAt], [
            "PRO",
            subscription.paidThrough,
            subscription.paidThrough
          ])
          yield* until(DateTime.add(DateTime.makeUnsafe(subscription.paidThrough), { hours: 2 }))
          yield* caughtUp()
          assert.deepInclude((yield* ann.me).subscription, { state: "cancelled" })
        }
        yield* ann.agrees
      }
    }))
})

layer(stripeHost, { excludeTestServices: true })("A lifetime membership", (it) => {
  it.effect("is refunded on request within the week", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      const placed = yield* ann.post("create", forGood)
      assert.isTrue(yield* double.pay(sessionOf(placed.json.payment.checkoutUrl)))
      yield* caughtUp()
      const { refundable } = yield* ann.me
      assert.deepStrictEqual(refundable.amount, placed.json.payment.amount)
      const asked = yield* ann.post(`refund?purchaseId=${refundable.purchaseId}`)
      assert.strictEqual(asked.status, 200, asked.text)
      yield* caughtUp()
      assert.deepInclude(yield* ann.me, { tier: "FREE", source: "none" })
      const [payment] = (yield* ann.get("history")).json.payments
      assert.deepStrictEqual(payment.refunded, payment.amount)
    }))

  it.effect("is withdrawn by an administrator before it is paid, and can then no longer be paid", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const administration = yield* SubscriptionAdministration
      for (const order of [forGood, monthly]) {
        const ann = yield* makeCustomer
        const placed = yield* ann.post("create", order)
        yield* administration.cancel(UserId.make(ann.id), "now", { actor: "ops", reason: "a mistake" })
        yield* caughtUp()
        const session = sessionOf(placed.json.payment.checkoutUrl)
        assert.strictEqual(yield* double.books((books) => books.sessions.get(session).status), "expired")
        assert.strictEqual((yield* ann.post("create", order)).status, 201)
      }
    }))
})
