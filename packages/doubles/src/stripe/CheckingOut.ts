/**
 * The actions of the payment pages: checkouts, open invoices, and the portal of a customer.
 */
import type { Books, Card } from "./Books.ts"
import * as Cards from "./Cards.ts"
import { collect, take } from "./Charging.ts"
import { living } from "./Customers.ts"
import type * as Documents from "./Documents.ts"
import { type Form, listAt, numberAt, recordAt, textAt } from "./FormBody.ts"
import { invalid, unmodelled } from "./StripeRefusal.ts"
import * as Subscribing from "./Subscribing.ts"
import { itemOf } from "./SubscriptionItem.ts"
import { subscriptionIn } from "./SubscriptionStatus.ts"

const hour = 3600

/** `later`: takes the money now, and is declined from then on. */
export type OfferedCard = Card | "later"

export const open = (books: Books, form: Form): Documents.Session => {
  const mode = textAt(form, "mode") === "payment" ? "payment" : "subscription"
  const customer = living(books, textAt(form, "customer"), "customer").id
  if (listAt(form, "line_items").length !== 1) throw unmodelled("checkout of anything but one thing", "line_items")
  if (numberAt(form, "line_items", 0, "quantity") !== 1) throw unmodelled("quantity", "line_items[0][quantity]")
  const price = books.prices.named(textAt(form, "line_items", 0, "price"), "line_items[0][price]")
  const expires_at = numberAt(form, "expires_at") ?? books.time + 24 * hour
  if (expires_at < books.time + hour / 2 || expires_at > books.time + 24 * hour) {
    throw invalid("`expires_at` must be between 30 minutes and 24 hours from now", "expires_at")
  }
  if ((mode === "subscription") !== (price.recurring !== null)) throw invalid("The price does not fit the mode", "mode")
  const id = books.newId("cs_test")
  const session = books.sessions.add({
    id,
    object: "checkout.session",
    created: books.time,
    expires_at,
    mode,
    status: "open",
    payment_status: "unpaid",
    customer,
    client_reference_id: textAt(form, "client_reference_id") ?? null,
    metadata: recordAt(form, "metadata"),
    subscription: null,
    payment_intent: null,
    amount_total: price.unit_amount ?? 0,
    currency: price.currency,
    success_url: textAt(form, "success_url") ?? null,
    cancel_url: textAt(form, "cancel_url") ?? null,
    url: `${books.origin}/checkout/${id}`
  })
  const given = recordAt(form, mode === "payment" ? "payment_intent_data" : "subscription_data", "metadata")
  books.handedOn.set(id, { ...given, ":price": price.id })
  return session
}

/** Whether the card was taken. */
export const pay = (books: Books, id: string, card: OfferedCard): boolean => {
  const session = books.sessions.get(id)
  if (session.status !== "open") throw invalid("The session is not open")
  const { ":price": priceId = "", ...metadata } = books.handedOn.get(id) ?? {}
  const price = books.prices.get(priceId)
  if (card === "declined") return false
  const { amount_total: amount, currency, customer } = session
  const method = Cards.give(books, customer, card === "later" ? "works" : card)
  if (session.mode === "subscription") {
    session.subscription = Subscribing.begin(books, customer, price, metadata, method).id
  } else {
    session.payment_intent = take(books, { customer, method, amount, currency, metadata })?.id ?? null
  }
  session.status = "complete"
  session.payment_status = "paid"
  session.url = null
  books.tell("checkout.session.completed", session)
  if (card === "later") books.cards.set(method, "declined")
  return true
}

export const expire = (books: Books, id: string): Documents.Session => {
  const session = books.sessions.get(id)
  if (session.status !== "open") throw invalid("Only open sessions can be expired")
  session.status = "expired"
  session.url = null
  books.tell("checkout.session.expired", session)
  return session
}

/** Whether the card was taken. If so, the subscription is paid by it from then on. */
export const payInvoice = (books: Books, id: string, card: OfferedCard): boolean => {
  const invoice = books.invoices.get(id)
  const method = Cards.give(books, invoice.customer, card === "later" ? "works" : card)
  if (!collect(books, invoice, method)) return false
  Cards.payBy(books, books.subscriptions.get(subscriptionIn(invoice)), method)
  Subscribing.paid(books, invoice)
  if (card === "later") books.cards.set(method, "declined")
  return true
}

/** The portal sets the date itself, and nothing else. */
export const portalCancel = (books: Books, id: string): void => {
  const subscription = books.subscriptions.get(id)
  subscription.cancel_at = itemOf(subscription).current_period_end
  subscription.canceled_at = books.time
  subscription.cancellation_details.reason = "cancellation_requested"
  books.tell("customer.subscription.updated", subscription)
}

export const portalKeep = (books: Books, id: string): void => {
  const subscription = books.subscriptions.get(id)
  subscription.cancel_at = null
  subscription.cancel_at_period_end = false
  subscription.canceled_at = null
  subscription.cancellation_details.reason = null
  books.tell("customer.subscription.updated", subscription)
}
