/**
 * Sends decisions to Stripe. Every attempt sends the same request: the parameters are stored before the first attempt,
 * and the idempotency key is that of the delivery.
 */
import { BillingCustomers, type Delivery, ProviderRefused, ProviderUnavailable } from "@dchat/domain/billing"
import { type BillingIntent, type Checkout, ExternalId } from "@dchat/domain/subscription"
import { DateTime, Effect, Option, Schema } from "effect"
import type { Stripe } from "stripe"
import { toStripe } from "./StripeAmounts.ts"
import { makeChanges } from "./StripeChanges.ts"
import { ask, call, decoded, foundOf, type StripeFailure } from "./StripeFailure.ts"
import { deliveryKey, metadataOf, purchaseIn, unpaidComment } from "./StripeMetadata.ts"
import {
  isOver,
  StripeCheckout,
  StripeCheckouts,
  StripeInvoices,
  StripeRefunds,
  StripeSubscription
} from "./StripeObjects.ts"
import type { Prices } from "./StripePrices.ts"

/** The parameters of a request that are not in the intent. */
const Prepared = Schema.Struct({
  /** Its idempotency key, where it is not the delivery's first. */
  key: Schema.optionalKey(Schema.String),
  customer: Schema.optionalKey(Schema.String),
  price: Schema.optionalKey(Schema.String),
  successUrl: Schema.optionalKey(Schema.String),
  cancelUrl: Schema.optionalKey(Schema.String)
})
type Prepared = typeof Prepared.Type
const decodePrepared = Schema.decodeUnknownEffect(Prepared)

/** The stored parameters of a request cannot be read. */
const notPrepared = () => new ProviderUnavailable({ detail: "what was prepared cannot be read", isAnswered: true })

/** Stripe opens no checkout that would close sooner than this, in minutes. */
const shortestCheckout = 30

type Intent<Tag extends BillingIntent["_tag"]> = Extract<BillingIntent, { readonly _tag: Tag }>

const unixOf = (time: DateTime.Utc): number => Math.floor(time.epochMilliseconds / 1000)

const keyOf = ({ id }: Delivery, { key = `dchat:${id}` }: Prepared): { readonly idempotencyKey: string } => ({
  idempotencyKey: key
})

