/**
 * The fields that dchat reads of Stripe's objects, and no others (https://docs.stripe.com/api). Times are seconds since
 * 1970. Enumerations that Stripe may extend are read as any text.
 */
import { Schema } from "effect"

const Id = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(255))

/** By its id, or in full where it was asked for. */
const Reference = Schema.Union([Id, Schema.Struct({ id: Id })])

export const idOf = (reference: typeof Reference.Type): string =>
  typeof reference === "string" ? reference : reference.id

const Metadata = Schema.Record(Schema.String, Schema.String)
const Time = Schema.Int
const Amount = Schema.Int

const listOf = <S extends Schema.Constraint>(item: S) => Schema.Struct({ data: Schema.Array(item) })

export const StripePrice = Schema.Struct({
  id: Id,
  lookup_key: Schema.NullOr(Schema.String),
  metadata: Metadata,
  currency: Schema.String,
  unit_amount: Schema.NullOr(Amount)
})
export type StripePrice = typeof StripePrice.Type

export const StripePrices = listOf(StripePrice)

export const StripeCheckout = Schema.Struct({
  id: Id,
  status: Schema.NullOr(Schema.String),
  payment_status: Schema.String,
  url: Schema.NullOr(Schema.String),
  expires_at: Time,
  metadata: Schema.NullOr(Metadata),
  subscription: Schema.NullOr(Reference),
  payment_intent: Schema.NullOr(Reference)
})
export type StripeCheckout = typeof StripeCheckout.Type

export const StripeCheckouts = listOf(StripeCheckout)

const Item = Schema.Struct({
  id: Id,
  current_period_start: Time,
  current_period_end: Time,
  price: StripePrice
})

const MaybeReference = Schema.optionalKey(Schema.NullOr(Reference))

export const StripePhase = Schema.Struct({
  start_date: Time,
  end_date: Time,
  items: Schema.Array(Schema.Struct({ price: Reference })),
  automatic_tax: Schema.optionalKey(Schema.NullOr(Schema.Struct({ enabled: Schema.Boolean }))),
  default_tax_rates: Schema.optionalKey(Schema.NullOr(Schema.Array(Reference))),
  discounts: Schema.optionalKey(
    Schema.Array(Schema.Struct({ coupon: MaybeReference, discount: MaybeReference, promotion_code: MaybeReference }))
  )
})
export type StripePhase = typeof StripePhase.Type

export const StripeSchedule = Schema.Struct({ id: Id, status: Schema.String, phases: Schema.Array(StripePhase) })
export type StripeSchedule = typeof StripeSchedule.Type

/** In full: a balance below nothing is a credit, in the customer's currency. */
const Payer = Schema.Struct({
  id: Id,
  balance: Schema.optionalKey(Amount),
  currency: Schema.optionalKey(Schema.NullOr(Schema.String))
})

export const StripeSubscription = Schema.Struct({
  id: Id,
  status: Schema.String,
  customer: Schema.Union([Id, Payer]),
  billing_cycle_anchor: Time,
  cancel_at: Schema.NullOr(Time),
  cancel_at_period_end: Schema.Boolean,
  ended_at: Schema.NullOr(Time),
  cancellation_details: Schema.NullOr(
    Schema.Struct({
      reason: Schema.NullOr(Schema.String),
      comment: Schema.optionalKey(Schema.NullOr(Schema.String))
    })
  ),
  metadata: Metadata,
  items: listOf(Item),
  default_payment_method: MaybeReference,
  latest_invoice: Schema.NullOr(Reference),
  pending_update: Schema.NullOr(Schema.Struct({
    expires_at: Time,
    subscription_items: Schema.NullOr(Schema.Array(Schema.Struct({ price: Reference })))
  })),
  schedule: Schema.NullOr(Schema.Union([Id, StripeSchedule]))
})
export type StripeSubscription = typeof StripeSubscription.Type

export const isOver = ({ status }: StripeSubscription): boolean =>
  status === "canceled" || status === "incomplete_expired"

/** The end of the subscription, if any: a cancellation in the portal sets a date, and a cancellation here a flag. */
export const endOf = (
  { cancel_at, cancel_at_period_end, items: { data: [item] } }: StripeSubscription
): number | undefined => cancel_at ?? (cancel_at_period_end ? item?.current_period_end : undefined)

