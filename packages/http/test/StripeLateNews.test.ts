import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { makeCustomer, monthly, sessionOf } from "./support/StripeCustomer.ts"
import { caughtUp, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

const enterprise = { tier: "ENTERPRISE", period: "monthly" }

/** How often Stripe was asked about a subscription or a checkout. */
const asking = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const double = yield* StripeStandIn
  let asked = 0
  yield* double.onRequest((request) => {
    if (/^GET (subscriptions|checkout\/sessions)/.test(request)) asked += 1
  })
  const answer = yield* effect
  yield* double.onRequest(() => undefined)
  return { answer, asked }
})

const refusalOf = ({ json, status }: { readonly json: { readonly code?: string }; readonly status: number }) =>
  [status, json.code] as const

/** Ann owes a renewal. */
const owing = Effect.gen(function*() {
  const double = yield* StripeStandIn
  const ann = yield* makeCustomer
  yield* ann.buy()
  yield* double.setCard((yield* ann.truth).customer, "declined")
  const { paidThrough } = (yield* ann.me).subscription
  yield* until(DateTime.add(DateTime.makeUnsafe(paidThrough), { hours: 26 }))
  yield* caughtUp()
  const { invoiceUrl } = (yield* ann.me).subscription
  return { ann, invoice: sessionOf(invoiceUrl) }
})

const ordered = Effect.fnUntraced(function*(order: object) {
  const double = yield* StripeStandIn
  const ann = yield* makeCustomer
  const { json } = yield* ann.post("create", order)
  assert.isTrue(yield* double.pay(sessionOf(json.payment.checkoutUrl)))
  return ann
})

layer(stripeHost, { excludeTestServices: true })("News at Stripe that has not arrived", (it) => {
  it.effect("lets a user change or renew after paying the open invoice", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      for (const path of ["change/preview", "change"]) {
        const { ann, invoice } = yield* owing
        assert.deepStrictEqual(refusalOf(yield* ann.post(path, enterprise)), [409, "payment_missing"])
        assert.isTrue(yield* double.payInvoice(invoice))
        const answer = yield* ann.post(path, enterprise)
        assert.strictEqual(answer.status, 200, `${path} ${answer.text}`)
      }
      const { ann, invoice } = yield* owing
      assert.strictEqual((yield* ann.post("renew", {})).json.subscription.state, "past_due")
      assert.isTrue(yield* double.payInvoice(invoice))
      assert.deepStrictEqual(refusalOf(yield* ann.post("renew", {})), [409, "renews_automatically"])
    }), 30_000)

  it.effect(
    "lets a user change or have a refund after the first payment",
    () =>
      Effect.gen(function*() {
        const changed = yield* (yield* ordered(monthly)).post("change", enterprise)
        assert.deepStrictEqual([changed.status, changed.json.tier], [200, "ENTERPRISE"], changed.text)
        for (const order of [monthly, { ...monthly, period: "nft" }]) {
          const ann = yield* ordered(order)
          const refunded = yield* ann.post("refund")
          assert.strictEqual(refunded.status, 200, refunded.text)
          yield* caughtUp()
          assert.strictEqual((yield* ann.me).tier, "FREE")
        }
      }),
    30_000
  )

  it.effect("lets a user cancel the paid subscription, and refuses another order, after the first payment", () =>
    Effect.gen(function*() {
      const ann = yield* ordered(monthly)
      const cancelled = yield* ann.post("cancel", {})
      assert.strictEqual(cancelled.status, 200, cancelled.text)
      const { endsAt, paidThrough, state } = cancelled.json.subscription
      assert.deepStrictEqual([state, endsAt], ["active", paidThrough])
      const bob = yield* ordered(monthly)
      const other = yield* bob.post("create", { ...monthly, period: "yearly" })
      assert.deepStrictEqual(refusalOf(other), [409, "subscription_exists"])
    }))

  it.effect("lets a user change up after the renewal was charged", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      yield* double.books((books) => {
        books.draftSeconds = 3600
      })
      const ann = yield* makeCustomer
      yield* ann.buy()
      const end = DateTime.makeUnsafe((yield* ann.me).subscription.paidThrough)
      yield* until(DateTime.add(end, { minutes: 30 }))
      assert.deepStrictEqual(refusalOf(yield* ann.post("change", enterprise)), [409, "renewal_in_progress"])
      yield* until(DateTime.add(end, { minutes: 90 }))
      const changed = yield* ann.post("change", enterprise)
      assert.deepStrictEqual([changed.status, changed.json.tier], [200, "ENTERPRISE"], changed.text)
      yield* double.books((books) => {
        books.draftSeconds = 0
      })
    }))

  it.effect("lets a user change after a dispute was won, and undo a cancellation in the portal", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const [ann, bob] = [yield* makeCustomer, yield* makeCustomer]
      for (const person of [ann, bob]) yield* person.buy()
      const dispute = yield* double.dispute((yield* ann.account).payments[0]?.paymentIntent ?? "")
      yield* caughtUp()
      assert.deepStrictEqual(refusalOf(yield* ann.post("change", enterprise)), [409, "payment_missing"])
      yield* double.closeDispute(dispute.id, "won")
      const changed = yield* ann.post("change", enterprise)
      assert.deepStrictEqual([changed.status, changed.json.tier], [200, "ENTERPRISE"], changed.text)

      assert.deepStrictEqual(refusalOf(yield* bob.post("undo-cancel")), [409, "not_cancelled"])
      yield* double.portalCancel((yield* bob.truth).id)
      const undone = yield* bob.post("undo-cancel")
      assert.strictEqual(undone.status, 200, undone.text)
      assert.isNull((yield* bob.truth).cancel_at)
    }))

  it.effect("is requested only if it could matter, and a refusal stays if Stripe does not answer", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const [ann, bob] = [yield* makeCustomer, yield* makeCustomer]
      const none = yield* asking(ann.post("change", enterprise))
      assert.deepStrictEqual([refusalOf(none.answer), none.asked], [[409, "no_subscription"], 0])
      yield* bob.buy()
      const same = yield* asking(bob.post("change", monthly))
      assert.deepStrictEqual([refusalOf(same.answer), same.asked], [[409, "same_plan"], 0])
      double.faults.plan(/^GET/, "500")
      assert.deepStrictEqual(refusalOf(yield* bob.post("undo-cancel")), [409, "not_cancelled"])
      double.faults.clear()
    }))
})
