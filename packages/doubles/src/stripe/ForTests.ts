/**
 * The test helpers of Stripe, so that one suite runs here and in Stripe's test mode: clocks
 * (https://docs.stripe.com/billing/testing/test-clocks), test cards with a fixed outcome
 * (https://docs.stripe.com/testing), and purchases without a page.
 */
import type { Stripe } from "stripe"
import type { Books, Card } from "./Books.ts"
import { give } from "./Cards.ts"
import { take } from "./Charging.ts"
import { living } from "./Customers.ts"
import type * as Documents from "./Documents.ts"
import { type Form, listAt, numberAt, recordAt, textAt } from "./FormBody.ts"
import { type Handler, type Routes, taking } from "./Handler.ts"
import { closeDispute } from "./Returning.ts"
import { declined, invalid, missing, unmodelled } from "./StripeRefusal.ts"
import { begin } from "./Subscribing.ts"

const cards = new Map<string, Card>([
  ["pm_card_visa", "works"],
  ["pm_card_chargeCustomerFail", "declined"],
  ["pm_card_createDispute", "disputed"]
])

/** Every clock is the one that there is. */
const clock = (books: Books, id: string) => ({
  id,
  object: "test_helpers.test_clock",
  created: books.time,
  frozen_time: books.time,
  livemode: false,
  name: null,
  status: "ready"
})

const advance: Handler = (books, id, form) => {
  const until = numberAt(form, "frozen_time") ?? 0
  if (until <= books.time) throw invalid("A clock only goes forward", "frozen_time")
  books.advance(until)
  return clock(books, id)
}

/** A test card of Stripe gets another id when a customer attaches it. */
const attach: Handler = (books, id, form) => {
  const card = cards.get(id)
  if (card === undefined) throw missing("payment_method", id)
  return books.methods.get(give(books, living(books, textAt(form, "customer"), "customer").id, card))
}

const methodIn = (books: Books, form: Form, param: string, customer: Documents.Customer): string | null => {
  const method = textAt(form, param)
  if (method === undefined) return null
  const found = books.methods.named(method, param)
  if (found.customer !== customer.id) throw missing("payment_method", method, param)
  return found.id
}

const subscribe: Handler = (books, _id, form) => {
  const customer = living(books, textAt(form, "customer"), "customer")
  const price = books.prices.named(textAt(form, "items", 0, "price"), "items[0][price]")
  if (textAt(form, "payment_behavior") !== "error_if_incomplete") {
    throw unmodelled("subscription that is not paid at once", "payment_behavior")
  }
  if ((textAt(form, "billing_mode", "type") ?? "flexible") !== "flexible") {
    throw unmodelled("other mode of billing", "billing_mode[type]")
  }
  const own = methodIn(books, form, "default_payment_method", customer)
  const method = own ?? customer.invoice_settings.default_payment_method
  if (method === null || books.cards.get(method) === "declined") throw declined()
  return begin(books, customer.id, price, recordAt(form, "metadata"), own)
}

/** The payment might redirect, unless that is excluded or a return URL is given. */
const assertReturns = (form: Form): void => {
  const kinds = listAt(form, "allowed_payment_method_types")
  const isCardOnly = kinds.length > 0 && kinds.every((kind) => kind === "card")
  const staysHere = isCardOnly || textAt(form, "automatic_payment_methods", "allow_redirects") === "never"
  if (!staysHere && textAt(form, "return_url") === undefined) {
    throw invalid("A `return_url` is needed to confirm what may redirect", "return_url")
  }
}

const charge: Handler = (books, _id, form) => {
  const customer = living(books, textAt(form, "customer"), "customer")
  if (textAt(form, "confirm") !== "true") throw unmodelled("payment intent that is not confirmed", "confirm")
  assertReturns(form)
  const intent = take(books, {
    customer: customer.id,
    method: methodIn(books, form, "payment_method", customer),
    amount: numberAt(form, "amount") ?? 0,
    currency: textAt(form, "currency") ?? "usd",
    metadata: recordAt(form, "metadata")
  })
  if (intent === undefined) throw declined()
  return intent
}

const argue: Handler = (books, id, form) => {
  const evidence = textAt(form, "evidence", "uncategorized_text")
  if (evidence === "winning_evidence") closeDispute(books, id, "won")
  if (evidence === "losing_evidence") closeDispute(books, id, "lost")
  return books.disputes.get(id)
}

export const routes: Routes = {
  "POST test_helpers/test_clocks": taking<Stripe.TestHelpers.TestClockCreateParams>()(
    ["frozen_time"],
    (books) => clock(books, books.newId("clock"))
  ),
  "GET test_helpers/test_clocks/:id": taking()([], clock),
  "POST test_helpers/test_clocks/:id/advance": taking<Stripe.TestHelpers.TestClockAdvanceParams>()(
    ["frozen_time"],
    advance
  ),
  "DELETE test_helpers/test_clocks/:id": taking()(
    [],
    (_books, id) => ({ id, object: "test_helpers.test_clock", deleted: true })
  ),
  "POST payment_methods/:id/attach": taking<Stripe.PaymentMethodAttachParams>()(["customer"], attach),
  "POST subscriptions": taking<Stripe.SubscriptionCreateParams>()([
    "billing_mode.type",
    "customer",
    "default_payment_method",
    "items.[].price",
    "metadata.*",
    "payment_behavior"
  ], subscribe),
  "POST payment_intents": taking<Stripe.PaymentIntentCreateParams>()([
    "allowed_payment_method_types.[]",
    "amount",
    "automatic_payment_methods.allow_redirects",
    "automatic_payment_methods.enabled",
    "confirm",
    "currency",
    "customer",
    "metadata.*",
    "off_session",
    "payment_method",
    "return_url"
  ], charge),
  "POST disputes/:id": taking<Stripe.DisputeUpdateParams>()(["evidence.uncategorized_text", "submit"], argue)
}
