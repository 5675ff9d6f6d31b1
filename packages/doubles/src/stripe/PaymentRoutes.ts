/**
 * The routes of the API for customers, payments, refunds and disputes.
 */
import type { Stripe } from "stripe"
import type { Books } from "./Books.ts"
import * as Customers from "./Customers.ts"
import type * as Documents from "./Documents.ts"
import { type Form, numberAt, recordAt, textAt } from "./FormBody.ts"
import { type Routes, taking } from "./Handler.ts"
import { isExpanded, listOf, matches } from "./Listing.ts"
import * as Returning from "./Returning.ts"

const intentOf = (books: Books, intent: Documents.PaymentIntent, form: Form) => ({
  ...intent,
  latest_charge: isExpanded(form, "latest_charge") ? books.charges.get(intent.latest_charge) : intent.latest_charge
})

const customers: Routes = {
  "POST customers": taking<Stripe.CustomerCreateParams>()(
    ["balance", "email", "metadata.*", "test_clock"],
    (books, _id, form) => Customers.create(books, form)
  ),
  "GET customers/:id": taking()([], (books, id) => Customers.view(books.customers.get(id))),
  "POST customers/:id": taking<Stripe.CustomerUpdateParams>()(
    ["balance", "invoice_settings.default_payment_method"],
    (books, id, form) => Customers.update(books, id, form)
  ),
  "DELETE customers/:id": taking()([], (books, id) => Customers.remove(books, id))
}

const payments: Routes = {
  "GET payment_intents/:id": taking()([], (books, id, form) => intentOf(books, books.paymentIntents.get(id), form)),
  "GET charges/:id": taking()([], (books, id) => books.charges.get(id)),
  "GET charges": taking<Stripe.ChargeListParams>()(
    ["customer", "limit", "payment_intent", "starting_after"],
    (books, _id, form) =>
      listOf(
        books.charges.list(({ customer, payment_intent }) => matches(form, { customer, payment_intent })),
        form,
        "/v1/charges"
      )
  )
}

const returns: Routes = {
  "POST refunds": taking<Stripe.RefundCreateParams>()(
    ["amount", "metadata.*", "payment_intent"],
    (books, _id, form) => {
      const { id } = books.paymentIntents.named(textAt(form, "payment_intent"), "payment_intent")
      return Returning.refund(books, id, numberAt(form, "amount"), recordAt(form, "metadata"))
    }
  ),
  "GET refunds/:id": taking()([], (books, id) => books.refunds.get(id)),
  "GET refunds": taking<Stripe.RefundListParams>()(
    ["charge", "limit", "payment_intent", "starting_after"],
    (books, _id, form) =>
      listOf(
        books.refunds.list(({ charge, payment_intent }) => matches(form, { charge, payment_intent })),
        form,
        "/v1/refunds"
      )
  ),
  "GET disputes/:id": taking()([], (books, id) => books.disputes.get(id)),
  "GET disputes": taking<Stripe.DisputeListParams>()(
    ["charge", "limit", "payment_intent", "starting_after"],
    (books, _id, form) =>
      listOf(
        books.disputes.list(({ charge, payment_intent }) => matches(form, { charge, payment_intent })),
        form,
        "/v1/disputes"
      )
  )
}

export const routes: Routes = { ...customers, ...payments, ...returns }
