/**
 * Previews an update of a subscription as an invoice that is never created.
 */
import { read } from "./AskedChange.ts"
import type { Books } from "./Books.ts"
import { chargesOf } from "./Changing.ts"
import { dueOf } from "./Charging.ts"
import { type Form, textAt, valueAt } from "./FormBody.ts"
import { unmodelled } from "./StripeRefusal.ts"

export const preview = (books: Books, form: Form) => {
  const subscription = books.subscriptions.named(textAt(form, "subscription"), "subscription")
  const asked = read(books, subscription, valueAt(form, "subscription_details"))
  if (asked === undefined) throw unmodelled("preview without another plan", "subscription_details[items]")
  if (!asked.isAnchor && asked.prorating !== "always_invoice") {
    throw unmodelled("preview of the next renewal", "subscription_details[proration_behavior]")
  }
  const lines = chargesOf(subscription, asked, books.time)
  const total = lines.reduce((sum, { amount }) => sum + amount, 0)
  const { balance } = books.customers.get(subscription.customer)
  return {
    object: "invoice",
    id: "upcoming_in_preview",
    status: "draft",
    billing_reason: "upcoming",
    currency: asked.price.currency,
    created: books.time,
    ...dueOf(total, balance),
    starting_balance: balance,
    amount_paid: 0,
    total,
    customer: subscription.customer,
    status_transitions: { paid_at: null },
    lines: { object: "list", has_more: false, data: lines.map((line) => Object.assign(line, { parent: null })) },
    parent: null
  }
}
