/**
 * Changes of plan at Stripe: up at once, as an update that waits for its invoice; down with the next period, by a
 * schedule; and letting go of either (https://docs.stripe.com/billing/subscriptions/pending-updates,
 * https://docs.stripe.com/billing/subscriptions/subscription-schedules).
 */
import { ProviderRefused, ProviderUnavailable } from "@dchat/domain/billing"
import type { BillingIntent, ExternalId } from "@dchat/domain/subscription"
import { DateTime, Effect } from "effect"
import type { Stripe } from "stripe"
import { call, callAsOf, decoded } from "./StripeFailure.ts"
import { periodKey } from "./StripeMetadata.ts"
import { endOf, idOf, isOver, type StripePhase, StripeSchedule, StripeSubscription } from "./StripeObjects.ts"

type Intent<Tag extends BillingIntent["_tag"]> = Extract<BillingIntent, { readonly _tag: Tag }>

/**
 * Stripe counts the rest of a period only as of a time within it; whose clock is a little off, or who took a while to
 * decide, means the nearest one. Seconds since 1970.
 */
export const prorationDateOf = (
  { items: { data: [item] } }: StripeSubscription,
  wanted: DateTime.Utc,
  now: DateTime.Utc
): number => {
  const { current_period_end: end = Infinity, current_period_start: start = 0 } = item ?? {}
  const [asked, latest] = [wanted, now].map((time) => Math.floor(time.epochMilliseconds / 1000)) as [number, number]
  return Math.max(start, Math.min(asked, latest, end))
}

