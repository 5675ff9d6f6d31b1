/**
 * Reads the state of a purchase from Stripe: its checkout, its subscription with the schedule, its invoices, refunds
 * and disputes.
 */
import { BillingCustomers } from "@dchat/domain/billing"
import type { UserId } from "@dchat/domain/identity"
import {
  ExternalId,
  type Membership,
  type Payment,
  PaymentId,
  type PlanTerms,
  type ProviderPayment,
  type ProviderSnapshot,
  ProviderStatus,
  type ProviderSubscription,
  type Subscription
} from "@dchat/domain/subscription"
import { DateTime, Effect, Option, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Stripe } from "stripe"
import { fromStripe } from "./StripeAmounts.ts"
import { ask, decoded } from "./StripeFailure.ts"
import { purchaseIn, unpaidComment } from "./StripeMetadata.ts"
import { creditIn, makeMoney, timeOf } from "./StripeMoney.ts"
import {
  endOf,
  idOf,
  type StripeCheckout,
  StripeCheckout as Checkout,
  StripeCheckouts,
  type StripeInvoice,
  StripeInvoices,
  type StripeSchedule,
  StripeSubscription
} from "./StripeObjects.ts"
import { type Prices, termsOfPrice } from "./StripePrices.ts"

/** The time within which a payment may still be reversed, in days. */
const disputeDays = 180

/** The number of concurrent requests for one purchase. */
const concurrency = 4

const decodeStatus = Schema.decodeUnknownOption(ProviderStatus)

