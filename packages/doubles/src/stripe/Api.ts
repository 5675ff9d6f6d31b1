/**
 * The part of Stripe's API that is there: which request does what to the books.
 */
import type { Books } from "./Books.ts"
import { collect } from "./Charging.ts"
import * as CheckingOut from "./CheckingOut.ts"
import type * as Documents from "./Documents.ts"
import { type Form, listAt, numberAt, recordAt, textAt } from "./FormBody.ts"
import { routes as forTests } from "./ForTests.ts"
import type { Call, Handler, Routes } from "./Handler.ts"
import { preview } from "./Preview.ts"
import * as Returning from "./Returning.ts"
import { invalid, missing, StripeRefusal } from "./StripeRefusal.ts"
import * as Subscribing from "./Subscribing.ts"

const isExpanded = (form: Form, field: string): boolean => listAt(form, "expand").includes(field)

const listOf = (
  objects: ReadonlyArray<{ readonly id: string }>,
  form: Form,
  url: string,
  present: (object: never) => unknown = (object) => object
) => {
  const limit = Math.min(100, numberAt(form, "limit") ?? 10)
  const after = textAt(form, "starting_after")
  const start = after === undefined ? 0 : objects.findIndex(({ id }) => id === after) + 1
  const data = objects.slice(start, start + limit)
  return { object: "list", url, has_more: start + limit < objects.length, data: data.map((it) => present(it as never)) }
}

const subscriptionOf = (books: Books, subscription: Documents.Subscription, form: Form) => ({
  ...subscription,
  schedule: subscription.schedule !== null && isExpanded(form, "schedule")
    ? books.schedules.get(subscription.schedule)
    : subscription.schedule
})

const invoiceOf = (books: Books, invoice: Documents.Invoice, isFull: boolean) => {
  if (!isFull) return invoice
  const data = books.invoicePayments.list(({ invoice: id }) => id === invoice.id)
  return { ...invoice, payments: { object: "list", has_more: false, url: "/v1/invoice_payments", data } }
}

const intentOf = (books: Books, intent: Documents.PaymentIntent, form: Form) => ({
  ...intent,
  latest_charge: isExpanded(form, "latest_charge") ? books.charges.get(intent.latest_charge) : intent.latest_charge
})

const matches = (form: Form, fields: Record<string, string | null>): boolean =>
  Object.entries(fields).every(([name, value]) => {
    const wanted = textAt(form, name)
    return wanted === undefined || wanted === value
  })

const updateSubscription: Handler = (books, id, form) => {
  const subscription = books.subscriptions.get(id)
  if (subscription.status === "canceled") throw invalid("A canceled subscription can only update its metadata")
  const price = textAt(form, "items", 0, "price")
  const isEnding = textAt(form, "cancel_at_period_end") !== undefined || textAt(form, "cancel_at") !== undefined
  if (subscription.schedule !== null && (isEnding || price !== undefined)) {
    throw invalid("The subscription is managed by the subscription schedule")
  }
  if (price !== undefined) {
    const next = books.prices.get(price)
    Subscribing.change(books, subscription, next, numberAt(form, "proration_date") ?? books.time)
    return subscription
  }
  const atEnd = textAt(form, "cancel_at_period_end")
  if (atEnd !== undefined) {
    subscription.cancel_at_period_end = atEnd === "true"
    subscription.cancel_at = atEnd === "true" ? Subscribing.itemOf(subscription).current_period_end : null
  }
  const cancelAt = textAt(form, "cancel_at")
  if (cancelAt !== undefined) {
    subscription.cancel_at = cancelAt === "" ? null : Number(cancelAt)
    subscription.cancel_at_period_end = false
  }
  const isCancelled = subscription.cancel_at !== null
  subscription.canceled_at = isCancelled ? books.time : null
  subscription.cancellation_details.reason = isCancelled ? "cancellation_requested" : null
  books.tell("customer.subscription.updated", subscription)
  return subscription
}

const cancelSubscription: Handler = (books, id) => {
  const subscription = books.subscriptions.get(id)
  if (subscription.status === "canceled") throw missing("subscription", id)
  Subscribing.end(books, subscription, "cancellation_requested")
  return subscription
}

