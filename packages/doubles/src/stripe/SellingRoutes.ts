/**
 * The routes of the API for products, prices, checkouts, portal sessions and events.
 */
import type { Stripe } from "stripe"
import * as CheckingOut from "./CheckingOut.ts"
import { living } from "./Customers.ts"
import { listAt, numberAt, recordAt, textAt, type Value, valueAt } from "./FormBody.ts"
import { type Handler, type Routes, taking } from "./Handler.ts"
import { listOf, matches } from "./Listing.ts"
import { invalid } from "./StripeRefusal.ts"

const createPrice: Handler = (books, _id, form) => {
  const lookup_key = textAt(form, "lookup_key") ?? null
  const others = books.prices.list((it) => lookup_key !== null && it.lookup_key === lookup_key)
  if (others.length > 0 && textAt(form, "transfer_lookup_key") !== "true") {
    throw invalid("A price with this lookup key exists already", "lookup_key")
  }
  const product = books.products.named(textAt(form, "product"), "product").id
  for (const other of others) other.lookup_key = null
  const interval = textAt(form, "recurring", "interval")
  return books.prices.add({
    id: books.newId("price"),
    object: "price",
    created: books.time,
    active: true,
    currency: textAt(form, "currency") ?? "usd",
    unit_amount: numberAt(form, "unit_amount") ?? 0,
    lookup_key,
    metadata: recordAt(form, "metadata"),
    product,
    recurring: interval === undefined ? null : { interval: interval === "year" ? "year" : "month" }
  })
}

const catalogue: Routes = {
  "POST products": taking<Stripe.ProductCreateParams>()(
    ["id", "metadata.*", "name"],
    (books, _id, form) =>
      books.products.add({
        id: textAt(form, "id") ?? books.newId("prod"),
        object: "product",
        created: books.time,
        active: true,
        name: textAt(form, "name") ?? "",
        metadata: recordAt(form, "metadata")
      })
  ),
  "GET products/:id": taking()([], (books, id) => books.products.get(id)),
  "POST prices": taking<Stripe.PriceCreateParams>()([
    "currency",
    "lookup_key",
    "metadata.*",
    "product",
    "recurring.interval",
    "transfer_lookup_key",
    "unit_amount"
  ], createPrice),
  "GET prices/:id": taking()([], (books, id) => books.prices.get(id)),
  "GET prices": taking<Stripe.PriceListParams>()(
    ["active", "limit", "lookup_keys.[]", "product", "starting_after"],
    (books, _id, form) => {
      const keys = listAt(form, "lookup_keys")
      const found = books.prices.list(({ active, lookup_key, product }) =>
        matches(form, { active, product }) && (keys.length === 0 || keys.includes(lookup_key ?? ""))
      )
      return listOf(found, form, "/v1/prices")
    }
  )
}

const sessions: Routes = {
  "POST checkout/sessions": taking<Stripe.Checkout.SessionCreateParams>()([
    "allowed_payment_method_types.[]",
    "cancel_url",
    "client_reference_id",
    "customer",
    "expires_at",
    "line_items.[].price",
    "line_items.[].quantity",
    "metadata.*",
    "mode",
    "payment_intent_data.metadata.*",
    "subscription_data.billing_mode.type",
    "subscription_data.metadata.*",
    "success_url"
  ], (books, _id, form) => CheckingOut.open(books, form)),
  "GET checkout/sessions/:id": taking()([], (books, id) => books.sessions.get(id)),
  "GET checkout/sessions": taking<Stripe.Checkout.SessionListParams>()(
    ["customer", "limit", "payment_intent", "starting_after", "status", "subscription"],
    (books, _id, form) =>
      listOf(
        books.sessions.list(({ customer, payment_intent, status, subscription }) =>
          matches(form, { customer, payment_intent, status, subscription })
        ),
        form,
        "/v1/checkout/sessions"
      )
  ),
  "POST checkout/sessions/:id/expire": taking()([], (books, id) => CheckingOut.expire(books, id))
}

/** As JSON has it what a form has as text. */
const plain = (value: Value): unknown => {
  if (typeof value === "string") return value === "true" ? true : value === "false" ? false : value
  if (Array.isArray(value)) return (value as ReadonlyArray<Value>).map(plain)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

const featuresIn = (form: Value): Readonly<Record<string, unknown>> => ({
  ...plain(valueAt(form, "features") ?? {}) as object
})

const features = [
  "features.invoice_history.enabled",
  "features.payment_method_update.enabled",
  "features.subscription_cancel.enabled",
  "features.subscription_cancel.mode",
  "features.subscription_pause.enabled",
  "features.subscription_update.enabled"
] as const

const portal: Routes = {
  "POST billing_portal/sessions": taking<Stripe.BillingPortal.SessionCreateParams>()(
    ["configuration", "customer", "return_url"],
    (books, _id, form) => {
      const id = books.newId("bps")
      const configuration = textAt(form, "configuration")
      if (configuration !== undefined) books.configurations.named(configuration, "configuration")
      return books.portals.add({
        id,
        object: "billing_portal.session",
        customer: living(books, textAt(form, "customer"), "customer").id,
        return_url: textAt(form, "return_url") ?? books.origin,
        url: `${books.origin}/portal/${id}`
      })
    }
  ),
  "GET billing_portal/configurations": taking<Stripe.BillingPortal.ConfigurationListParams>()(
    ["active", "limit", "starting_after"],
    (books, _id, form) =>
      listOf(
        books.configurations.list(({ active }) => matches(form, { active })),
        form,
        "/v1/billing_portal/configurations"
      )
  ),
  "POST billing_portal/configurations": taking<Stripe.BillingPortal.ConfigurationCreateParams>()(
    [...features, "metadata.*"],
    (books, _id, form) =>
      books.configurations.add({
        id: books.newId("bpc"),
        object: "billing_portal.configuration",
        active: true,
        features: featuresIn(form),
        metadata: recordAt(form, "metadata")
      })
  ),
  "POST billing_portal/configurations/:id": taking<Stripe.BillingPortal.ConfigurationUpdateParams>()(
    [...features],
    (books, id, form) => {
      const configuration = books.configurations.get(id)
      configuration.features = { ...configuration.features, ...featuresIn(form) }
      return configuration
    }
  )
}

const events: Routes = {
  "GET events/:id": taking()([], (books, id) => books.events.get(id)),
  "GET events": taking<Stripe.EventListParams>()(
    ["limit", "starting_after", "type"],
    (books, _id, form) => listOf(books.events.list(({ type }) => matches(form, { type })), form, "/v1/events")
  )
}

export const routes: Routes = { ...catalogue, ...sessions, ...portal, ...events }
