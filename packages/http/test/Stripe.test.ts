import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { makeCustomer, sessionOf } from "./support/StripeCustomer.ts"
import { reconciled, settled, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

layer(stripeHost, { excludeTestServices: true })("a life with Stripe", (it) => {
  it.effect("is the same here as there through a year and more", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      const step = Effect.fnUntraced(function*(time: string) {
        yield* until(time)
        yield* settled()
        yield* ann.agrees
        return yield* ann.me
      })

      // Signing up on the last of January, and renewing over the ends of months.
      yield* ann.buy()
      yield* ann.agrees
      const begun = yield* ann.me
      assert.deepInclude(begun.subscription, { state: "active", paidThrough: "2027-02-28T12:00:00.000Z" })
      assert.strictEqual(begun.tier, "PRO")
      assert.strictEqual((yield* step("2027-02-28T12:00:00Z")).subscription.paidThrough, "2027-03-31T12:00:00.000Z")
      assert.strictEqual((yield* step("2027-03-31T12:00:00Z")).subscription.paidThrough, "2027-04-30T12:00:00.000Z")

      // A card that is declined, grace, and a card that works again.
      const { customer } = yield* ann.truth
      yield* double.setCard(customer, "declined")
      const failed = yield* step("2027-04-30T12:00:00Z")
      assert.strictEqual(failed.subscription.state, "past_due")
      assert.strictEqual(failed.tier, "PRO")
      const owed = yield* ann.post("renew", {})
      assert.strictEqual(owed.status, 200)
      assert.isString(owed.json.subscription.invoiceUrl)
      yield* double.payInvoice(sessionOf(owed.json.subscription.invoiceUrl))
      yield* settled()
      yield* ann.agrees
      assert.deepInclude((yield* ann.me).subscription, { state: "active", paidThrough: "2027-05-31T12:00:00.000Z" })

      // Up at once, at the price that was shown.
      yield* step("2027-05-10T12:00:00Z")
      const shown = yield* ann.post("change/preview", { tier: "ENTERPRISE", period: "monthly" })
      assert.strictEqual(shown.json.effective, "now")
      const { prorationDate } = shown.json
      assert.strictEqual(
        (yield* ann.post("change", { tier: "ENTERPRISE", period: "monthly", prorationDate })).status,
        200
      )
      yield* settled()
      yield* ann.agrees
      const up = yield* ann.me
      assert.strictEqual(up.tier, "ENTERPRISE")
      assert.strictEqual(up.subscription.paidThrough, "2027-06-10T12:00:00.000Z")
      const { json: history } = yield* ann.get("history")
      assert.deepStrictEqual(history.payments[0].amount, shown.json.amountDue)

      // Down with the next period, not undone, and then undone and done again.
      const down = { tier: "PRO", period: "monthly" }
      assert.strictEqual((yield* ann.post("change", down)).json.subscription.change.direction, "down")
      yield* settled()
      assert.strictEqual((yield* ann.post("undo-change")).json.subscription.change, undefined)
      yield* settled()
      yield* ann.agrees
      yield* ann.post("change", down)
      yield* settled()
      assert.strictEqual((yield* ann.me).tier, "ENTERPRISE")
      const lower = yield* step("2027-06-10T12:00:00Z")
      assert.strictEqual(lower.tier, "PRO")
      assert.strictEqual(lower.subscription.change, undefined)

      // Cancelled here and kept; cancelled in the portal and kept there; cancelled for good.
      assert.strictEqual((yield* ann.post("cancel", {})).json.subscription.endsAt, "2027-07-10T12:00:00.000Z")
      yield* settled()
      yield* ann.agrees
      assert.strictEqual((yield* ann.post("undo-cancel")).json.subscription.endsAt, undefined)
      yield* settled()
      yield* ann.agrees
      yield* double.portalCancel((yield* ann.truth).id)
      yield* settled()
      yield* ann.agrees
      assert.isString((yield* ann.me).subscription.endsAt)
      assert.strictEqual((yield* ann.post("undo-cancel")).json.subscription.endsAt, undefined)
      yield* settled()
      yield* ann.agrees
      yield* ann.post("cancel", {})
      yield* settled()
      const over = yield* step("2027-07-10T12:00:00Z")
      assert.strictEqual(over.tier, "FREE")
      assert.strictEqual(over.subscription.state, "cancelled")

      // Back for a year, which ends after a leap day; money back within a week.
      yield* step("2028-02-29T12:00:00Z")
      yield* ann.buy({ tier: "PRO", period: "yearly", method: "stripe" })
      yield* ann.agrees
      assert.strictEqual((yield* ann.me).subscription.paidThrough, "2029-02-28T12:00:00.000Z")
      assert.deepStrictEqual((yield* ann.me).refundable, {
        amount: { currency: "USD", minorUnits: 4999 },
        until: "2028-03-07T12:00:00.000Z"
      })
      const back = yield* ann.post("refund")
      assert.strictEqual(back.status, 200, back.text)
      yield* settled()
      yield* ann.agrees
      const refunded = yield* ann.me
      assert.strictEqual(refunded.tier, "FREE")
      assert.strictEqual(refunded.subscription.state, "refunded")
      assert.isUndefined(refunded.refundable)

      // Once more, and the bank takes the money back: until that is decided, and when it is.
      yield* ann.buy()
      const intent = (yield* ann.account).payments.at(-1)?.paymentIntent ?? ""
      const { id: dispute } = yield* double.dispute(intent)
      yield* settled()
      yield* ann.agrees
      assert.strictEqual((yield* ann.me).subscription.state, "suspended")
      assert.strictEqual((yield* ann.me).tier, "FREE")
      yield* double.closeDispute(dispute, "won")
      yield* settled()
      yield* ann.agrees
      assert.strictEqual((yield* ann.me).tier, "PRO")
      const renewed = yield* step("2028-03-29T12:00:00Z")
      assert.strictEqual(renewed.subscription.state, "active")
      const { id: lost } = yield* double.dispute((yield* ann.account).payments.at(-1)?.paymentIntent ?? "")
      yield* settled()
      yield* double.closeDispute(lost, "lost")
      yield* settled()
      yield* ann.agrees
      assert.strictEqual((yield* ann.me).subscription.state, "refunded")

      // All of it can be read page by page.
      const all = (yield* ann.get("history")).json.payments
      const first = (yield* ann.get("history?limit=4")).json
      const rest = (yield* ann.get(`history?limit=100&cursor=${first.nextCursor}`)).json
      assert.deepStrictEqual([...first.payments, ...rest.payments], all)
      assert.isUndefined(rest.nextCursor)
      assert.strictEqual((yield* ann.get("history?limit=0")).status, 400)
    }), 60_000)

  it.effect("ends at Stripe what stays unpaid through the grace", () =>
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
