/**
 * The routes of the API for subscriptions, schedules and invoices.
 */
import type { Stripe } from "stripe"
import { read } from "./AskedChange.ts"
import type { Books } from "./Books.ts"
import { payBy } from "./Cards.ts"
import { change } from "./Changing.ts"
import { collect } from "./Charging.ts"
import { view as viewOfCustomer } from "./Customers.ts"
import type * as Documents from "./Documents.ts"
import { type Form, textAt } from "./FormBody.ts"
import { type Handler, type Routes, taking } from "./Handler.ts"
import { isExpanded, listOf, matches } from "./Listing.ts"
import { preview } from "./Preview.ts"
import * as Scheduling from "./Scheduling.ts"
import { declined, invalid, missing, unmodelled } from "./StripeRefusal.ts"
import * as Subscribing from "./Subscribing.ts"
import { itemOf } from "./SubscriptionItem.ts"
import { subscriptionIn } from "./SubscriptionStatus.ts"
import { voidInvoice } from "./Voiding.ts"

const subscriptionOf = (books: Books, subscription: Documents.Subscription, form: Form) => ({
  ...subscription,
  customer: isExpanded(form, "customer")
    ? viewOfCustomer(books.customers.get(subscription.customer))
    : subscription.customer,
  schedule: subscription.schedule !== null && isExpanded(form, "schedule")
    ? books.schedules.get(subscription.schedule)
    : subscription.schedule
})

const invoiceOf = (books: Books, invoice: Documents.Invoice, isFull: boolean) => {
  if (!isFull) return invoice
  const data = books.invoicePayments.list(({ invoice: id }) => id === invoice.id)
  return { ...invoice, payments: { object: "list", has_more: false, url: "/v1/invoice_payments", data } }
}

const ending = ["cancel_at", "cancel_at_period_end"]

const setEnd = (books: Books, subscription: Documents.Subscription, form: Form): void => {
  const atPeriodEnd = textAt(form, "cancel_at_period_end")
  if (atPeriodEnd !== undefined) {
    subscription.cancel_at_period_end = atPeriodEnd === "true"
    subscription.cancel_at = atPeriodEnd === "true" ? itemOf(subscription).current_period_end : null
  }
  const at = textAt(form, "cancel_at")
  if (at !== undefined) {
    if (at !== "" && !(Number(at) > books.time)) throw invalid("`cancel_at` must be in the future", "cancel_at")
    subscription.cancel_at = at === "" ? null : Number(at)
    subscription.cancel_at_period_end = false
  }
  const isCancelled = subscription.cancel_at !== null
  subscription.canceled_at = isCancelled ? books.time : null
  subscription.cancellation_details.reason = isCancelled ? "cancellation_requested" : null
}

const setCard = (books: Books, subscription: Documents.Subscription, form: Form): void => {
  const card = textAt(form, "default_payment_method")
  if (card === undefined) return
  const { customer } = subscription
  const method = card === "" ? null : books.methods.named(card, "default_payment_method")
  if (method !== null && method.customer !== customer) throw missing("payment_method", card, "default_payment_method")
  payBy(books, subscription, method?.id ?? null)
}

const updateSubscription: Handler = (books, id, form) => {
  const subscription = books.subscriptions.get(id)
  if (subscription.status === "canceled") throw invalid("A canceled subscription can only update its metadata")
  const asked = read(books, subscription, form)
  const endsOtherwise = ending.some((name) => textAt(form, name) !== undefined)
  if (subscription.schedule !== null && (endsOtherwise || asked !== undefined)) {
    throw invalid("The subscription is managed by the subscription schedule")
  }
  const isPlain = endsOtherwise || textAt(form, "default_payment_method") !== undefined
  if (isPlain && textAt(form, "payment_behavior") === "pending_if_incomplete") {
    throw invalid("An update that may wait for its payment can change the plan only", "payment_behavior")
  }
  if (endsOtherwise) setEnd(books, subscription, form)
  setCard(books, subscription, form)
  if (asked === undefined) books.tell("customer.subscription.updated", subscription)
  else change(books, subscription, asked)
  return subscription
}

const cancelSubscription: Handler = (books, id, form) => {
  const subscription = books.subscriptions.get(id)
  if (subscription.status === "canceled") throw missing("subscription", id)
  for (const name of ["invoice_now", "prorate"]) {
    if (textAt(form, name) === "true") throw unmodelled("last invoice of a cancellation", name)
  }
  subscription.cancellation_details.comment = textAt(form, "cancellation_details", "comment") ?? null
  Subscribing.end(books, subscription, "cancellation_requested")
  return subscription
}