export const makeChanges = (stripe: Stripe) => {
  const subscription = (id: ExternalId, params: Stripe.SubscriptionRetrieveParams = {}) =>
    Effect.flatMap(call(() => stripe.subscriptions.retrieve(id, params)), decoded(StripeSubscription))

  /** While a schedule holds a subscription, nothing else may change or end it. */
  const releaseSchedule = ({ schedule }: StripeSubscription) =>
    schedule === null ? Effect.void : Effect.asVoid(call(() => stripe.subscriptionSchedules.release(idOf(schedule))))

  /**
   * A subscription that ends at Stripe is not changed any more. The user ended it at Stripe, and may undo that there.
   */
  const changeable = Effect.fnUntraced(function*(current: StripeSubscription) {
    const [item] = current.items.data
    if (item === undefined || isOver(current)) return yield* new ProviderRefused({ detail: "nothing to change" })
    if (endOf(current) !== undefined) return yield* new ProviderRefused({ detail: "it ends at Stripe" })
    return item
  })

  const up = Effect.fnUntraced(function*(
    { externalId, promised, prorationDate }: Intent<"ChangeUp">,
    price: string,
    options: Stripe.RequestOptions
  ) {
    const current = yield* subscription(externalId)
    const waiting = (current.pending_update?.subscription_items ?? []).map((it) => idOf(it.price))
    if ([...current.items.data.map((it) => it.price.id), ...waiting].includes(price)) return
    const item = yield* changeable(current)
    const isOfAnotherPeriod = Math.floor(prorationDate.epochMilliseconds / 1000) < item.current_period_start
    if (promised === true && isOfAnotherPeriod) {
      return yield* new ProviderRefused({ detail: "what it was said to cost is of a period that is over" })
    }
    yield* releaseSchedule(current)
    const now = yield* DateTime.now
    yield* callAsOf(() =>
      stripe.subscriptions.update(externalId, {
        items: [{ id: item.id, price }],
        billing_cycle_anchor: { type: "now" },
        proration_behavior: "always_invoice",
        proration_date: prorationDateOf(current, prorationDate, now),
        payment_behavior: "pending_if_incomplete"
      }, options)
    )
    // The period has ended since it was looked at. What Stripe finds wrong with a request it does not keep by its key.
  }, (effect) =>
    effect.pipe(
      Effect.retry({ while: ({ _tag }) => _tag === "StripeOutdated", times: 1 }),
      Effect.catchTag("StripeOutdated", () => new ProviderUnavailable({ detail: "the period has ended meanwhile" }))
    ))

  /** The schedule that holds a subscription, which may be the one of a change that has come about; or else a new one. */
  const scheduleOf = ({ id, schedule }: StripeSubscription) =>
    schedule !== null && typeof schedule !== "string" && schedule.status === "active"
      ? Effect.succeed(schedule)
      : Effect.flatMap(
        call(() => stripe.subscriptionSchedules.create({ from_subscription: id })),
        decoded(StripeSchedule)
      )

  /**
   * A checkout leaves its card with the subscription. A phase that named that card would be paid by it whatever card the
   * customer has by then, and what names none is paid by the customer's
   * (https://docs.stripe.com/api/subscription_schedules/update#update_subscription_schedule-phases-default_payment_method).
   * So the card becomes the customer's first, and then the subscription has none of its own.
   */
  const followCustomer = Effect.fnUntraced(
    function*({ customer, default_payment_method: card, id }: StripeSubscription) {
      if (!card) return
      yield* call(() =>
        stripe.customers.update(idOf(customer), { invoice_settings: { default_payment_method: idOf(card) } })
      )
      yield* call(() => stripe.subscriptions.update(id, { default_payment_method: "" }))
    }
  )

  /**
   * The schedule takes over what runs, and goes on with the other price; then it lets go. Again, it is the same. Periods
   * of another length are counted from the change: by itself no anchor moves, and nothing would be charged until the old
   * one comes round.
   */
  const down = Effect.fnUntraced(function*({ externalId, terms }: Intent<"ChangeDown">, price: string) {
    const current = yield* subscription(externalId, { expand: ["schedule"] })
    const item = yield* changeable(current)
    yield* followCustomer(current)
    const schedule = yield* scheduleOf(current)
    const phase = schedule.phases.findLast(({ start_date }) => start_date <= item.current_period_start)
    if (phase === undefined) return yield* new ProviderRefused({ detail: "the schedule has no phase" })
    const kept = keptBy(phase)
    const isSameInterval = item.price.metadata[periodKey] === terms.period
    yield* call(() =>
      stripe.subscriptionSchedules.update(schedule.id, {
        end_behavior: "release",
        proration_behavior: "none",
        phases: [
          {
            ...kept,
            items: [{ price: item.price.id, quantity: 1 }],
            start_date: phase.start_date,
            end_date: item.current_period_end,
            proration_behavior: "none"
          },
          {
            ...kept,
            items: [{ price, quantity: 1 }],
            ...(!isSameInterval && { billing_cycle_anchor: "phase_start" }),
            proration_behavior: "none",
            duration: { interval: "month", interval_count: 1 }
          }
        ]
      })
    )
  })

  /** A change that waits for its invoice is taken back with that invoice, and with no other that may be open. */
  const release = Effect.fnUntraced(function*({ externalId }: Intent<"ReleaseChange">) {
    const current = yield* subscription(externalId)
    if (isOver(current)) return
    yield* releaseSchedule(current)
    const { latest_invoice, pending_update } = current
    if (pending_update !== null && latest_invoice !== null) {
      yield* call(() => stripe.invoices.voidInvoice(idOf(latest_invoice)))
    }
  })

  return { up, down, release, releaseSchedule }
}

/** The settings that a phase keeps. Stripe removes every setting that an update of a phase leaves out. */
const keptBy = ({ automatic_tax, default_tax_rates, discounts = [] }: StripePhase) => ({
  ...(automatic_tax && { automatic_tax: { enabled: automatic_tax.enabled } }),
  ...(default_tax_rates && default_tax_rates.length > 0 && { default_tax_rates: default_tax_rates.map(idOf) }),
  ...(discounts.length > 0 && { discounts: discounts.flatMap(sameDiscount) })
})

type Discount = NonNullable<StripePhase["discounts"]>[number]

const sameDiscount = (
  { coupon, discount, promotion_code }: Discount
): ReadonlyArray<Stripe.SubscriptionScheduleUpdateParams.Phase.Discount> => {
  if (discount) return [{ discount: idOf(discount) }]
  if (promotion_code) return [{ promotion_code: idOf(promotion_code) }]
  return coupon ? [{ coupon: idOf(coupon) }] : []
}
