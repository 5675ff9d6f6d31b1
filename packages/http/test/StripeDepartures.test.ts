import { DeletedUserBilling } from "@dchat/domain/billing"
import type { StripeDouble } from "@dchat/doubles/stripe"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { makeCustomer, monthly, sessionOf } from "./support/StripeCustomer.ts"
import { caughtUp, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

type Customer = Effect.Success<typeof makeCustomer>

const hour = 3_600_000

/** Something that can still be paid when its owner deletes the account. */
interface Payable {
  /** Its page at Stripe. */
  readonly id: string
  readonly isInvoice: boolean
}

const declined = Effect.fnUntraced(function*(ann: Customer) {
  yield* (yield* StripeStandIn).setCard((yield* ann.truth).customer, "declined")
})

const ordered = (order: object) => (ann: Customer) =>
  Effect.map(ann.post("create", order), ({ json }): Payable => ({
    id: sessionOf(json.payment.checkoutUrl),
    isInvoice: false
  }))

const payables = {
  "a renewal that failed": Effect.fnUntraced(function*(ann: Customer) {
    yield* ann.buy()
    yield* declined(ann)
    const { paidThrough } = (yield* ann.me).subscription
    yield* until(DateTime.add(DateTime.makeUnsafe(paidThrough), { hours: 26 }))
    yield* caughtUp()
    return { id: sessionOf((yield* ann.me).subscription.invoiceUrl), isInvoice: true }
  }),
  "a renewal that failed, of which nothing is known here": Effect.fnUntraced(function*(ann: Customer) {
    yield* ann.buy()
    yield* declined(ann)
    const { customer } = yield* ann.truth
    const { paidThrough } = (yield* ann.me).subscription
    yield* until(DateTime.add(DateTime.makeUnsafe(paidThrough), { hours: 26 }))
    const [invoice = assert.fail("nothing is owed")] = yield* (yield* StripeStandIn).books((books) =>
      books.invoices.list((it) => it.customer === customer && it.status === "open")
    )
    return { id: invoice.id, isInvoice: true }
  }),
  "a first order": ordered(monthly),
  "a change upwards that was declined": Effect.fnUntraced(function*(ann: Customer) {
    yield* ann.buy({ ...monthly, period: "yearly" })
    yield* declined(ann)
    const { paidThrough } = (yield* ann.me).subscription
    // Its period is shorter than what is paid for already.
    yield* until(DateTime.subtract(DateTime.makeUnsafe(paidThrough), { days: 60 }))
    const { json } = yield* ann.post("change", { tier: "ENTERPRISE", period: "monthly" })
    return { id: sessionOf(json.subscription.change.invoiceUrl), isInvoice: true }
  }),
  "an order of a plan for good": ordered({ ...monthly, period: "nft" })
}

const pay = ({ pay, payInvoice }: StripeDouble.StripeDouble, { id, isInvoice }: Payable) =>
  Effect.map(isInvoice ? payInvoice(id) : pay(id), (isTaken) => assert.isTrue(isTaken))

/** The amount that Stripe has charged and not refunded, and the number of refunds. */
const takenFrom = Effect.fnUntraced(function*({ id: userId }: Customer) {
  const double = yield* StripeStandIn
  return yield* double.books((books) => {
    const [customer] = books.customers.list(({ metadata }) => metadata["dchat_user"] === userId)
    const charges = books.charges.list((it) => it.customer === customer?.id)
    const intents = new Set(charges.map(({ payment_intent }) => payment_intent))
    return {
      cents: charges.reduce((sum, { amount, amount_refunded }) => sum + amount - amount_refunded, 0),
      refunds: books.refunds.list(({ payment_intent }) => intents.has(payment_intent)).length
    }
  })
})

const isClosed = ({ id, isInvoice }: Payable) =>
  Effect.flatMap(
    StripeStandIn,
    ({ books }) =>
      books(({ invoices, sessions }) =>
        isInvoice ? invoices.get(id).status === "void" : sessions.get(id).status === "expired"
      )
  )

/** Applies the deletions of users, and their consequences. */
const lookAfter = Effect.gen(function*() {
  const { end } = yield* DeletedUserBilling
  yield* end
  yield* caughtUp()
})

layer(stripeHost, { excludeTestServices: true })("A deleted user", (it) => {
  for (const [what, make] of Object.entries(payables)) {
    it.effect(`can no longer pay for ${what}`, () =>
      Effect.gen(function*() {
        const double = yield* StripeStandIn
        const ann = yield* makeCustomer
        const payable = yield* make(ann)
        const before = yield* takenFrom(ann)
        yield* ann.leave
        double.faults.plan(/(expire|void)$/, "500")
        yield* lookAfter
        assert.isFalse(yield* isClosed(payable))
        double.faults.clear()
        yield* until(double.clock.now() + hour / 4)
        yield* lookAfter
        assert.isTrue(yield* isClosed(payable))
        assert.deepStrictEqual(yield* takenFrom(ann), before)
        const { memberships, subscriptions } = yield* ann.account
        for (const { state } of [...subscriptions, ...memberships]) {
          assert.include(["cancelled", "revoked"], state)
        }
      }).pipe(Effect.provide(DeletedUserBilling.layer)))

    it.effect(
      `gets the whole payment for ${what} back that was made before its page closed, once`,
      () =>
        Effect.gen(function*() {
          const double = yield* StripeStandIn
          /** Pays, and the moment in which that is heard of. */
          const moments = {
            "heard of first": (payable: Payable) => Effect.all([pay(double, payable), caughtUp(), lookAfter]),
            "heard of afterwards": (payable: Payable) => Effect.all([pay(double, payable), lookAfter]),
            "paid while it is closed": (payable: Payable) =>
              Effect.gen(function*() {
                let isPaid = false
                yield* double.onRequest((request) => {
                  if (isPaid || !/^(DELETE|POST .*(expire|void|release)$)/.test(request)) return
                  isPaid = true
                  Effect.runSync(pay(double, payable))
                })
                yield* lookAfter
                yield* double.onRequest(() => undefined)
                assert.isTrue(isPaid)
                yield* caughtUp()
              })
          }
          for (const [moment, happen] of Object.entries(moments)) {
            const ann = yield* makeCustomer
            const payable = yield* make(ann)
            const { cents, refunds } = yield* takenFrom(ann)
            yield* ann.leave
            yield* happen(payable)
            yield* until(double.clock.now() + hour)
            yield* lookAfter
            assert.deepStrictEqual(yield* takenFrom(ann), { cents, refunds: refunds + 1 }, moment)
            const { memberships, subscriptions } = yield* ann.account
            for (const { state } of [...subscriptions, ...memberships]) {
              assert.include(["cancelled", "revoked"], state, moment)
            }
          }
        }).pipe(Effect.provide(DeletedUserBilling.layer)),
      30_000
    )
  }

  it.effect("gets no refund of earlier payments", () =>
    Effect.gen(function*() {
      const ann = yield* makeCustomer
      yield* ann.buy()
      const before = yield* takenFrom(ann)
      yield* until((yield* StripeStandIn).clock.now() + hour)
      yield* ann.leave
      yield* lookAfter
      assert.deepStrictEqual(yield* takenFrom(ann), before)
      assert.strictEqual((yield* ann.truth).status, "canceled")
    }).pipe(Effect.provide(DeletedUserBilling.layer)))
})
