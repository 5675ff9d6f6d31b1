import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { makeCustomer } from "./support/StripeCustomer.ts"
import { reconciled, settled, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

layer(stripeHost, { excludeTestServices: true })("a subscription that stays unpaid", (it) => {
  it.effect("gives access through the grace, and is ended at Stripe then", () =>
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
      yield* settled()
      assert.strictEqual((yield* bob.me).subscription.state, "past_due")
      yield* until("2029-02-22T11:59:00Z")
      assert.strictEqual((yield* bob.me).tier, "PRO")
      yield* until("2029-02-22T12:00:00Z")
      assert.strictEqual((yield* bob.me).tier, "FREE")
      yield* reconciled
      yield* settled()
      assert.strictEqual((yield* bob.truth).status, "canceled")
      assert.strictEqual((yield* bob.me).subscription.state, "expired")
      const open = yield* double.books((books) => books.invoices.list(({ status }) => status === "open"))
      assert.lengthOf(open, 0)
    }))
})