const subscriptions: Routes = {
  "GET subscriptions/:id": taking()([], (books, id, form) => subscriptionOf(books, books.subscriptions.get(id), form)),
  "GET subscriptions": taking<Stripe.SubscriptionListParams>()(
    ["customer", "limit", "starting_after", "status"],
    (books, _id, form) => {
      const wanted = textAt(form, "status")
      const found = books.subscriptions.list(({ customer, status }) =>
        matches(form, { customer }) &&
        (wanted === "all" || (wanted === undefined ? status !== "canceled" : status === wanted))
      )
      return listOf(found, form, "/v1/subscriptions")
    }
  ),
  "POST subscriptions/:id": taking<Stripe.SubscriptionUpdateParams>()([
    "billing_cycle_anchor.type",
    "cancel_at",
    "cancel_at_period_end",
    "default_payment_method",
    "items.[].id",
    "items.[].price",
    "items.[].quantity",
    "payment_behavior",
    "proration_behavior",
    "proration_date"
  ], updateSubscription),
  "DELETE subscriptions/:id": taking<Stripe.SubscriptionCancelParams>()(
    ["cancellation_details.comment", "invoice_now", "prorate"],
    cancelSubscription
  )
}

const schedules: Routes = {
  "POST subscription_schedules": taking<Stripe.SubscriptionScheduleCreateParams>()(
    ["from_subscription"],
    (books, _id, form) => Scheduling.create(books, textAt(form, "from_subscription"))
  ),
  "GET subscription_schedules/:id": taking()([], (books, id) => books.schedules.get(id)),
  "POST subscription_schedules/:id": taking<Stripe.SubscriptionScheduleUpdateParams>()([
    "default_settings.default_payment_method",
    "end_behavior",
    "phases.[].billing_cycle_anchor",
    "phases.[].default_payment_method",
    "phases.[].duration.interval",
    "phases.[].duration.interval_count",
    "phases.[].end_date",
    "phases.[].items.[].price",
    "phases.[].items.[].quantity",
    "phases.[].proration_behavior",
    "phases.[].start_date",
    "proration_behavior"
  ], (books, id, form) => Scheduling.update(books, id, form)),
  "POST subscription_schedules/:id/release": taking()([], (books, id) => {
    const schedule = books.schedules.get(id)
    Scheduling.release(books, schedule)
    return schedule
  })
}

const invoices: Routes = {
  "GET invoices/:id": taking()(
    [],
    (books, id, form) => invoiceOf(books, books.invoices.get(id), isExpanded(form, "payments"))
  ),
  "GET invoices": taking<Stripe.InvoiceListParams>()(
    ["customer", "limit", "starting_after", "status", "subscription"],
    (books, _id, form) =>
      listOf(
        books.invoices.list((it) =>
          matches(form, { customer: it.customer, status: it.status, subscription: subscriptionIn(it) })
        ),
        form,
        "/v1/invoices",
        (invoice) => invoiceOf(books, invoice, isExpanded(form, "data.payments"))
      )
  ),
  "POST invoices/create_preview": taking<Stripe.InvoiceCreatePreviewParams>()([
    "subscription",
    "subscription_details.billing_cycle_anchor.type",
    "subscription_details.items.[].id",
    "subscription_details.items.[].price",
    "subscription_details.items.[].quantity",
    "subscription_details.proration_behavior",
    "subscription_details.proration_date"
  ], (books, _id, form) => preview(books, form)),
  "POST invoices/:id/void": taking()([], (books, id) => {
    const invoice = books.invoices.get(id)
    voidInvoice(books, invoice)
    return invoice
  }),
  "POST invoices/:id/pay": taking()([], (books, id) => {
    const invoice = books.invoices.get(id)
    if (!collect(books, invoice)) throw declined()
    Subscribing.paid(books, invoice)
    return invoice
  }),
  "GET invoice_payments": taking<Stripe.InvoicePaymentListParams>()(
    ["invoice", "limit", "payment.payment_intent", "payment.type", "starting_after"],
    (books, _id, form) => {
      const intent = textAt(form, "payment", "payment_intent")
      const found = books.invoicePayments.list(({ invoice, payment }) =>
        matches(form, { invoice }) && (intent === undefined || payment.payment_intent === intent)
      )
      return listOf(found, form, "/v1/invoice_payments")
    }
  )
}

export const routes: Routes = { ...subscriptions, ...schedules, ...invoices }
