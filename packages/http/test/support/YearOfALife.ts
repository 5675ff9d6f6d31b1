/**
 * A year and more of a user's subscription, with all usual events: month ends and a leap day, a card that
 * fails, changes up and down, cancellations here and in the portal, a return, a refund and two disputes.
 */
import type { Manner } from "@dchat/doubles/stripe"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { makeCustomer, monthly, sessionOf } from "./StripeCustomer.ts"
import { caughtUp, reconciled, StripeStandIn, until } from "./StripeHost.ts"

const withoutIds = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutIds)
  if (typeof value !== "object" || value === null) return value
  const named = new Set(["id", "purchaseId", "receiptUrl", "invoiceUrl", "checkoutUrl"])
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => !named.has(key)).map(([key, it]) => [key, withoutIds(it)])
  )
}

/**
 * Lives through it, and answers with everything that is known of it in the end, but for the names of things. Without
 * `manner` the host hears of everything in order, and is held to what the stand-in has at every step; with it, the
 * user has to wait for the reconciliation whenever the host has not received the news that an action needs.
 */
export const yearOfALife = Effect.fnUntraced(function*(manner?: Manner) {
  const double = yield* StripeStandIn
  const ann = yield* makeCustomer

  /** Lets the host hear, and looks at what it says then. */
  // oxlint-disable-next-line typescript/no-explicit-any
  const see = Effect.fnUntraced(function*(look: (me: any) => void = () => {}) {
    yield* caughtUp(manner)
    if (manner !== undefined) return
    yield* ann.agrees
    look(yield* ann.me)
  })
  const at = (time: string, look?: Parameters<typeof see>[0]) => Effect.andThen(until(time), see(look))

  const act = Effect.fnUntraced(function*(path: string, body?: object) {
    const answer = yield* ann.post(path, body)
    if (answer.status < 300) return answer.json
    assert.isDefined(manner, `${path}: ${answer.text}`)
    yield* reconciled
    const again = yield* ann.post(path, body)
    assert.isBelow(again.status, 300, `${path}: ${again.text}`)
    return again.json
  })
  const buy = Effect.fnUntraced(function*(order: object) {
    const { payment } = yield* act("create", order)
    assert.isTrue(yield* double.pay(sessionOf(payment.checkoutUrl)))
  })
  const subscription = double.books((books) =>
    books.subscriptions.list((it) => it.customer === customer).reduce((one, other) =>
      Number(one.id.split("_")[1]) > Number(other.id.split("_")[1]) ? one : other
    )
  )
  const lastPayment = double.books((books) => books.paymentIntents.list((it) => it.customer === customer))

  // Signing up on the last of January, and renewing over the ends of months.
  yield* buy(monthly)
  yield* see(({ subscription, tier }) => {
    assert.deepInclude(subscription, { state: "active", paidThrough: "2027-02-28T12:00:00.000Z" })
    assert.strictEqual(tier, "PRO")
  })
  const customer = yield* double.books((books) =>
    books.sessions.list((it) => it.client_reference_id === ann.id)[0]?.customer ?? ""
  )
  yield* at("2027-02-28T12:00:00Z", ({ subscription }) => {
    assert.strictEqual(subscription.paidThrough, "2027-03-31T12:00:00.000Z")
  })
  yield* at("2027-03-31T12:00:00Z", ({ subscription }) => {
    assert.strictEqual(subscription.paidThrough, "2027-04-30T12:00:00.000Z")
  })

  // A card that is declined, grace, and a card that works again.
  yield* double.setCard(customer, "declined")
  yield* at("2027-04-30T12:00:00Z", ({ subscription, tier }) => {
    assert.strictEqual(subscription.state, "past_due")
    assert.strictEqual(tier, "PRO")
  })
  const owed = yield* act("renew", {})
  yield* double.payInvoice(sessionOf(owed.subscription.invoiceUrl))
  yield* see(({ subscription }) => {
    assert.deepInclude(subscription, { state: "active", paidThrough: "2027-05-31T12:00:00.000Z" })
  })

  // Up at once, at the price that was shown.
  yield* at("2027-05-10T12:00:00Z")
  const up = { tier: "ENTERPRISE", period: "monthly" }
  const shown = yield* act("change/preview", up)
  assert.strictEqual(shown.effective, "now")
  yield* act("change", { ...up, prorationDate: shown.prorationDate })
  yield* see(({ subscription, tier }) => {
    assert.strictEqual(tier, "ENTERPRISE")
    assert.strictEqual(subscription.paidThrough, "2027-06-10T12:00:00.000Z")
  })
  assert.deepStrictEqual((yield* ann.get("history")).json.payments[0].amount, shown.amountDue)

  // Down with the next period: undone, and then done again.
  const down = { tier: "PRO", period: "monthly" }
  assert.strictEqual((yield* act("change", down)).subscription.change.direction, "down")
  yield* see()
  assert.isUndefined((yield* act("undo-change")).subscription.change)
  yield* see()
  yield* act("change", down)
  yield* see(({ tier }) => assert.strictEqual(tier, "ENTERPRISE"))
  yield* at("2027-06-10T12:00:00Z", ({ subscription, tier }) => {
    assert.strictEqual(tier, "PRO")
    assert.isUndefined(subscription.change)
  })

  // Cancelled here and kept; cancelled in the portal and kept here; cancelled for good.
  assert.strictEqual((yield* act("cancel", {})).subscription.endsAt, "2027-07-10T12:00:00.000Z")
  yield* see()
  assert.isUndefined((yield* act("undo-cancel")).subscription.endsAt)
  yield* see()
  yield* double.portalCancel((yield* subscription).id)
  yield* see(({ subscription }) => assert.isString(subscription.endsAt))
  assert.isUndefined((yield* act("undo-cancel")).subscription.endsAt)
  yield* see()
  yield* act("cancel", {})
  yield* at("2027-07-10T12:00:00Z", ({ subscription, tier }) => {
    assert.strictEqual(tier, "FREE")
    assert.strictEqual(subscription.state, "cancelled")
  })

  // Back for a year, which ends after a leap day; money back within a week.
  yield* at("2028-02-29T12:00:00Z")
  yield* buy({ tier: "PRO", period: "yearly", method: "stripe" })
  yield* see(({ refundable, subscription }) => {
    assert.strictEqual(subscription.paidThrough, "2029-02-28T12:00:00.000Z")
    assert.deepInclude(refundable, {
      amount: { currency: "USD", minorUnits: 4999 },
      until: "2028-03-07T12:00:00.000Z"
    })
  })
  yield* act("refund")
  yield* see(({ refundable, subscription, tier }) => {
    assert.strictEqual(tier, "FREE")
    assert.strictEqual(subscription.state, "refunded")
    assert.isUndefined(refundable)
  })

  // Once more, and the bank takes the money back: until that is decided, and when it is.
  yield* buy(monthly)
  yield* see()
  const { id: dispute } = yield* double.dispute((yield* lastPayment)[0]?.id ?? "")
  yield* see(({ subscription, tier }) => {
    assert.strictEqual(subscription.state, "suspended")
    assert.strictEqual(tier, "FREE")
  })
  yield* double.closeDispute(dispute, "won")
  yield* see(({ tier }) => assert.strictEqual(tier, "PRO"))
  yield* at("2028-03-29T12:00:00Z", ({ subscription }) => assert.strictEqual(subscription.state, "active"))
  const { id: lost } = yield* double.dispute((yield* lastPayment)[0]?.id ?? "")
  yield* see()
  yield* double.closeDispute(lost, "lost")
  yield* see()

  yield* reconciled
  yield* caughtUp()
  yield* ann.agrees
  const me = yield* ann.me
  assert.strictEqual(me.subscription.state, "refunded")
  return { ann, end: withoutIds({ me, history: (yield* ann.get("history?limit=100")).json }) }
})
