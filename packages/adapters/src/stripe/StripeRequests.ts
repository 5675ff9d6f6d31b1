/**
 * Tells Stripe what was decided. A request says the same whenever it is repeated: what it needs beside the intent is
 * written down before it is sent first, and its idempotency key is the delivery's.
 */
import { BillingCustomers, type Delivery, ProviderRefused } from "@dchat/domain/billing"
import { type BillingIntent, type Checkout, ExternalId } from "@dchat/domain/subscription"
import { DateTime, Effect, Option, Schema } from "effect"
import type { Stripe } from "stripe"
import { ask, call, decoded } from "./StripeFailure.ts"
import { deliveryKey, metadataOf, purchaseIn } from "./StripeMetadata.ts"
import {
  idOf,
  StripeCheckout,
  StripeCheckouts,
  StripeInvoices,
  StripeRefunds,
  StripeSchedule,
  StripeSubscription
} from "./StripeObjects.ts"
import type { Prices } from "./StripePrices.ts"

/** What a request carries that is not in the intent. */
const Prepared = Schema.Struct({
  /** Its idempotency key, where it is not the delivery's first. */
  key: Schema.optionalKey(Schema.String),
  customer: Schema.optionalKey(Schema.String),
  price: Schema.optionalKey(Schema.String),
  successUrl: Schema.optionalKey(Schema.String),
  cancelUrl: Schema.optionalKey(Schema.String)
})
type Prepared = typeof Prepared.Type

/** Stripe opens no checkout that would close sooner than this, in minutes. */
const shortestCheckout = 30

type Intent<Tag extends BillingIntent["_tag"]> = Extract<BillingIntent, { readonly _tag: Tag }>

const unixOf = (time: DateTime.Utc): number => Math.floor(time.epochMilliseconds / 1000)

const keyOf = ({ id }: Delivery, { key = `dchat:${id}` }: Prepared): { readonly idempotencyKey: string } => ({
  idempotencyKey: key
})

const isOver = ({ status }: StripeSubscription): boolean => status === "canceled" || status === "incomplete_expired"