const InvoicePayment = Schema.Struct({
  status: Schema.String,
  payment: Schema.Struct({ payment_intent: Schema.optionalKey(Schema.NullOr(Reference)) })
})

export const StripeInvoice = Schema.Struct({
  id: Id,
  status: Schema.NullOr(Schema.String),
  billing_reason: Schema.NullOr(Schema.String),
  currency: Schema.String,
  amount_paid: Amount,
  amount_due: Amount,
  total: Amount,
  /** The customer's balance before and after; below nothing: a credit. Stripe knows the second once it is finalized. */
  starting_balance: Amount,
  ending_balance: Schema.NullOr(Amount),
  created: Time,
  hosted_invoice_url: Schema.optionalKey(Schema.NullOr(Schema.String)),
  status_transitions: Schema.Struct({ paid_at: Schema.NullOr(Time) }),
  lines: listOf(Schema.Struct({
    amount: Amount,
    discount_amounts: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.Struct({ amount: Amount })))),
    taxes: Schema.optionalKey(
      Schema.NullOr(Schema.Array(Schema.Struct({ amount: Amount, tax_behavior: Schema.String })))
    ),
    period: Schema.Struct({ start: Time, end: Time }),
    parent: Schema.NullOr(Schema.Struct({
      subscription_item_details: Schema.optionalKey(Schema.NullOr(Schema.Struct({ proration: Schema.Boolean })))
    }))
  })),
  payments: Schema.optionalKey(listOf(InvoicePayment)),
  parent: Schema.NullOr(Schema.Struct({
    subscription_details: Schema.optionalKey(Schema.NullOr(Schema.Struct({
      metadata: Schema.NullOr(Metadata),
      subscription: Reference
    })))
  }))
})
export type StripeInvoice = typeof StripeInvoice.Type

export const StripeInvoices = Schema.Struct({ data: Schema.Array(StripeInvoice), has_more: Schema.Boolean })

export const StripeInvoicePayments = listOf(Schema.Struct({ invoice: Reference }))

export const StripePaymentIntent = Schema.Struct({
  id: Id,
  status: Schema.String,
  currency: Schema.String,
  amount_received: Amount,
  metadata: Metadata,
  latest_charge: Schema.NullOr(Schema.Struct({
    id: Id,
    created: Time,
    amount_refunded: Amount,
    disputed: Schema.Boolean,
    receipt_url: Schema.NullOr(Schema.String)
  }))
})
export type StripePaymentIntent = typeof StripePaymentIntent.Type

export const StripeRefund = Schema.Struct({
  id: Id,
  amount: Amount,
  currency: Schema.String,
  created: Time,
  status: Schema.NullOr(Schema.String),
  metadata: Schema.NullOr(Metadata)
})
export const StripeRefunds = listOf(StripeRefund)

export const StripeDisputes = listOf(Schema.Struct({ id: Id, status: Schema.String, created: Time }))

/** The object inside an event. Only the fields that show to which purchase it belongs are read. */
export const StripeEventObject = Schema.Struct({
  object: Schema.optionalKey(Schema.String),
  id: Schema.optionalKey(Schema.String),
  metadata: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown))),
  subscription: Schema.optionalKey(Schema.NullOr(Reference)),
  released_subscription: Schema.optionalKey(Schema.NullOr(Reference)),
  payment_intent: Schema.optionalKey(Schema.NullOr(Reference)),
  invoice: Schema.optionalKey(Schema.NullOr(Reference)),
  parent: Schema.optionalKey(Schema.NullOr(Schema.Struct({
    subscription_details: Schema.optionalKey(Schema.NullOr(Schema.Struct({
      metadata: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown))),
      subscription: Schema.optionalKey(Reference)
    })))
  })))
})
export type StripeEventObject = typeof StripeEventObject.Type

/** https://docs.stripe.com/api/events/object */
export const StripeEvent = Schema.Struct({
  id: Schema.String,
  type: Schema.String,
  data: Schema.Struct({ object: Schema.Json })
})