const updateSchedule: Handler = (books, id, form) => {
  const schedule = books.schedules.get(id)
  const ends = { month: 31, year: 366 }
  let start = 0
  schedule.phases = listAt(form, "phases").map((phase) => {
    start = numberAt(phase, "start_date") ?? start
    const interval = textAt(phase, "duration", "interval") === "year" ? "year" : "month"
    const end_date = numberAt(phase, "end_date") ?? start + ends[interval] * 24 * 3600
    const made = {
      start_date: start,
      end_date,
      items: [{ price: textAt(phase, "items", 0, "price") ?? "", quantity: 1 }]
    }
    start = end_date
    return made
  })
  books.tell("subscription_schedule.updated", schedule)
  return schedule
}

const createPrice: Handler = (books, _id, form) => {
  const lookup_key = textAt(form, "lookup_key") ?? null
  const others = books.prices.list((it) => lookup_key !== null && it.lookup_key === lookup_key)
  if (others.length > 0 && textAt(form, "transfer_lookup_key") !== "true") {
    throw invalid("A price with this lookup key exists already", "lookup_key")
  }
  for (const other of others) other.lookup_key = null
  const interval = textAt(form, "recurring", "interval")
  return books.prices.add({
    id: books.newId("price"),
    object: "price",
    created: books.time,
    active: true,
    currency: textAt(form, "currency") ?? "usd",
    unit_amount: numberAt(form, "unit_amount") ?? 0,
    lookup_key,
    metadata: recordAt(form, "metadata"),
    product: books.products.get(textAt(form, "product") ?? "").id,
    recurring: interval === undefined ? null : { interval: interval === "year" ? "year" : "month" }
  })
}

