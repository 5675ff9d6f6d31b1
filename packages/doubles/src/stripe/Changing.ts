/**
 * Changes of the plan of a subscription: what they cost, and what becomes of it while that is not paid
 * (https://docs.stripe.com/billing/subscriptions/change-price, .../prorations, .../pending-updates).
 */
import type { AskedChange } from "./AskedChange.ts"
import type { Books, Change, Charged } from "./Books.ts"
import { after, periodEnd } from "./Calendar.ts"
import { cardOf } from "./Cards.ts"
import { collect, draw, dueOf } from "./Charging.ts"
import type * as Documents from "./Documents.ts"
import { declined } from "./StripeRefusal.ts"
import { intervalOf, itemOf } from "./SubscriptionItem.ts"
import { updateStatus } from "./SubscriptionStatus.ts"
import { dropPending } from "./Voiding.ts"

/** An update that waits for its invoice is kept this long, in seconds, or until the period ends. */
const pendingUpdateSeconds = 23 * 3600

/** The proration: by the second for the rest of the period, or in full for a period that begins. */
export const chargesOf = (
  subscription: Documents.Subscription,
  { isAnchor, price, prorating, prorationDate }: AskedChange,
  now: number
): ReadonlyArray<Charged> => {
  const { current_period_end: end, current_period_start: begin, price: old } = itemOf(subscription)
  const partOf = ({ unit_amount }: Documents.Price) => (unit_amount ?? 0) * (end - prorationDate) / (end - begin)
  const part = { proration: true, period: { start: prorationDate, end } }
  const back = { ...part, amount: -Math.round(partOf(old)), description: "Unused time", price: old.id }
  const rest = { ...part, amount: Math.round(partOf(price)), description: "Remaining time", price: price.id }
  const whole = {
    amount: price.unit_amount ?? 0,
    description: "Subscription",
    proration: false,
    price: price.id,
    period: { start: now, end: after(now, intervalOf(price), 1) }
  }
  return [...(prorating === "none" ? [] : [back]), ...(isAnchor ? [whole] : prorating === "none" ? [] : [rest])]
}

export const applyChange = (books: Books, subscription: Documents.Subscription, change: Change): void => {
  const item = itemOf(subscription)
  item.price = books.prices.get(change.price)
  if (!change.isAnchor) return
  subscription.billing_cycle_anchor = change.at
  item.current_period_start = change.at
  item.current_period_end = periodEnd(change.at, intervalOf(item.price), change.at)
}

const wait = (books: Books, subscription: Documents.Subscription, change: Change, invoice: Documents.Invoice): void => {
  const { current_period_end, id } = itemOf(subscription)
  books.changes.set(invoice.id, change)
  subscription.pending_update = {
    billing_cycle_anchor: change.isAnchor ? change.at : null,
    expires_at: Math.min(books.time + pendingUpdateSeconds, current_period_end),
    subscription_items: [{ id, price: books.prices.get(change.price) }]
  }
  books.tell("customer.subscription.updated", subscription)
}

const assertPayable = (books: Books, subscription: Documents.Subscription, charged: ReadonlyArray<Charged>): void => {
  const total = charged.reduce((sum, { amount }) => sum + amount, 0)
  const { amount_due } = dueOf(total, books.customers.get(subscription.customer).balance)
  if (amount_due > 0 && (cardOf(books, subscription) ?? "declined") === "declined") throw declined()
}

export const change = (books: Books, subscription: Documents.Subscription, asked: AskedChange): void => {
  const { isAnchor, paying, price, prorating } = asked
  const made: Change = { price: price.id, at: books.time, isAnchor }
  const charged = chargesOf(subscription, asked, books.time)
  const isInvoiced = isAnchor || prorating === "always_invoice"
  if (isInvoiced && paying === "error_if_incomplete") assertPayable(books, subscription, charged)
  dropPending(books, subscription)
  if (!isInvoiced) {
    books.prorations.set(subscription.id, [...(books.prorations.get(subscription.id) ?? []), ...charged])
    applyChange(books, subscription, made)
    return books.tell("customer.subscription.updated", subscription)
  }
  const invoice = draw(books, subscription, "subscription_update", charged)
  const isPaid = collect(books, invoice)
  if (!isPaid && paying === "pending_if_incomplete") return wait(books, subscription, made, invoice)
  applyChange(books, subscription, made)
  updateStatus(books, subscription)
}