/** `returnTo`: the page to which people come back from Stripe's. */
export const makeRequests = Effect.fnUntraced(function*(stripe: Stripe, prices: Prices, returnTo: URL) {
  const customers = yield* BillingCustomers

  const customerOf = Effect.fnUntraced(function*({ userId }: Delivery, attempt: number) {
    const known = yield* customers.find(userId)
    if (Option.isSome(known)) return known.value
    const created = yield* ask(() =>
      stripe.customers.create(
        { metadata: { dchat_user: userId } },
        { idempotencyKey: `dchat:customer:${userId}${attempt > 1 ? `:${attempt}` : ""}` }
      )
    )
    return yield* customers.keep(userId, ExternalId.make(created.id))
  })

  const back = (outcome: string): string => {
    const url = new URL(returnTo)
    url.searchParams.set("checkout", outcome)
    return url.toString()
  }

  const prepare = Effect.fn("Stripe.prepare")(function*(delivery: Delivery, attempt: number) {
    const { intent } = delivery
    const key = attempt > 1 ? { key: `dchat:${delivery.id}:${attempt}` } : {}
    const prepared: Prepared = intent._tag === "OpenCheckout"
      ? {
        ...key,
        customer: yield* customerOf(delivery, attempt),
        price: yield* prices.priceOf(intent.terms),
        successUrl: back("done"),
        cancelUrl: back("left")
      }
      : "terms" in intent
      ? { ...key, price: yield* prices.priceOf(intent.terms) }
      : key
    return prepared
  })

  const subscription = (id: ExternalId) =>
    Effect.flatMap(call(() => stripe.subscriptions.retrieve(id)), decoded(StripeSubscription))

  /** What failed on their side may have been done all the same. */
  const openedBefore = Effect.fnUntraced(function*({ purchaseId }: Delivery, customer: string | undefined) {
    if (customer === undefined) return undefined
    const { data } = yield* Effect.flatMap(
      ask(() => stripe.checkout.sessions.list({ customer, status: "open", limit: 100 })),
      decoded(StripeCheckouts)
    )
    return data.find(({ metadata }) => Option.exists(purchaseIn(metadata), (id) => id === purchaseId))
  })

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
    const session = opened ?? (yield* ask(() =>
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
      }, keyOf(delivery, prepared))
    ))
    const { expires_at, id, url } = yield* decoded(StripeCheckout)(session)
    if (url === null) return Option.none<Checkout>()
    const until = DateTime.makeUnsafe(expires_at * 1000)
    return Option.some<Checkout>({ sessionId: ExternalId.make(id), url, expiresAt: until })
  })

  /** While a schedule holds a subscription, nothing else may end it. */
  const release = ({ schedule }: StripeSubscription) =>
    schedule === null ? Effect.void : Effect.asVoid(call(() => stripe.subscriptionSchedules.release(idOf(schedule))))

  const update = (id: ExternalId, params: Stripe.SubscriptionUpdateParams, options?: Stripe.RequestOptions) =>
    call(() => stripe.subscriptions.update(id, params, options))

  const changeUp = Effect.fnUntraced(function*(
    delivery: Delivery,
    { externalId, prorationDate }: Intent<"ChangeUp">,
    prepared: Prepared
  ) {
    const { price = "" } = prepared
    const current = yield* subscription(externalId)
    const [item] = current.items.data
    if (item === undefined || isOver(current)) return yield* new ProviderRefused({ detail: "nothing to change" })
    const waiting = current.pending_update?.subscription_items ?? []
    if ([item, ...waiting].some((it) => it.price.id === price)) return
    yield* release(current)
    yield* update(externalId, {
      items: [{ id: item.id, price }],
      billing_cycle_anchor: { type: "now" },
      proration_behavior: "always_invoice",
      proration_date: unixOf(prorationDate),
      payment_behavior: "pending_if_incomplete"
    }, keyOf(delivery, prepared))
  })

  /** The schedule that holds a subscription, which may be the one of a change that has come about; or else a new one. */
  const scheduleOf = ({ id, schedule }: StripeSubscription) =>
    schedule !== null && typeof schedule !== "string" && schedule.status === "active"
      ? Effect.succeed(schedule)
      : Effect.flatMap(
        call(() => stripe.subscriptionSchedules.create({ from_subscription: id })),
        decoded(StripeSchedule)
      )

  /** The schedule takes over what runs, and goes on with the other price; then it lets go. Again, it is the same. */
  const changeDown = Effect.fnUntraced(function*(
    { externalId }: Intent<"ChangeDown">,
    { price = "" }: Prepared
  ) {
    const current = yield* Effect.flatMap(
      call(() => stripe.subscriptions.retrieve(externalId, { expand: ["schedule"] })),
      decoded(StripeSubscription)
    )
    const [item] = current.items.data
    if (item === undefined || isOver(current)) return yield* new ProviderRefused({ detail: "nothing to change" })
    const schedule = yield* scheduleOf(current)
    const phase = schedule.phases.findLast(({ start_date }) => start_date <= item.current_period_start)
    if (phase === undefined) return yield* new ProviderRefused({ detail: "the schedule has no phase" })
    yield* call(() =>
      stripe.subscriptionSchedules.update(schedule.id, {
        end_behavior: "release",
        proration_behavior: "none",
        phases: [
          {
            items: [{ price: item.price.id, quantity: 1 }],
            start_date: phase.start_date,
            end_date: item.current_period_end,
            proration_behavior: "none"
          },
          {
            items: [{ price, quantity: 1 }],
            proration_behavior: "none",
            duration: { interval: "month", interval_count: 1 }
          }
        ]
      })
    )
  })

  const voidOpenInvoices = Effect.fnUntraced(function*({ externalId }: Intent<"VoidOpenInvoice">) {
    const { data } = yield* Effect.flatMap(
      call(() => stripe.invoices.list({ subscription: externalId, status: "open", limit: 100 })),
      decoded(StripeInvoices)
    )
    yield* Effect.forEach(data, ({ id }) => call(() => stripe.invoices.voidInvoice(id)), { discard: true })
  })

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
    yield* call(() =>
      stripe.refunds.create({
        payment_intent: paymentIntent,
        amount: Number(amount.minorUnits),
        metadata: { [deliveryKey]: id }
      }, keyOf(delivery, prepared))
    )
  })

  const withSubscription = Effect.fnUntraced(function*(
    id: ExternalId,
    tell: (current: StripeSubscription) => ReturnType<typeof update> | undefined
  ) {
    const current = yield* subscription(id)
    if (isOver(current)) return
    const told = tell(current)
    if (told === undefined) return
    yield* release(current)
    yield* told
  })

  const tell = (delivery: Delivery, intent: Exclude<BillingIntent, Intent<"OpenCheckout">>, prepared: Prepared) => {
    switch (intent._tag) {
      case "CancelAtPeriodEnd":
        return withSubscription(intent.externalId, () => update(intent.externalId, { cancel_at_period_end: true }))
      case "CancelNow":
        return withSubscription(
          intent.externalId,
          ({ status }) =>
            intent.ifUnpaid === true && status === "active"
              ? undefined
              : call(() => stripe.subscriptions.cancel(intent.externalId, { invoice_now: false, prorate: false }))
        )
      case "UndoCancel":
        return withSubscription(intent.externalId, ({ cancel_at, cancel_at_period_end }) => {
          if (cancel_at_period_end) return update(intent.externalId, { cancel_at_period_end: false })
          return cancel_at === null ? undefined : update(intent.externalId, { cancel_at: "" })
        })
      case "ChangeUp":
        return changeUp(delivery, intent, prepared)
      case "ChangeDown":
        return changeDown(intent, prepared)
      case "ReleaseChange":
        return Effect.flatMap(subscription(intent.externalId), release)
      case "Refund":
        return refund(delivery, intent, prepared)
      case "VoidOpenInvoice":
        return voidOpenInvoices(intent)
    }
  }

  const send = Effect.fn("Stripe.send")(function*(delivery: Delivery, written: Schema.Json) {
    const prepared = yield* decoded(Prepared)(written)
    const { intent } = delivery
    if (intent._tag === "OpenCheckout") return yield* openCheckout(delivery, intent, prepared)
    yield* tell(delivery, intent, prepared).pipe(
      Effect.catchTag("StripeMissing", () => Effect.fail(new ProviderRefused({ detail: "resource_missing" })))
    )
    return Option.none<Checkout>()
  })

  return { prepare, send }
})