/** `returnTo`: the page to which users come back from Stripe's. */
export const makeRequests = Effect.fnUntraced(function*(stripe: Stripe, prices: Prices, returnTo: URL) {
  const customers = yield* BillingCustomers
  const changes = makeChanges(stripe)

  const subscription = (id: ExternalId) =>
    Effect.flatMap(call(() => stripe.subscriptions.retrieve(id)), decoded(StripeSubscription))

  const customerOf = Effect.fnUntraced(function*({ userId }: Delivery, thaws: number) {
    const known = yield* customers.find(userId)
    if (Option.isSome(known)) return known.value
    const created = yield* ask(() =>
      stripe.customers.create(
        { metadata: { dchat_user: userId } },
        { idempotencyKey: `dchat:customer:${userId}${thaws > 0 ? `:${thaws}` : ""}` }
      )
    )
    return yield* customers.keep(userId, ExternalId.make(created.id))
  })

  const back = (outcome: string): string => {
    const url = new URL(returnTo)
    url.searchParams.set("checkout", outcome)
    return url.toString()
  }

  const prepare = Effect.fn("Stripe.prepare")(function*(delivery: Delivery, thaws: number) {
    const { intent } = delivery
    const key = thaws > 0 ? { key: `dchat:${delivery.id}:${thaws}` } : {}
    const prepared: Prepared = intent._tag === "OpenCheckout"
      ? {
        ...key,
        customer: yield* customerOf(delivery, thaws),
        price: yield* prices.priceOf(intent.terms),
        successUrl: back("done"),
        cancelUrl: back("left")
      }
      : "terms" in intent
      ? { ...key, price: yield* prices.priceOf(intent.terms) }
      : key
    return prepared
  })

  /** Finds a checkout that Stripe opened although its answer was a failure. */
  const openedBefore = Effect.fnUntraced(function*({ purchaseId }: Delivery, customer: string | undefined) {
    if (customer === undefined) return undefined
    const { data } = yield* Effect.flatMap(
      ask(() => stripe.checkout.sessions.list({ customer, status: "open", limit: 100 })),
      decoded(StripeCheckouts)
    )
    return data.find(({ metadata }) => Option.exists(purchaseIn(metadata), (id) => id === purchaseId))
  })

  /** A user who was deleted at Stripe becomes a new customer with the next try. */
  const opening = <A>({ userId }: Delivery, customer: string | undefined, run: () => Promise<A>) =>
    Effect.catchTag(call(run), "StripeMissing", ({ param }) =>
      Effect.gen(function*() {
        if (param !== "customer" || customer === undefined) {
          return yield* new ProviderRefused({ detail: `resource_missing ${param}` })
        }
        yield* customers.forget(userId, ExternalId.make(customer))
        return yield* new ProviderUnavailable({ detail: "the customer is not there any more", isAnswered: true })
      }))

  const openCheckout = Effect.fnUntraced(function*(
    delivery: Delivery,
    { expiresAt, mode }: Intent<"OpenCheckout">,
    prepared: Prepared
  ) {
    const { cancelUrl = back("left"), customer, price, successUrl = back("done") } = prepared
    const isTooLate = DateTime.isGreaterThan(
      DateTime.add(yield* DateTime.now, { minutes: shortestCheckout }),
      expiresAt
    )
    if (isTooLate) return yield* new ProviderRefused({ detail: "too late to open the checkout" })
    const metadata = metadataOf(delivery)
    const opened = prepared.key === undefined ? undefined : yield* openedBefore(delivery, customer)
    const session = opened ?? (yield* opening(delivery, customer, () =>
      stripe.checkout.sessions.create({
        ...(customer !== undefined && { customer }),
        client_reference_id: delivery.userId,
        allowed_payment_method_types: ["card"],
        metadata,
        line_items: [{ ...(price !== undefined && { price }), quantity: 1 }],
        success_url: successUrl,
        cancel_url: cancelUrl,
        expires_at: unixOf(expiresAt),
        ...(mode === "subscription"
          ? { mode: "subscription", subscription_data: { metadata, billing_mode: { type: "flexible" } } }
          : { mode: "payment", payment_intent_data: { metadata } })
      }, keyOf(delivery, prepared))))
    const { expires_at, id, url } = yield* decoded(StripeCheckout)(session)
    if (url === null) return Option.none<Checkout>()
    const until = DateTime.makeUnsafe(expires_at * 1000)
    return Option.some<Checkout>({ sessionId: ExternalId.make(id), url, expiresAt: until })
  })

  const update = (id: ExternalId, params: Stripe.SubscriptionUpdateParams, options?: Stripe.RequestOptions) =>
    call(() => stripe.subscriptions.update(id, params, options))

  const unpaidInvoices = (subscription: ExternalId, status: "open" | "uncollectible") =>
    Effect.flatMap(
      call(() => stripe.invoices.list({ subscription, status, limit: 100 })),
      decoded(StripeInvoices)
    )

  /** Only of what is over: what goes on would count as paid for by an invoice that is void. */
  const voidOpenInvoices = Effect.fnUntraced(function*({ externalId }: Intent<"VoidOpenInvoice">) {
    if (!isOver(yield* subscription(externalId))) return
    for (const status of ["open", "uncollectible"] as const) {
      const { data } = yield* unpaidInvoices(externalId, status)
      yield* Effect.forEach(data, ({ id }) => call(() => stripe.invoices.voidInvoice(id)), { discard: true })
    }
  })

  /** A connection that broke was tried again, and then there was nothing left to cancel. */
  const cancel = ({ externalId, ifUnpaid }: Intent<"CancelNow">) =>
    Effect.catchTag(
      Effect.asVoid(call(() =>
        stripe.subscriptions.cancel(externalId, {
          invoice_now: false,
          prorate: false,
          ...(ifUnpaid === true && { cancellation_details: { comment: unpaidComment } })
        })
      )),
      "StripeMissing",
      () => Effect.void
    )

  const refund = Effect.fnUntraced(function*(
    delivery: Delivery,
    { amount, paymentIntent }: Intent<"Refund">,
    prepared: Prepared
  ) {
    const { id } = delivery
    // Stripe forgets idempotency keys after a day; what it gave back it never forgets.
    const { data } = yield* Effect.flatMap(
      call(() => stripe.refunds.list({ payment_intent: paymentIntent, limit: 100 })),
      decoded(StripeRefunds)
    )
    if (data.some(({ metadata }) => metadata?.[deliveryKey] === id)) return
    const returned = yield* toStripe(amount)
    yield* call(() =>
      stripe.refunds.create({
        payment_intent: paymentIntent,
        amount: returned,
        metadata: { [deliveryKey]: id }
      }, keyOf(delivery, prepared))
    )
  })

  /** A checkout that is closed or paid already stays as it is: the next request asks for its state. */
  const closeCheckout = Effect.fnUntraced(function*(delivery: Delivery, { sessionId }: Intent<"CloseCheckout">) {
    const customer = Option.getOrUndefined(yield* customers.find(delivery.userId))
    const open = sessionId ?? (yield* openedBefore(delivery, customer))?.id
    if (open === undefined) return
    yield* Effect.catchTag(call(() => stripe.checkout.sessions.expire(open)), "ProviderRefused", () => Effect.void)
      .pipe(
        Effect.catchTag("StripeMissing", () => Effect.void)
      )
  })

  const withSubscription = Effect.fnUntraced(function*(
    id: ExternalId,
    tell: (current: StripeSubscription) => Effect.Effect<unknown, StripeFailure> | undefined
  ) {
    const current = yield* subscription(id)
    if (isOver(current)) return
    const told = tell(current)
    if (told === undefined) return
    yield* changes.releaseSchedule(current)
    yield* told
  })

  const tell = (delivery: Delivery, intent: Exclude<BillingIntent, Intent<"OpenCheckout">>, prepared: Prepared) => {
    switch (intent._tag) {
      case "CloseCheckout":
        return closeCheckout(delivery, intent)
      case "CancelAtPeriodEnd":
        return withSubscription(intent.externalId, () => update(intent.externalId, { cancel_at_period_end: true }))
      case "CancelNow":
        return withSubscription(
          intent.externalId,
          ({ status }) => intent.ifUnpaid === true && status === "active" ? undefined : cancel(intent)
        )
      case "UndoCancel":
        return withSubscription(intent.externalId, ({ cancel_at, cancel_at_period_end }) => {
          if (cancel_at_period_end) return update(intent.externalId, { cancel_at_period_end: false })
          return cancel_at === null ? undefined : update(intent.externalId, { cancel_at: "" })
        })
      case "ChangeUp":
        return changes.up(intent, prepared.price ?? "", keyOf(delivery, prepared))
      case "ChangeDown":
        return changes.down(intent, prepared.price ?? "")
      case "ReleaseChange":
        return changes.release(intent)
      case "Refund":
        return refund(delivery, intent, prepared)
      case "VoidOpenInvoice":
        return voidOpenInvoices(intent)
    }
  }

  const send = Effect.fn("Stripe.send")(function*(delivery: Delivery, written: Schema.Json) {
    // Another attempt writes it down anew, and looks first for what this one may have done.
    const prepared = yield* Effect.mapError(decodePrepared(written), notPrepared)
    const { intent } = delivery
    if (intent._tag === "OpenCheckout") return yield* openCheckout(delivery, intent, prepared)
    yield* foundOf(tell(delivery, intent, prepared))
    return Option.none<Checkout>()
  })

  return { prepare, send }
})
