/**
 * Customers and their default cards.
 */
import type { Books } from "./Books.ts"
import type * as Documents from "./Documents.ts"
import { type Form, numberAt, recordAt, textAt } from "./FormBody.ts"
import { missing } from "./StripeRefusal.ts"
import { end } from "./Subscribing.ts"

/** Deleted customers can be read, and not be used. */
export const living = (books: Books, id: string | undefined, param?: string): Documents.Customer => {
  const found = books.customers.find(id ?? "")
  if (found === undefined || found.deleted) throw missing("customer", id ?? "", param)
  return found
}

const methodIn = (books: Books, form: Form, customer: string): string | undefined => {
  const name = "invoice_settings[default_payment_method]"
  const method = textAt(form, "invoice_settings", "default_payment_method")
  if (method === undefined) return undefined
  const found = books.methods.named(method, name)
  if (found.customer !== customer) throw missing("payment_method", method, name)
  return method
}

export const create = (books: Books, form: Form): Documents.Customer => {
  const made = books.customers.add({
    id: books.newId("cus"),
    object: "customer",
    created: books.time,
    email: textAt(form, "email") ?? null,
    balance: numberAt(form, "balance") ?? 0,
    metadata: recordAt(form, "metadata"),
    invoice_settings: { default_payment_method: null }
  })
  books.tell("customer.created", made)
  return made
}

export const update = (books: Books, id: string, form: Form): Documents.Customer => {
  const customer = living(books, id)
  customer.invoice_settings.default_payment_method = methodIn(books, form, id) ??
    customer.invoice_settings.default_payment_method
  customer.balance = numberAt(form, "balance") ?? customer.balance
  books.tell("customer.updated", customer)
  return customer
}

/** The subscriptions of a customer end with the customer. */
export const remove = (books: Books, id: string) => {
  const customer = living(books, id)
  for (const it of books.subscriptions.list((it) => it.customer === id && it.status !== "canceled")) {
    end(books, it, "cancellation_requested")
  }
  customer.deleted = true
  books.tell("customer.deleted", customer)
  return view(customer)
}

export const view = (customer: Documents.Customer) =>
  customer.deleted ? { id: customer.id, object: "customer", deleted: true } : customer
