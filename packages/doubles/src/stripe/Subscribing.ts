/**
 * Subscriptions from their beginning to their end: first invoice, renewals, and what a paid invoice brings about.
 */
import type { Books } from "./Books.ts"
import { after, isTurn, periodEnd } from "./Calendar.ts"
import { applyChange } from "./Changing.ts"
import { collect, draft, draw, finalize } from "./Charging.ts"
import type * as Documents from "./Documents.ts"
import { enter, scheduleOf } from "./Scheduling.ts"
import { intervalOf, itemOf } from "./SubscriptionItem.ts"
import { subscriptionIn, updateStatus } from "./SubscriptionStatus.ts"
import { dropPending } from "./Voiding.ts"

/** Until the next attempt, in seconds. */
const firstRetry = 3 * 24 * 3600

/** Begins with its first invoice paid. */
export const begin = (
  books: Books,
  customer: string,
  price: Documents.Price,
  metadata: Record<string, string>,
  method: string | null
): Documents.Subscription => {
  const id = books.newId("sub")
  const start = books.time
  const end = after(start, intervalOf(price), 1)
  const subscription = books.subscriptions.add({
    id,
    object: "subscription",
    created: start,
    metadata,
    status: "active",
    customer,
    billing_mode: { type: "flexible" },
    billing_cycle_anchor: start,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    ended_at: null,
    cancellation_details: { reason: null, comment: null, feedback: null },
    default_payment_method: method,
    items: {
      object: "list",
      has_more: false,
      url: `/v1/subscription_items?subscription=${id}`,
      data: [{
        id: books.newId("si"),
        object: "subscription_item",
        price,
        quantity: 1,
        current_period_start: start,
        current_period_end: end
      }]
    },
    latest_invoice: null,
    pending_update: null,
    schedule: null
  })
  const whole = { amount: price.unit_amount ?? 0, description: "Subscription", proration: false, price: price.id }
  collect(books, draw(books, subscription, "subscription_create", [{ ...whole, period: { start, end } }]))
  books.tell("customer.subscription.created", subscription)
  return subscription
}

/** An invoice that is unpaid by then is not collected any more, and drafts stay drafts. */
export const end = (
  books: Books,
  subscription: Documents.Subscription,
  reason: "cancellation_requested" | "payment_failed"
): void => {
  dropPending(books, subscription)
  subscription.status = "canceled"
  subscription.ended_at = books.time
  subscription.canceled_at ??= books.time
  subscription.cancellation_details.reason = reason
  const schedule = scheduleOf(books, subscription)
  if (schedule !== undefined) schedule.status = "canceled"
  for (const invoice of books.invoices.list((it) => subscriptionIn(it) === subscription.id)) {
    invoice.auto_advance = false
    invoice.next_payment_attempt = null
  }
  books.tell("customer.subscription.deleted", subscription)
}

/** The effects of a paid invoice. */
export const paid = (books: Books, invoice: Documents.Invoice): void => {
  const subscription = books.subscriptions.get(subscriptionIn(invoice))
  if (subscription.status === "canceled") return
  const change = books.changes.get(invoice.id)
  if (change !== undefined) {
    books.changes.delete(invoice.id)
    subscription.pending_update = null
    applyChange(books, subscription, change)
    books.tell("customer.subscription.pending_update_applied", subscription)
  }
  updateStatus(books, subscription)
}

/** The time of the double's clock at which a draft becomes an invoice. */
export const finalizesAt = (books: Books, { created }: Documents.Invoice): number => created + books.draftSeconds

/** Makes an invoice of a draft, and takes what it says. */
export const bill = (books: Books, invoice: Documents.Invoice): void => {
  finalize(books, invoice)
  if (collect(books, invoice)) return paid(books, invoice)
  invoice.next_payment_attempt = books.time + firstRetry
  updateStatus(books, books.subscriptions.get(subscriptionIn(invoice)))
}

/** The next period: by the next phase, if there is one. Nothing is charged until the anchor comes round. */
export const renew = (books: Books, subscription: Documents.Subscription): void => {
  const item = itemOf(subscription)
  const start = item.current_period_end
  enter(books, subscription, start)
  const { billing_cycle_anchor: anchor, id } = subscription
  const interval = intervalOf(item.price)
  item.current_period_start = start
  item.current_period_end = periodEnd(anchor, interval, start)
  books.tell("customer.subscription.updated", subscription)
  if (!isTurn(anchor, interval, start)) return
  const invoice = draft(books, subscription, "subscription_cycle", [
    ...(books.prorations.get(id) ?? []),
    {
      amount: item.price.unit_amount ?? 0,
      description: "Subscription",
      proration: false,
      price: item.price.id,
      period: { start, end: item.current_period_end }
    }
  ])
  books.prorations.delete(id)
  if (books.draftSeconds === 0) bill(books, invoice)
}
