import { BillingDelivery } from "@dchat/domain/billing"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { makeCustomer, monthly } from "./support/StripeCustomer.ts"
import { caughtUp, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

const hour = 3_600_000
const enterprise = { tier: "ENTERPRISE", period: "monthly" }

layer(stripeHost, { excludeTestServices: true })("A keyed operation on a subscription", (it) => {
  it.effect("is answered with its outcome when the key is used again", () =>
    Effect.gen(function*() {
      const ann = yield* makeCustomer
      yield* ann.buy({ ...monthly, tier: "ENTERPRISE" })
      const deeds = [
        ["cancel", {}],
        ["undo-cancel", undefined],
        ["change", { tier: "PRO", period: "monthly" }],
        ["undo-change", undefined],
        ["refund", undefined]
      ] as const
      for (const [path, body] of deeds) {
        const first = yield* ann.post(path, body, "a-key")
        assert.strictEqual(first.status, 200, `${path} ${first.text}`)
        const { version } = yield* ann.account
        const again = yield* ann.post(path, body, "a-key")
        assert.deepStrictEqual([again.status, again.json], [200, first.json], path)
        assert.strictEqual((yield* ann.account).version, version, path)
      }
      const other = yield* ann.post("change", { tier: "PRO", period: "yearly" }, "a-key")
      assert.deepStrictEqual([other.status, other.json.code], [409, "idempotency_conflict"])
      const another = yield* ann.post("cancel", { when: "now", confirmNoRefund: true }, "a-key")
      assert.deepStrictEqual([another.status, another.json.code], [409, "idempotency_conflict"])
      assert.strictEqual((yield* ann.post("undo-cancel", undefined, "another-key")).status, 409)
    }))

  it.effect("is answered with the current state, for a day", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      yield* ann.post("cancel", {}, "first")
      yield* ann.post("undo-cancel", undefined, "second")
      const again = yield* ann.post("cancel", {}, "first")
      assert.strictEqual(again.status, 200, again.text)
      assert.isUndefined(again.json.subscription.endsAt)
      yield* until(double.clock.now() + 25 * hour)
      const late = yield* ann.post("undo-cancel", undefined, "second")
      assert.deepStrictEqual([late.status, late.json.code], [409, "not_cancelled"])
    }))

  it.effect("is carried out once by concurrent requests with one key", () =>
    Effect.gen(function*() {
      const ann = yield* makeCustomer
      yield* ann.buy()
      yield* ann.post("cancel", {})
      const undone = yield* Effect.all(
        Array.from({ length: 5 }, () => ann.post("undo-cancel", undefined, "at-once")),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(undone.map(({ status }) => status), [200, 200, 200, 200, 200])
    }))

  it.effect(
    "is refused if Stripe refuses it, again for the same key, and leaves no trace",
    () =>
      Effect.gen(function*() {
        const double = yield* StripeStandIn
        const cases = [
          { path: "cancel", body: {}, before: [], at: /^POST subscriptions/ },
          { path: "undo-cancel", body: undefined, before: [["cancel", {}]], at: /^POST subscriptions/ },
          { path: "change", body: enterprise, before: [], at: /^POST subscriptions/ },
          { path: "change", body: { tier: "PRO", period: "yearly" }, before: [], at: /^POST subscriptions/ },
          { path: "refund", body: undefined, before: [], at: /^POST refunds/ }
        ] as const
        for (const { at, before, body, path } of cases) {
          const ann = yield* makeCustomer
          yield* ann.buy()
          for (const [earlier, its] of before) yield* ann.post(earlier, its)
          const { subscription: was, tier } = yield* ann.me
          double.faults.plan(at, "refused")
          const refused = yield* ann.post(path, body, "refused")
          double.faults.clear()
          assert.deepStrictEqual([refused.status, refused.json.code], [409, "refused_by_provider"], path)
          const again = yield* ann.post(path, body, "refused")
          assert.deepStrictEqual([again.status, again.json.code], [409, "refused_by_provider"], path)
          yield* caughtUp()
          yield* ann.agrees
          const me = yield* ann.me
          assert.strictEqual(me.tier, tier)
          assert.deepStrictEqual(me.subscription, was)
        }
      }),
    30_000
  )

  it.effect("is refused if Stripe refuses a change down", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy({ ...monthly, tier: "ENTERPRISE" })
      const { subscription: was } = yield* ann.me
      double.faults.plan(/^POST subscription_schedules/, "refused")
      const refused = yield* ann.post("change", { tier: "PRO", period: "monthly" })
      double.faults.clear()
      assert.deepStrictEqual([refused.status, refused.json.code], [409, "refused_by_provider"])
      assert.deepStrictEqual((yield* ann.me).subscription, was)
    }))

  it.effect("is sent to Stripe by a repeated request if it was not sent yet", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const { deliverDue } = yield* BillingDelivery
      const ann = yield* makeCustomer
      yield* ann.buy()
      double.faults.plan(/^POST subscriptions/, "500", 1)
      const lost = yield* ann.post("change", enterprise, "lost")
      assert.strictEqual(lost.status, 200, lost.text)
      assert.deepInclude(lost.json.subscription.change, { direction: "up", tier: "ENTERPRISE" })
      const again = yield* ann.post("change", enterprise, "lost")
      assert.strictEqual(again.status, 200, again.text)
      assert.strictEqual(again.json.tier, "ENTERPRISE")
      assert.strictEqual(yield* deliverDue, 0)
    }))

  it.effect("during a renewal takes effect, or is refused with a reason", () =>
    Effect.gen(function*() {
      yield* (yield* StripeStandIn).books((books) => {
        books.draftSeconds = 3600
      })
      const [ann, bob] = [yield* makeCustomer, yield* makeCustomer]
      for (const person of [ann, bob]) yield* person.buy({ ...monthly, tier: person === ann ? "PRO" : "ENTERPRISE" })
      const { paidThrough } = (yield* ann.me).subscription
      yield* until(Date.parse(paidThrough) + hour / 4)
      for (const path of ["change", "change/preview"]) {
        const up = yield* ann.post(path, enterprise)
        assert.deepStrictEqual([up.status, up.json.code], [409, "renewal_in_progress"], path)
      }
      const down = yield* bob.post("change", { tier: "PRO", period: "monthly" })
      assert.strictEqual(down.status, 200, down.text)
      assert.deepInclude(down.json.subscription.change, { direction: "down", tier: "PRO" })
      yield* until(Date.parse(paidThrough) + 2 * hour)
      yield* caughtUp()
      assert.strictEqual((yield* ann.post("change", enterprise)).json.tier, "ENTERPRISE")
      assert.deepInclude((yield* bob.me).subscription.change, { direction: "down", tier: "PRO" })
      for (const person of [ann, bob]) yield* person.agrees
    }))
})
