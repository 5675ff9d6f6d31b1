/**
 * The objects of the double: those fields of Stripe's own types that it keeps.
 */
import type { Stripe } from "stripe"

export type Customer =
  & Pick<Stripe.Customer, "id" | "object" | "created" | "email" | "metadata" | "balance">
  & { invoice_settings: { default_payment_method: string | null }; deleted?: true }

export interface PaymentMethod {
  readonly id: string
  readonly object: "payment_method"
  readonly type: "card"
  readonly created: number
  readonly customer: string
}

export type Product = Pick<Stripe.Product, "id" | "object" | "created" | "name" | "active" | "metadata">

export type Price =
  & Pick<Stripe.Price, "id" | "object" | "created" | "active" | "currency" | "unit_amount" | "lookup_key" | "metadata">
  & { product: string; recurring: { interval: "month" | "year" } | null }

export type Session =
  & Pick<
    Stripe.Checkout.Session,
    | "id"
    | "object"
    | "created"
    | "expires_at"
    | "metadata"
    | "client_reference_id"
    | "url"
    | "success_url"
    | "cancel_url"
  >
  & {
    mode: "subscription" | "payment"
    status: "open" | "complete" | "expired"
    payment_status: "paid" | "unpaid"
    customer: string
    subscription: string | null
    payment_intent: string | null
    amount_total: number
    currency: string
  }

export interface Item {
  readonly id: string
  readonly object: "subscription_item"
  price: Price
  quantity: number
  current_period_start: number
  current_period_end: number
}

export interface PendingUpdate {
  readonly billing_cycle_anchor: number | null
  readonly expires_at: number
  readonly subscription_items: ReadonlyArray<{ readonly id: string; readonly price: Price }>
}

export type Subscription =
  & Pick<
    Stripe.Subscription,
    | "id"
    | "object"
    | "created"
    | "metadata"
    | "billing_cycle_anchor"
    | "cancel_at"
    | "cancel_at_period_end"
    | "canceled_at"
    | "ended_at"
  >
  & {
    status: "incomplete" | "incomplete_expired" | "trialing" | "active" | "past_due" | "unpaid" | "canceled"
    customer: string
    billing_mode: { type: "flexible" }
    cancellation_details: {
      reason: "cancellation_requested" | "payment_failed" | null
      comment: string | null
      feedback: null
    }
    default_payment_method: string | null
    items: { object: "list"; data: Array<Item>; has_more: false; url: string }
    latest_invoice: string | null
    pending_update: PendingUpdate | null
    schedule: string | null
  }

export interface Phase {
  start_date: number
  end_date: number
  billing_cycle_anchor: "automatic" | "phase_start" | null
  default_payment_method: string | null
  proration_behavior: Prorating
  items: ReadonlyArray<{ readonly price: string; readonly quantity: number }>
}

export type Prorating = "always_invoice" | "create_prorations" | "none"

export interface Schedule {
  readonly id: string
  readonly object: "subscription_schedule"
  readonly created: number
  readonly customer: string
  status: "active" | "released" | "canceled"
  end_behavior: "release"
  default_settings: { default_payment_method: string | null }
  subscription: string | null
  released_subscription: string | null
  phases: Array<Phase>
}

export interface Line {
  readonly id: string
  readonly object: "line_item"
  readonly amount: number
  readonly currency: string
  readonly description: string
  readonly period: { readonly start: number; readonly end: number }
  readonly parent: {
    readonly type: "subscription_item_details"
    readonly subscription_item_details: { readonly proration: boolean; readonly subscription: string }
  }
  readonly pricing: { readonly price_details: { readonly price: string } }
}

export type Invoice =
  & Pick<
    Stripe.Invoice,
    | "id"
    | "object"
    | "created"
    | "currency"
    | "amount_due"
    | "amount_paid"
    | "total"
    | "attempt_count"
    | "auto_advance"
    | "starting_balance"
    | "ending_balance"
  >
  & {
    customer: string
    status: "draft" | "open" | "paid" | "void"
    billing_reason: "subscription_create" | "subscription_cycle" | "subscription_update"
    hosted_invoice_url: string | null
    next_payment_attempt: number | null
    status_transitions: {
      finalized_at: number | null
      paid_at: number | null
      voided_at: number | null
      marked_uncollectible_at: null
    }
    lines: { object: "list"; data: ReadonlyArray<Line>; has_more: false; url: string }
    parent: {
      type: "subscription_details"
      quote_details: null
      subscription_details: { metadata: Record<string, string>; subscription: string }
    }
  }

export interface InvoicePayment {
  readonly id: string
  readonly object: "invoice_payment"
  readonly invoice: string
  readonly amount_paid: number
  readonly status: "paid"
  readonly payment: { readonly type: "payment_intent"; readonly payment_intent: string }
}

export type PaymentIntent =
  & Pick<Stripe.PaymentIntent, "id" | "object" | "created" | "amount" | "amount_received" | "currency" | "metadata">
  & { status: "succeeded"; customer: string; latest_charge: string; payment_method: string }

export type Charge =
  & Pick<
    Stripe.Charge,
    | "id"
    | "object"
    | "created"
    | "amount"
    | "amount_refunded"
    | "currency"
    | "disputed"
    | "refunded"
    | "receipt_url"
    | "metadata"
  >
  & { payment_intent: string; customer: string; status: "succeeded"; payment_method: string }

export type Refund =
  & Pick<Stripe.Refund, "id" | "object" | "created" | "amount" | "currency">
  & {
    payment_intent: string
    charge: string
    metadata: Record<string, string>
    status: "pending" | "succeeded" | "failed"
  }

export type Dispute =
  & Pick<Stripe.Dispute, "id" | "object" | "created" | "amount" | "currency" | "metadata">
  & { payment_intent: string; charge: string; status: "needs_response" | "under_review" | "won" | "lost" }

export interface Portal {
  readonly id: string
  readonly object: "billing_portal.session"
  readonly customer: string
  readonly return_url: string
  readonly url: string
}

export interface Configuration {
  readonly id: string
  readonly object: "billing_portal.configuration"
  readonly active: true
  metadata: Record<string, string>
  features: Readonly<Record<string, unknown>>
}

export interface Event {
  readonly id: string
  readonly object: "event"
  readonly api_version: string
  readonly created: number
  readonly livemode: false
  readonly type: string
  readonly data: { readonly object: unknown }
}
