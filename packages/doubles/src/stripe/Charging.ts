/**
 * Invoices, and the money that is taken for them.
 */
import type { Books } from "./Books.ts"
import type * as Documents from "./Documents.ts"
import { dispute } from "./Returning.ts"
import { invalid } from "./StripeRefusal.ts"

/** Takes money of a customer; none where their card is declined. */
export const take = (
  books: Books,
  customer: string,
  amount: number,
  currency: string,
  metadata: Record<string, string> = {}
): Documents.PaymentIntent | undefined => {
  const card = books.cards.get(customer) ?? "declined"
  if (card === "declined") return undefined
  const id = books.newId("pi")
  const chargeId = books.newId("ch")
  const created = books.time
  books.charges.add({
    id: chargeId,
    object: "charge",
    created,
    amount,
    amount_refunded: 0,
    currency,
    customer,
    disputed: false,
    refunded: false,
    metadata,
    status: "succeeded",
    payment_intent: id,
    receipt_url: `${books.origin}/receipts/${chargeId}`
  })
  const intent = books.paymentIntents.add({
    id,
    object: "payment_intent",
    created,
    amount,
    amount_received: amount,
    currency,
    customer,
    metadata,
    status: "succeeded",
    latest_charge: chargeId
  })
  books.tell("payment_intent.succeeded", intent)
  if (card === "disputed") dispute(books, id)
  return intent
}

export interface Charged {
  readonly amount: number
  readonly description: string
  readonly proration: boolean
  readonly price: string
  readonly period: { readonly start: number; readonly end: number }
}

/** Finalized at once. Stripe waits for about an hour, which tells nothing more. */
export const draw = (
  books: Books,
  subscription: Documents.Subscription,
  reason: Documents.Invoice["billing_reason"],
  charged: ReadonlyArray<Charged>
): Documents.Invoice => {
  const id = books.newId("in")
  const currency = subscription.items.data[0]?.price.currency ?? "usd"
  const total = charged.reduce((sum, { amount }) => sum + amount, 0)
  const invoice = books.invoices.add({
    id,
    object: "invoice",
    created: books.time,
    currency,
    amount_due: Math.max(0, total),
    amount_paid: 0,
    total,
    attempt_count: 0,
    customer: subscription.customer,
    status: "open",
    billing_reason: reason,
    hosted_invoice_url: `${books.origin}/invoices/${id}`,
    next_payment_attempt: null,
    status_transitions: { finalized_at: books.time, paid_at: null, voided_at: null, marked_uncollectible_at: null },
    lines: {
      object: "list",
      has_more: false,
      url: `/v1/invoices/${id}/lines`,
      data: charged.map(({ amount, description, period, price, proration }) => ({
        id: books.newId("il"),
        object: "line_item",
        amount,
        currency,
        description,
        period,
        parent: {
          type: "subscription_item_details",
          subscription_item_details: { proration, subscription: subscription.id }
        },
        pricing: { price_details: { price } }
      }))
    },
    parent: {
      type: "subscription_details",
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id }
    }
  })
  subscription.latest_invoice = id
  books.tell("invoice.created", invoice)
  books.tell("invoice.finalized", invoice)
  return invoice
}

/** Whether the card took it. */
export const collect = (books: Books, invoice: Documents.Invoice): boolean => {
  if (invoice.status !== "open") throw invalid("Invoice is not open")
  invoice.attempt_count += 1
  if (invoice.amount_due > 0) {
    const intent = take(books, invoice.customer, invoice.amount_due, invoice.currency)
    if (intent === undefined) {
      books.tell("invoice.payment_failed", invoice)
      return false
    }
    books.invoicePayments.add({
      id: books.newId("inpay"),
      object: "invoice_payment",
      invoice: invoice.id,
      amount_paid: invoice.amount_due,
      status: "paid",
      payment: { type: "payment_intent", payment_intent: intent.id }
    })
  }
  invoice.status = "paid"
  invoice.amount_paid = invoice.amount_due
  invoice.next_payment_attempt = null
  invoice.status_transitions.paid_at = books.time
  books.tell("invoice.paid", invoice)
  return true
}
