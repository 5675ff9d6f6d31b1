import { WebhookInbox } from "@dchat/domain/billing"
import { UserId } from "@dchat/domain/identity"
import { SubscriptionAdministration } from "@dchat/domain/subscription"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { workKilledAt } from "./support/BillingWorker.ts"
import { makeCustomer } from "./support/StripeCustomer.ts"
import { caughtUp, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

/** `CRASH_STRIDE=1 npm test -- StripeCrash` takes every moment, which takes some minutes; each is a process. */
const stride = Number(process.env["CRASH_STRIDE"] ?? 9)

/** The claims of a dead worker become free again. */
const leaseOver = Effect.gen(function*() {
  const { clock } = yield* StripeStandIn
  yield* until(clock.now() + 60_000)
})

const month = DateTime.makeUnsafe("2027-02-01T00:00:00Z")

layer(stripeHost, { excludeTestServices: true })("A billing worker that is killed at any moment", (it) => {
  it.effect("loses and repeats no event of Stripe", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      let months = 0
      for (let isKilled = true; isKilled;) {
        months += 1
        yield* until(DateTime.add(month, { months }))
        assert.isTrue((yield* double.deliver()).every((status) => status === 200))
        isKilled = yield* workKilledAt(1 + (months - 1) * stride)
        yield* leaseOver
        yield* caughtUp()
        yield* ann.agrees
        assert.lengthOf((yield* ann.account).payments, months + 1)
        const waiting = yield* Effect.flatMap(WebhookInbox, (inbox) => inbox.list("waiting", 10))
        assert.deepStrictEqual(waiting, [])
      }
      assert.isAbove(months * stride, 20)
    }), 600_000)

  it.effect("sends every instruction to Stripe, and none twice", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const administration = yield* SubscriptionAdministration
      let moment = 1
      for (let isKilled = true; isKilled; moment += stride) {
        const ann = yield* makeCustomer
        yield* ann.buy()
        yield* administration.refund(UserId.make(ann.id), { actor: "ops", reason: "a test" })
        isKilled = yield* workKilledAt(moment)
        yield* leaseOver
        yield* caughtUp()
        yield* ann.agrees
        assert.strictEqual((yield* ann.me).subscription.state, "refunded")
        const [payment] = (yield* ann.account).payments
        const refunds = yield* double.books((books) =>
          books.refunds.list(({ payment_intent }) => payment_intent === payment?.paymentIntent)
        )
        assert.lengthOf(refunds, 1)
      }
      assert.isAbove(moment, 20)
    }), 600_000)
})
