/**
 * What Stripe has for tests, so that a suite can be the same here and in Stripe's test mode: clocks
 * (https://docs.stripe.com/billing/testing/test-clocks), cards that do as they are told
 * (https://docs.stripe.com/testing), and buying without a page.
 */
import type { Books, Card } from "./Books.ts"
import { take } from "./Charging.ts"
import { numberAt, recordAt, textAt } from "./FormBody.ts"
import type { Handler, Routes } from "./Handler.ts"
import { closeDispute } from "./Returning.ts"
import { invalid, missing, StripeRefusal } from "./StripeRefusal.ts"
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

const declined = () =>
  new StripeRefusal(402, { type: "card_error", code: "card_declined", message: "Your card was declined." })

/** A card of Stripe's for tests becomes somebody's by another name. */
const attach: Handler = (books, id, form) => {
  const card = cards.get(id)
  if (card === undefined) throw missing("payment_method", id)
  const method = `${books.newId("pm")}_${card}`
  return { id: method, object: "payment_method", customer: books.customers.get(textAt(form, "customer") ?? "").id }
}

const payBy: Handler = (books, id, form) => {
  const customer = books.customers.get(id)
  const method = textAt(form, "invoice_settings", "default_payment_method") ?? ""
  const card = [...cards.values()].find((it) => method.endsWith(`_${it}`))
  if (card === undefined) throw missing("payment_method", method)
  books.cards.set(id, card)
  return customer
}

const subscribe: Handler = (books, _id, form) => {
  const { id } = books.customers.get(textAt(form, "customer") ?? "")
  const price = books.prices.get(textAt(form, "items", 0, "price") ?? "")
  if ((books.cards.get(id) ?? "declined") === "declined") throw declined()
  return begin(books, id, price, recordAt(form, "metadata"))
}

const charge: Handler = (books, _id, form) => {
  const { id } = books.customers.get(textAt(form, "customer") ?? "")
  const amount = numberAt(form, "amount") ?? 0
  const intent = take(books, id, amount, textAt(form, "currency") ?? "usd", recordAt(form, "metadata"))
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
  "POST test_helpers/test_clocks": (books) => clock(books, books.newId("clock")),
  "GET test_helpers/test_clocks/:id": clock,
  "POST test_helpers/test_clocks/:id/advance": advance,
  "DELETE test_helpers/test_clocks/:id": (_books, id) => ({ id, object: "test_helpers.test_clock", deleted: true }),
  "POST payment_methods/:id/attach": attach,
  "POST customers/:id": payBy,
  "POST subscriptions": subscribe,
  "POST payment_intents": charge,
  "POST disputes/:id": argue
}