const routes: Routes = {
  ...forTests,
  "POST customers": (books, _id, form) =>
    books.customers.add({
      id: books.newId("cus"),
      object: "customer",
      created: books.time,
      email: textAt(form, "email") ?? null,
      metadata: recordAt(form, "metadata")
    }),
  "GET customers/:id": (books, id) => books.customers.get(id),
  "POST products": (books, _id, form) =>
    books.products.add({
      id: textAt(form, "id") ?? books.newId("prod"),
      object: "product",
      created: books.time,
      active: true,
      name: textAt(form, "name") ?? "",
      metadata: recordAt(form, "metadata")
    }),
  "GET products/:id": (books, id) => books.products.get(id),
  "POST prices": createPrice,
  "GET prices/:id": (books, id) => books.prices.get(id),
  "GET prices": (books, _id, form) => {
    const keys = listAt(form, "lookup_keys")
    const found = books.prices.list(({ lookup_key }) => keys.length === 0 || keys.includes(lookup_key ?? ""))
    return listOf(found, form, "/v1/prices")
  },
  "POST checkout/sessions": (books, _id, form) => CheckingOut.open(books, form),
  "GET checkout/sessions/:id": (books, id) => books.sessions.get(id),
  "GET checkout/sessions": (books, _id, form) =>
    listOf(
      books.sessions.list(({ customer, payment_intent, status, subscription }) =>
        matches(form, { customer, payment_intent, status, subscription })
      ),
      form,
      "/v1/checkout/sessions"
    ),
  "POST checkout/sessions/:id/expire": (books, id) => CheckingOut.expire(books, id),
  "GET subscriptions/:id": (books, id, form) => subscriptionOf(books, books.subscriptions.get(id), form),
  "GET subscriptions": (books, _id, form) =>
    listOf(books.subscriptions.list(({ customer }) => matches(form, { customer })), form, "/v1/subscriptions"),
  "POST subscriptions/:id": updateSubscription,
  "DELETE subscriptions/:id": cancelSubscription,
  "POST subscription_schedules": (books, _id, form) =>
    Subscribing.schedule(books, books.subscriptions.get(textAt(form, "from_subscription") ?? "")),
  "GET subscription_schedules/:id": (books, id) => books.schedules.get(id),
  "POST subscription_schedules/:id": updateSchedule,
  "POST subscription_schedules/:id/release": (books, id) => {
    const schedule = books.schedules.get(id)
    Subscribing.release(books, schedule)
    return schedule
  },
  "GET invoices/:id": (books, id, form) => invoiceOf(books, books.invoices.get(id), isExpanded(form, "payments")),
  "GET invoices": (books, _id, form) =>
    listOf(
      books.invoices.list(({ customer, parent, status }) =>
        matches(form, { customer, status, subscription: parent.subscription_details.subscription })
      ),
      form,
      "/v1/invoices",
      (invoice) => invoiceOf(books, invoice, isExpanded(form, "data.payments"))
    ),
  "POST invoices/create_preview": (books, _id, form) => preview(books, form),
  "POST invoices/:id/void": (books, id) => {
    const invoice = books.invoices.get(id)
    Subscribing.voidInvoice(books, invoice)
    return invoice
  },
  "POST invoices/:id/pay": (books, id) => {
    const invoice = books.invoices.get(id)
    if (!collect(books, invoice)) {
      throw new StripeRefusal(402, { type: "card_error", code: "card_declined", message: "Your card was declined." })
    }
    Subscribing.apply(books, invoice)
    return invoice
  },
  "GET invoice_payments": (books, _id, form) => {
    const intent = textAt(form, "payment", "payment_intent")
    const invoice = textAt(form, "invoice")
    return listOf(
      books.invoicePayments.list((it) =>
        (intent === undefined || it.payment.payment_intent === intent) &&
        (invoice === undefined || it.invoice === invoice)
      ),
      form,
      "/v1/invoice_payments"
    )
  },
  "GET payment_intents/:id": (books, id, form) => intentOf(books, books.paymentIntents.get(id), form),
  "GET charges/:id": (books, id) => books.charges.get(id),
  "GET charges": (books, _id, form) =>
    listOf(books.charges.list(({ payment_intent }) => matches(form, { payment_intent })), form, "/v1/charges"),
  "POST refunds": (books, _id, form) =>
    Returning.refund(
      books,
      textAt(form, "payment_intent") ?? "",
      numberAt(form, "amount"),
      recordAt(form, "metadata")
    ),
  "GET refunds/:id": (books, id) => books.refunds.get(id),
  "GET refunds": (books, _id, form) =>
    listOf(
      books.refunds.list(({ charge, payment_intent }) => matches(form, { charge, payment_intent })),
      form,
      "/v1/refunds"
    ),
  "GET disputes/:id": (books, id) => books.disputes.get(id),
  "GET disputes": (books, _id, form) =>
    listOf(
      books.disputes.list(({ charge, payment_intent }) => matches(form, { charge, payment_intent })),
      form,
      "/v1/disputes"
    ),
  "POST billing_portal/sessions": (books, _id, form) => {
    const id = books.newId("bps")
    return books.portals.add({
      id,
      object: "billing_portal.session",
      customer: books.customers.get(textAt(form, "customer") ?? "").id,
      return_url: textAt(form, "return_url") ?? books.origin,
      url: `${books.origin}/portal/${id}`
    })
  },
  "GET billing_portal/configurations": (books, _id, form) =>
    listOf(books.configurations.list(), form, "/v1/billing_portal/configurations"),
  "POST billing_portal/configurations": (books, _id, form) =>
    books.configurations.add({
      id: books.newId("bpc"),
      object: "billing_portal.configuration",
      active: true,
      metadata: recordAt(form, "metadata")
    }),
  "POST billing_portal/configurations/:id": (books, id) => books.configurations.get(id),
  "GET events/:id": (books, id) => books.events.get(id),
  "GET events": (books, _id, form) => listOf(books.events.list(), form, "/v1/events")
}

const compiled = Object.entries(routes).map(([route, handler]) => {
  const [method = "", path = ""] = route.split(" ")
  return { method, pattern: new RegExp(`^${path.replace(":id", "([^/]+)")}$`), handler }
}).toSorted((one, other) => Number(one.pattern.source.includes("(")) - Number(other.pattern.source.includes("(")))

export const answer = (books: Books, { form, method, path }: Call): unknown => {
  for (const { handler, method: wanted, pattern } of compiled) {
    const match = wanted === method ? pattern.exec(path) : null
    if (match !== null) return handler(books, match[1] ?? "", form)
  }
  throw new StripeRefusal(404, {
    type: "invalid_request_error",
    message: `Unrecognized request URL (${method}: /v1/${path})`
  })
}
