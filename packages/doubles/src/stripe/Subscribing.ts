/**
 * Subscriptions from their beginning to their end, changes of plan included.
 */
import type { Books } from "./Books.ts"
import { after, type Interval, periodEnd } from "./Calendar.ts"
import { collect, draw } from "./Charging.ts"
import type * as Documents from "./Documents.ts"
import { invalid, missing } from "./StripeRefusal.ts"

/** An update that waits for its invoice is kept this long, in seconds. */
const pendingUpdateSeconds = 23 * 3600

export const intervalOf = ({ recurring }: Documents.Price): Interval => recurring?.interval ?? "month"

export const itemOf = ({ items: { data: [item] } }: Documents.Subscription): Documents.Item => {
  if (item === undefined) throw new Error("a subscription without an item")
  return item
}

/** Begins with its first invoice paid. */
export const begin = (
  books: Books,
  customer: string,
  price: Documents.Price,
  metadata: Record<string, string>
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

export const end = (
  books: Books,
  subscription: Documents.Subscription,
  reason: "cancellation_requested" | "payment_failed"
): void => {
  subscription.status = "canceled"
  subscription.ended_at = books.time
  subscription.canceled_at ??= books.time
  subscription.cancellation_details.reason = reason
  subscription.pending_update = null
  const schedule = subscription.schedule === null ? undefined : books.schedules.get(subscription.schedule)
  if (schedule !== undefined) schedule.status = "canceled"
  books.tell("customer.subscription.deleted", subscription)
}

/** What a change would cost now: the rest of the period back, and the whole of the new one. */
export const changed = (
  subscription: Documents.Subscription,
  price: Documents.Price,
  prorationDate: number,
  at: number
) => {
  const item = itemOf(subscription)
  const whole = item.current_period_end - item.current_period_start
  const left = Math.max(0, item.current_period_end - prorationDate)
  const back = -Math.round((item.price.unit_amount ?? 0) * left / whole)
  return [
    {
      amount: back,
      description: "Unused time",
      proration: true,
      price: item.price.id,
      period: { start: prorationDate, end: item.current_period_end }
    },
    {
      amount: price.unit_amount ?? 0,
      description: "Subscription",
      proration: false,
      price: price.id,
      period: { start: at, end: after(at, intervalOf(price), 1) }
    }
  ]
}

/** At once, if the difference can be paid; or it waits for that. */
export const change = (
  books: Books,
  subscription: Documents.Subscription,
  price: Documents.Price,
  prorationDate: number
): void => {
  const invoice = draw(
    books,
    subscription,
    "subscription_update",
    changed(subscription, price, prorationDate, books.time)
  )
  books.changes.set(invoice.id, { subscription: subscription.id, price: price.id, at: books.time })
  if (collect(books, invoice)) return apply(books, invoice)
  subscription.pending_update = {
    billing_cycle_anchor: books.time,
    expires_at: books.time + pendingUpdateSeconds,
    subscription_items: [{ id: itemOf(subscription).id, price }]
  }
  books.tell("customer.subscription.updated", subscription)
}

/** What a paid invoice brings about. */
export const apply = (books: Books, invoice: Documents.Invoice): void => {
  const subscription = books.subscriptions.get(invoice.parent.subscription_details.subscription)
  if (subscription.status === "canceled") return
  const change = books.changes.get(invoice.id)
  if (change !== undefined) {
    const item = itemOf(subscription)
    item.price = books.prices.get(change.price)
    item.current_period_start = change.at
    item.current_period_end = after(change.at, intervalOf(item.price), 1)
    subscription.billing_cycle_anchor = change.at
    if (subscription.pending_update !== null) {
      subscription.pending_update = null
      books.tell("customer.subscription.pending_update_applied", subscription)
    }
  }
  const owes = books.invoices.list((it) =>
    it.status === "open" && it.parent.subscription_details.subscription === subscription.id && !books.changes.has(it.id)
  )
  if (owes.length === 0) subscription.status = "active"
  books.tell("customer.subscription.updated", subscription)
}

export const voidInvoice = (books: Books, invoice: Documents.Invoice): void => {
  if (invoice.status !== "open") throw invalid("Only open invoices can be voided", undefined, "invoice_not_editable")
  invoice.status = "void"
  invoice.status_transitions.voided_at = books.time
  invoice.next_payment_attempt = null
  books.tell("invoice.voided", invoice)
  const subscription = books.subscriptions.get(invoice.parent.subscription_details.subscription)
  if (books.changes.has(invoice.id) && subscription.pending_update !== null) {
    subscription.pending_update = null
    books.tell("customer.subscription.pending_update_expired", subscription)
  }
}

/** The next period: with the price of the next phase, if there is one. */
export const renew = (books: Books, subscription: Documents.Subscription): void => {
  const item = itemOf(subscription)
  const start = item.current_period_end
  const schedule = subscription.schedule === null ? undefined : books.schedules.get(subscription.schedule)
  const phase = schedule?.phases.find(({ start_date }) => start_date === start)
  const next = phase?.items[0]
  if (next !== undefined) {
    const price = books.prices.get(next.price)
    if (intervalOf(price) !== intervalOf(item.price)) subscription.billing_cycle_anchor = start
    item.price = price
  } else if (schedule !== undefined && (schedule.phases.at(-1)?.end_date ?? 0) <= start) release(books, schedule)
  item.current_period_start = start
  item.current_period_end = periodEnd(subscription.billing_cycle_anchor, intervalOf(item.price), start)
  const invoice = draw(books, subscription, "subscription_cycle", [{
    amount: item.price.unit_amount ?? 0,
    description: "Subscription",
    proration: false,
    price: item.price.id,
    period: { start, end: item.current_period_end }
  }])
  if (collect(books, invoice)) return apply(books, invoice)
  invoice.next_payment_attempt = books.time + 3 * 24 * 3600
  subscription.status = "past_due"
  books.tell("customer.subscription.updated", subscription)
}

export const schedule = (books: Books, subscription: Documents.Subscription): Documents.Schedule => {
  if (subscription.schedule !== null) throw invalid("The subscription has a schedule already", "from_subscription")
  const item = itemOf(subscription)
  const made = books.schedules.add({
    id: books.newId("sub_sched"),
    object: "subscription_schedule",
    created: books.time,
    status: "active",
    end_behavior: "release",
    subscription: subscription.id,
    released_subscription: null,
    phases: [{
      start_date: item.current_period_start,
      end_date: item.current_period_end,
      items: [{ price: item.price.id, quantity: 1 }]
    }]
  })
  subscription.schedule = made.id
  books.tell("subscription_schedule.created", made)
  return made
}

export const release = (books: Books, schedule: Documents.Schedule): void => {
  if (schedule.status !== "active") throw invalid("Only an active schedule can be released")
  const subscription = books.subscriptions.find(schedule.subscription ?? "")
  if (subscription === undefined) throw missing("subscription", schedule.subscription ?? "")
  schedule.status = "released"
  schedule.released_subscription = subscription.id
  schedule.subscription = null
  subscription.schedule = null
  books.tell("subscription_schedule.released", schedule)
  books.tell("customer.subscription.updated", subscription)
}
