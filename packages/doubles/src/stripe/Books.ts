/**
 * The state of the simulated Stripe, and its clock.
 */
import type * as Documents from "./Documents.ts"
import { missing } from "./StripeRefusal.ts"

/** `disputed`: takes the money, which its holder then wants back. */
export type Card = "works" | "declined" | "disputed"

/** Objects of one kind, in the order in which they came. */
export class Shelf<A extends { readonly id: string }> {
  private readonly objects = new Map<string, A>()
  private readonly name: string

  constructor(name: string) {
    this.name = name
  }

  add(object: A): A {
    this.objects.set(object.id, object)
    return object
  }

  get(id: string): A {
    const object = this.objects.get(id)
    if (object === undefined) throw missing(this.name, id)
    return object
  }

  /** Finds the document that a parameter names. */
  named(id: string | undefined, param: string): A {
    const object = this.objects.get(id ?? "")
    if (object === undefined) throw missing(this.name, id ?? "", param)
    return object
  }

  find(id: string): A | undefined {
    return this.objects.get(id)
  }

  /** Oldest first. */
  get all(): ReadonlyArray<A> {
    return [...this.objects.values()]
  }

  /** Newest first, as Stripe lists them. */
  list(filter: (object: A) => boolean = () => true): ReadonlyArray<A> {
    return [...this.objects.values()].filter(filter).toReversed()
  }
}

export interface Charged {
  readonly amount: number
  readonly description: string
  readonly proration: boolean
  readonly price: string
  readonly period: { readonly start: number; readonly end: number }
}

export interface Change {
  readonly price: string
  readonly at: number
  /** Whether periods are counted from then on. */
  readonly isAnchor: boolean
}

export class Books {
  readonly customers = new Shelf<Documents.Customer>("customer")
  readonly products = new Shelf<Documents.Product>("product")
  readonly prices = new Shelf<Documents.Price>("price")
  readonly sessions = new Shelf<Documents.Session>("checkout.session")
  readonly subscriptions = new Shelf<Documents.Subscription>("subscription")
  readonly schedules = new Shelf<Documents.Schedule>("subscription_schedule")
  readonly invoices = new Shelf<Documents.Invoice>("invoice")
  readonly invoicePayments = new Shelf<Documents.InvoicePayment>("invoice_payment")
  readonly paymentIntents = new Shelf<Documents.PaymentIntent>("payment_intent")
  readonly charges = new Shelf<Documents.Charge>("charge")
  readonly refunds = new Shelf<Documents.Refund>("refund")
  readonly disputes = new Shelf<Documents.Dispute>("dispute")
  readonly portals = new Shelf<Documents.Portal>("billing_portal.session")
  readonly configurations = new Shelf<Documents.Configuration>("billing_portal.configuration")
  readonly events = new Shelf<Documents.Event>("event")
  readonly methods = new Shelf<Documents.PaymentMethod>("payment_method")
  /** The outcome of a payment by each payment method. */
  readonly cards = new Map<string, Card>()
  /** By session: the metadata of its subscription or payment. */
  readonly handedOn = new Map<string, Record<string, string>>()
  /** By invoice for which a pending update waits (always the latest): the change after its payment. */
  readonly changes = new Map<string, Change>()
  /** By subscription: the prorations of its next invoice. */
  readonly prorations = new Map<string, ReadonlyArray<Charged>>()
  /** The outcome of refunds from now on. */
  refundOutcome: Documents.Refund["status"] = "succeeded"
  /** The state of a subscription whose invoice stays unpaid after every attempt. */
  afterRetries: "canceled" | "unpaid" | "past_due" = "canceled"
  /** How long the invoice of a renewal is a draft, in seconds; about an hour at Stripe. */
  draftSeconds = 0
  /** Seconds since 1970. */
  time: number
  /** Where its pages are. */
  origin = ""
  count = 0
  /** Puts the clock forward to a time, in seconds. */
  advance: (until: number) => void = () => {}
  private readonly onEvent: (event: Documents.Event) => void

  constructor(time: number, onEvent: (event: Documents.Event) => void) {
    this.time = time
    this.onEvent = onEvent
  }

  newId(prefix: string): string {
    this.count += 1
    return `${prefix}_${this.count.toString().padStart(8, "0")}dbl`
  }

  /** Tells of an object as it is now. */
  tell(type: string, object: unknown): void {
    const event: Documents.Event = {
      id: this.newId("evt"),
      object: "event",
      api_version: "2026-10-28.endive",
      created: this.time,
      livemode: false,
      type,
      data: { object: structuredClone(object) }
    }
    this.events.add(event)
    this.onEvent(event)
  }
}
