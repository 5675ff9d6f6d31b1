/**
 * Voids invoices and the pending updates that waited for them
 * (https://docs.stripe.com/billing/subscriptions/pending-updates).
 */
import type { Books } from "./Books.ts"
import type * as Documents from "./Documents.ts"
import { invalid } from "./StripeRefusal.ts"
import { subscriptionIn, updateStatus } from "./SubscriptionStatus.ts"

export const voidInvoice = (books: Books, invoice: Documents.Invoice): void => {
  if (invoice.status !== "open") throw invalid("Only open invoices can be voided", undefined, "invoice_not_editable")
  const { ending_balance, id, starting_balance, status_transitions } = invoice
  invoice.status = "void"
  status_transitions.voided_at = books.time
  invoice.next_payment_attempt = null
  books.customers.get(invoice.customer).balance += starting_balance - (ending_balance ?? 0)
  books.tell("invoice.voided", invoice)
  const subscription = books.subscriptions.get(subscriptionIn(invoice))
  const waited = books.changes.delete(id)
  if (!waited) return updateStatus(books, subscription)
  subscription.pending_update = null
  books.tell("customer.subscription.pending_update_expired", subscription)
}

/** The update that waits, if one does. */
export const dropPending = (books: Books, { id }: Documents.Subscription): void => {
  for (const invoice of books.invoices.list((it) => books.changes.has(it.id) && subscriptionIn(it) === id)) {
    voidInvoice(books, invoice)
  }
}
