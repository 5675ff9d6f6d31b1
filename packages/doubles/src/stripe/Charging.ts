/**
 * Creates, finalizes and charges invoices.
 */
import type { Books, Charged } from "./Books.ts"
import { methodOf } from "./Cards.ts"
import type * as Documents from "./Documents.ts"
import { dispute } from "./Returning.ts"
import { invalid } from "./StripeRefusal.ts"

/** A smaller amount is not charged but added to the next invoice, in the smallest unit of US dollars and others. */
const smallestCharge = 50

export interface Payment {
  readonly customer: string
  readonly method: string | null
  readonly amount: number
  readonly currency: string
  readonly metadata?: Record<string, string>
}

/** Takes money; none where the card is declined, or there is none. */
export const take = (
  books: Books,
  { amount, currency, customer, metadata = {}, method }: Payment
): Documents.PaymentIntent | undefined => {
  const card = books.cards.get(method ?? "") ?? "declined"
  if (method === null || card === "declined") return undefined
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
    payment_method: method,
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
    payment_method: method,
    latest_charge: chargeId
  })
  books.tell("payment_intent.succeeded", intent)
  if (card === "disputed") dispute(books, id)
  return intent
}

/** The part of a total that is due, and the remaining balance; a negative balance is a credit. */
export const dueOf = (total: number, balance: number) => {
  const owed = total + balance
  return owed < smallestCharge ? { amount_due: 0, ending_balance: owed } : { amount_due: owed, ending_balance: 0 }
}

const linesOf = (
  books: Books,
  charged: ReadonlyArray<Charged>,
  currency: string,
  subscription: string
): ReadonlyArray<Documents.Line> =>
  charged.map(({ amount, description, period, price, proration }) => ({
    id: books.newId("il"),
    object: "line_item",
    amount,
    currency,
    description,
    period,
    parent: { type: "subscription_item_details", subscription_item_details: { proration, subscription } },
    pricing: { price_details: { price } }
  }))

/** A draft, which takes nothing yet. */
export const draft = (
  books: Books,
  subscription: Documents.Subscription,
  reason: Documents.Invoice["billing_reason"],
  charged: ReadonlyArray<Charged>
): Documents.Invoice => {
  const id = books.newId("in")
  const currency = subscription.items.data[0]?.price.currency ?? "usd"
  const total = charged.reduce((sum, { amount }) => sum + amount, 0)
  const { balance } = books.customers.get(subscription.customer)
  const invoice = books.invoices.add({
    id,
    object: "invoice",
    created: books.time,
    currency,
    total,
    amount_due: dueOf(total, balance).amount_due,
    amount_paid: 0,
    starting_balance: balance,
    ending_balance: null,
    attempt_count: 0,
    auto_advance: true,
    customer: subscription.customer,
    status: "draft",
    billing_reason: reason,
    hosted_invoice_url: null,
    next_payment_attempt: null,
    status_transitions: { finalized_at: null, paid_at: null, voided_at: null, marked_uncollectible_at: null },
    lines: {
      object: "list",
      has_more: false,
      url: `/v1/invoices/${id}/lines`,
      data: linesOf(books, charged, currency, subscription.id)
    },
    parent: {
      type: "subscription_details",
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id }
    }
  })
  subscription.latest_invoice = id
  books.tell("invoice.created", invoice)
  return invoice
}

/** From now on it can be paid. The balance of the customer is counted in. */
export const finalize = (books: Books, invoice: Documents.Invoice): Documents.Invoice => {
  const customer = books.customers.get(invoice.customer)
  const { amount_due, ending_balance } = dueOf(invoice.total, customer.balance)
  Object.assign(invoice, { amount_due, ending_balance, starting_balance: customer.balance, status: "open" })
  customer.balance = ending_balance
  invoice.hosted_invoice_url = `${books.origin}/invoices/${invoice.id}`
  invoice.status_transitions.finalized_at = books.time
  books.tell("invoice.finalized", invoice)
  return invoice
}

/** A draft that is finalized at once. */
export const draw = (...invoice: Parameters<typeof draft>): Documents.Invoice => finalize(invoice[0], draft(...invoice))

/** Whether the card took it: the one of the subscription, or another. */
export const collect = (
  books: Books,
  invoice: Documents.Invoice,
  method: string | null = methodOf(
    books,
    books.subscriptions.get(invoice.parent.subscription_details.subscription)
  )
): boolean => {
  if (invoice.status !== "open") throw invalid("Invoice is not open")
  const { amount_due: amount, currency, customer } = invoice
  if (amount > 0) {
    invoice.attempt_count += 1
    const intent = take(books, { customer, method, amount, currency })
    if (intent === undefined) {
      books.tell("invoice.payment_failed", invoice)
      return false
    }
    books.invoicePayments.add({
      id: books.newId("inpay"),
      object: "invoice_payment",
      invoice: invoice.id,
      amount_paid: amount,
      status: "paid",
      payment: { type: "payment_intent", payment_intent: intent.id }
    })
  }
  invoice.status = "paid"
  invoice.amount_paid = amount
  invoice.next_payment_attempt = null
  invoice.status_transitions.paid_at = books.time
  books.tell("invoice.paid", invoice)
  return true
}