export const makeObservation = Effect.fnUntraced(function*(stripe: Stripe, prices: Prices) {
  const customers = yield* BillingCustomers
  const random = yield* SecureRandom.SecureRandom
  const money = makeMoney(stripe)

  const newId = Effect.map(random.uuidV7(), (id) => PaymentId.make(id))

  const checkoutOf = Effect.fnUntraced(
    function*(userId: UserId, { id }: { readonly id: string }, payments: ReadonlyArray<Payment>) {
      const sessionId = payments.flatMap(({ checkout }) => checkout?.sessionId ?? [])[0]
      const known = sessionId === undefined
        ? undefined
        : yield* Effect.flatMap(ask(() => stripe.checkout.sessions.retrieve(sessionId)), decoded(Checkout))
      if (known?.status === "complete") return known
      // The checkout may have been opened although the answer was lost. Then another checkout may be the paid one.
      const customer = yield* customers.find(userId)
      if (Option.isNone(customer)) return known
      const { data } = yield* Effect.flatMap(
        ask(() => stripe.checkout.sessions.list({ customer: customer.value, limit: 100 })),
        decoded(StripeCheckouts)
      )
      const own = data.filter(({ metadata }) => Option.exists(purchaseIn(metadata), (purchase) => purchase === id))
      return own.find(({ status }) => status === "complete") ?? known ?? own[0]
    }
  )

  /** The invoices not known to be paid, and the paid ones. Newest first; the oldest were recorded long ago. */
  const invoicesOf = (
    subscription: string,
    known: ReadonlySet<string>,
    after?: string
  ): Effect.Effect<ReadonlyArray<StripeInvoice>, Effect.Error<ReturnType<typeof ask>>> =>
    Effect.gen(function*() {
      const { data, has_more } = yield* Effect.flatMap(
        ask(() =>
          stripe.invoices.list({
            subscription,
            limit: 100,
            expand: ["data.payments"],
            ...(after !== undefined && { starting_after: after })
          })
        ),
        decoded(StripeInvoices)
      )
      const last = data.at(-1)
      const isKnown = data.every(({ id }) => known.has(id))
      if (!has_more || last === undefined || isKnown) return data
      return [...data, ...(yield* invoicesOf(subscription, known, last.id))]
    })

  const paymentOf = Effect.fnUntraced(function*(
    invoice: StripeInvoice,
    payments: ReadonlyArray<Payment>,
    awaited: PaymentId | undefined,
    observedAt: DateTime.Utc
  ) {
    if (invoice.status !== "paid") return []
    const known = payments.find(({ externalId }) => externalId === invoice.id)
    const since = DateTime.subtract(observedAt, { days: disputeDays })
    const isOld = ({ paidAt }: Payment) => paidAt !== undefined && DateTime.isLessThan(paidAt, since)
    // A refund of a later payment may also return money of this payment that counted against the later one.
    const isFinal = known !== undefined && isOld(known) &&
      payments.every((it) => it.counted === undefined || isOld(it)) &&
      known.refunds.every(({ state }) => state !== "pending") && known.disputes.every(({ state }) => state !== "open")
    const isAwaited = known !== undefined && known.id === awaited
    return isFinal && !isAwaited ? [] : [yield* money.ofInvoice(invoice, yield* newId, known, isAwaited)]
  })

  const scheduledOf = Effect.fnUntraced(function*(
    schedule: string | StripeSchedule | null,
    periodEnd: number
  ) {
    if (schedule === null || typeof schedule === "string" || schedule.status !== "active") return {}
    const next = schedule.phases.find(({ start_date }) => start_date >= periodEnd)
    const [item] = next?.items ?? []
    if (next === undefined || item === undefined) return {}
    const terms = termsOfPrice(yield* prices.priceById(idOf(item.price)))
    return { scheduled: { ...known(terms), at: timeOf(next.start_date) } }
  })

  const subscriptionOf = Effect.fnUntraced(function*(
    told: StripeSubscription,
    invoices: ReadonlyArray<StripeInvoice>
  ) {
    const [item] = told.items.data
    if (item === undefined) return {}
    const { ended_at, pending_update } = told
    const endsAt = endOf(told)
    const status = Option.getOrElse(decodeStatus(told.status), () => "unknown" as const)
    if (status === "unknown") yield* Effect.logWarning(`Stripe returned an unknown status: ${told.status}`)
    const open = invoices.find((invoice) => invoice.status === "open")
    const updated = pending_update?.subscription_items?.[0]
    const next = updated && (yield* prices.priceById(idOf(updated.price)))
    const subscription: ProviderSubscription = {
      externalId: ExternalId.make(told.id),
      status,
      ...known(termsOfPrice(item.price)),
      anchor: timeOf(told.billing_cycle_anchor),
      periodStart: timeOf(item.current_period_start),
      periodEnd: timeOf(item.current_period_end),
      ...(endsAt !== undefined && { endsAt: timeOf(endsAt) }),
      ...(ended_at !== null && { endedAt: timeOf(ended_at) }),
      endedUnpaid: told.cancellation_details?.reason === "payment_failed" ||
        told.cancellation_details?.comment === unpaidComment,
      ...(pending_update !== null && {
        pendingUpdate: {
          ...(next && known(termsOfPrice(next))),
          expiresAt: timeOf(pending_update.expires_at)
        }
      }),
      ...(yield* scheduledOf(told.schedule, item.current_period_end)),
      ...creditOf(told.customer, item.price.currency),
      ...(open && {
        openInvoice: {
          externalId: ExternalId.make(open.id),
          ...(open.hosted_invoice_url && { url: open.hosted_invoice_url })
        }
      })
    }
    return { subscription }
  })

  const ofSubscription = Effect.fnUntraced(function*(
    externalId: string | undefined,
    payments: ReadonlyArray<Payment>,
    awaited: PaymentId | undefined,
    observedAt: DateTime.Utc
  ) {
    if (externalId === undefined) return { payments: [] }
    const told = yield* Effect.flatMap(
      ask(() => stripe.subscriptions.retrieve(externalId, { expand: ["schedule", "customer"] })),
      decoded(StripeSubscription)
    )
    const ids = new Set(payments.flatMap((payment) => payment.externalId ?? []))
    const invoices = yield* invoicesOf(externalId, ids)
    const paid = yield* Effect.forEach(invoices, (it) => paymentOf(it, payments, awaited, observedAt), { concurrency })
    return { ...(yield* subscriptionOf(told, invoices)), payments: paid.flat() }
  })

  const ofMembership = Effect.fnUntraced(function*(
    intent: string | undefined,
    payments: ReadonlyArray<Payment>,
    awaited: PaymentId | undefined
  ) {
    if (intent === undefined) return { payments: [] as ReadonlyArray<ProviderPayment> }
    const known = payments.find(({ externalId }) => externalId === intent)
    return { payments: yield* money.lifetime(intent, yield* newId, known, known !== undefined && known.id === awaited) }
  })

  return Effect.fn("Stripe.observe")(function*(
    userId: UserId,
    purchase: Subscription | Membership,
    payments: ReadonlyArray<Payment>,
    observedAt: DateTime.Utc
  ) {
    const paidBy = payments.find(({ externalId }) => externalId !== undefined)?.paymentIntent
    const begun = "biller" in purchase ? purchase.externalId : paidBy
    const session = begun === undefined ? yield* checkoutOf(userId, purchase, payments) : undefined
    const checkout = session === undefined ? neverOpened(purchase, observedAt) : stateOf(session)
    const rest = "biller" in purchase
      ? yield* ofSubscription(
        begun ?? reference(session?.subscription),
        payments,
        purchase.refund?.paymentId,
        observedAt
      )
      : yield* ofMembership(begun ?? reference(session?.payment_intent), payments, purchase.refund?.paymentId)
    const snapshot: ProviderSnapshot = {
      purchaseId: purchase.id,
      observedAt,
      ...(purchase.state === "pending" && checkout && { checkout }),
      ...rest
    }
    return snapshot
  })
})

const creditOf = (customer: StripeSubscription["customer"], ofPrice: string): Pick<ProviderSubscription, "credit"> => {
  const { balance = 0, currency } = typeof customer === "string" ? {} : customer
  const credit = creditIn(balance)
  return credit === 0 ? {} : { credit: fromStripe(credit, currency ?? ofPrice) }
}

/** By its id, where it is there. */
const reference = (it: StripeCheckout["subscription"] | undefined) =>
  it === null || it === undefined ? undefined : idOf(it)

const known = (terms: Option.Option<PlanTerms>) => Option.isSome(terms) ? { terms: terms.value } : {}

const stateOf = ({ id, status }: StripeCheckout): ProviderSnapshot["checkout"] => ({
  sessionId: ExternalId.make(id),
  state: status === "complete" || status === "expired" ? status : "open"
})

/** A checkout that was never opened cannot be paid. Once its time is over, it has expired like an unpaid one. */
const neverOpened = (
  { id, lapsesAt, state }: Subscription | Membership,
  at: DateTime.Utc
): ProviderSnapshot["checkout"] =>
  state === "pending" && !DateTime.isLessThan(at, lapsesAt)
    ? { sessionId: ExternalId.make(id), state: "expired" }
    : undefined
