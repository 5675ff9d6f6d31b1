/**
 * The cards of customers. A checkout attaches its card to the subscription. The default card of the customer counts
 * after that card (https://docs.stripe.com/api/subscriptions/object#subscription_object-default_payment_method).
 */
import type { Books, Card } from "./Books.ts"
import type * as Documents from "./Documents.ts"
import { scheduleOf } from "./Scheduling.ts"

/** A card of theirs, which nothing is paid by yet. */
export const give = (books: Books, customer: string, card: Card): string => {
  const { id } = books.methods.add({
    id: books.newId("pm"),
    object: "payment_method",
    type: "card",
    created: books.time,
    customer
  })
  books.cards.set(id, card)
  return id
}

export const methodOf = (books: Books, { customer, default_payment_method }: Documents.Subscription): string | null =>
  default_payment_method ?? books.customers.get(customer).invoice_settings.default_payment_method

export const cardOf = (books: Books, subscription: Documents.Subscription): Card | undefined =>
  books.cards.get(methodOf(books, subscription) ?? "")

/** The phase that runs has it as well; those to come keep their own. */
export const payBy = (books: Books, subscription: Documents.Subscription, method: string | null): void => {
  subscription.default_payment_method = method
  const phase = scheduleOf(books, subscription)?.phases.findLast(({ start_date }) => start_date <= books.time)
  if (phase !== undefined) phase.default_payment_method = method
}

/**
 * Replaces the card, as in the portal: the customer's, and that of each subscription with a card of its
 * own (https://docs.stripe.com/customer-management).
 */
export const replace = (books: Books, customer: string, card: Card): void => {
  const method = give(books, customer, card)
  const owner = books.customers.get(customer)
  owner.invoice_settings.default_payment_method = method
  books.tell("customer.updated", owner)
  const owned = books.subscriptions.list((it) =>
    it.customer === customer && it.status !== "canceled" && it.default_payment_method !== null
  )
  for (const it of owned) {
    payBy(books, it, method)
    books.tell("customer.subscription.updated", it)
  }
}
