/**
 * Derives the status of a subscription from its most recent invoice that is not void
 * (https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses).
 */
import type { Books } from "./Books.ts"
import type * as Documents from "./Documents.ts"

export const subscriptionIn = ({ parent }: Documents.Invoice): string => parent.subscription_details.subscription

/** While an update waits, the subscription continues without it. */
const counts = (books: Books, { id, status }: Documents.Invoice): boolean =>
  status === "paid" || (status === "open" && !books.changes.has(id))

/** Tells of it in any case. */
export const updateStatus = (books: Books, subscription: Documents.Subscription): void => {
  if (subscription.status === "canceled") return
  const [latest] = books.invoices.list((it) => subscriptionIn(it) === subscription.id && counts(books, it))
  const isOwed = latest?.status === "open"
  if (!isOwed) subscription.status = "active"
  else if (subscription.status === "active") subscription.status = "past_due"
  books.tell("customer.subscription.updated", subscription)
}
