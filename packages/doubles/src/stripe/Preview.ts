/**
 * What an update of a subscription would cost, as an invoice that is never drawn.
 */
import type { Books } from "./Books.ts"
import { type Form, numberAt, textAt } from "./FormBody.ts"
import * as Subscribing from "./Subscribing.ts"

export const preview = (books: Books, form: Form) => {
  const subscription = books.subscriptions.get(textAt(form, "subscription") ?? "")
  const price = books.prices.get(textAt(form, "subscription_details", "items", 0, "price") ?? "")
  const at = numberAt(form, "subscription_details", "proration_date") ?? books.time
  const lines = Subscribing.changed(subscription, price, at, books.time)
  const total = lines.reduce((sum, { amount }) => sum + amount, 0)
  return {
    object: "invoice",
    id: "upcoming_in_preview",
    status: "draft",
    billing_reason: "upcoming",
    currency: price.currency,
    created: books.time,
    amount_due: Math.max(0, total),
    amount_paid: 0,
    total,
    customer: subscription.customer,
    status_transitions: { paid_at: null },
    lines: { object: "list", has_more: false, data: lines.map((line) => Object.assign(line, { parent: null })) },
    parent: null
  }
}
