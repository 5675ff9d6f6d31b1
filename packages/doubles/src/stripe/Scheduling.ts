/**
 * Schedules of subscriptions: the phase that runs, and what comes after it
 * (https://docs.stripe.com/billing/subscriptions/subscription-schedules).
 */
import type { Books } from "./Books.ts"
import { isTurn } from "./Calendar.ts"
import type * as Documents from "./Documents.ts"
import { type Form, listAt, textAt } from "./FormBody.ts"
import { phasesIn } from "./SchedulePhases.ts"
import { invalid, unmodelled } from "./StripeRefusal.ts"
import { intervalOf, itemOf } from "./SubscriptionItem.ts"

/** The one that holds a subscription. */
export const scheduleOf = (books: Books, { schedule }: Documents.Subscription): Documents.Schedule | undefined =>
  schedule === null ? undefined : books.schedules.get(schedule)

const subscriptionOf = (books: Books, { status, subscription }: Documents.Schedule): Documents.Subscription => {
  if (status !== "active") throw invalid(`You cannot do this to a subscription schedule that is ${status}`)
  return books.subscriptions.get(subscription ?? "")
}

export const create = (books: Books, from: string | undefined): Documents.Schedule => {
  const subscription = books.subscriptions.named(from, "from_subscription")
  if (subscription.status === "canceled") throw invalid("The subscription is canceled", "from_subscription")
  if (subscription.schedule !== null) throw invalid("The subscription has a schedule already", "from_subscription")
  const { current_period_end, current_period_start, price } = itemOf(subscription)
  const made = books.schedules.add({
    id: books.newId("sub_sched"),
    object: "subscription_schedule",
    created: books.time,
    customer: subscription.customer,
    status: "active",
    end_behavior: "release",
    default_settings: { default_payment_method: null },
    subscription: subscription.id,
    released_subscription: null,
    phases: [{
      start_date: current_period_start,
      end_date: current_period_end,
      billing_cycle_anchor: null,
      default_payment_method: subscription.default_payment_method,
      proration_behavior: "create_prorations",
      items: [{ price: price.id, quantity: 1 }]
    }]
  })
  subscription.schedule = made.id
  books.tell("subscription_schedule.created", made)
  return made
}

/** The double knows changes that come with the next period, and no others. */
const assertModelled = (
  books: Books,
  subscription: Documents.Subscription,
  [current, next, ...more]: ReadonlyArray<Documents.Phase>
): void => {
  const { current_period_end, price } = itemOf(subscription)
  if (current?.items[0]?.price !== price.id) throw unmodelled("change of the phase that runs", "phases[0][items]")
  if (more.length > 0) throw unmodelled("phase after the next one", "phases")
  if (next === undefined) return
  if (next.start_date !== current_period_end) throw unmodelled("phase that begins within a period", "phases")
  const interval = intervalOf(books.prices.named(next.items[0]?.price, "phases[1][items][0][price]"))
  const keepsTurn = next.billing_cycle_anchor === "phase_start" ||
    isTurn(subscription.billing_cycle_anchor, interval, next.start_date)
  if (!keepsTurn && next.proration_behavior !== "none") {
    throw unmodelled("proration between two phases", "phases[1][proration_behavior]")
  }
}

export const update = (books: Books, id: string, form: Form): Documents.Schedule => {
  const schedule = books.schedules.get(id)
  const subscription = subscriptionOf(books, schedule)
  const ending = textAt(form, "end_behavior") ?? "release"
  if (ending !== "release") throw unmodelled("other end of a schedule", "end_behavior")
  const { default_settings } = schedule
  const method = textAt(form, "default_settings", "default_payment_method")
  const card = method === undefined
    ? default_settings.default_payment_method
    : books.methods.named(method, "default_settings[default_payment_method]").id
  if (listAt(form, "phases").length > 0) {
    const current = schedule.phases.findLast(({ start_date }) => start_date <= books.time)
    const phases = phasesIn(books, form, current?.start_date ?? 0)
    assertModelled(books, subscription, phases)
    schedule.phases = phases
  }
  default_settings.default_payment_method = card
  const before = subscription.default_payment_method
  subscription.default_payment_method = schedule.phases.findLast(({ start_date }) => start_date <= books.time)
    ?.default_payment_method ?? card
  books.tell("subscription_schedule.updated", schedule)
  if (subscription.default_payment_method !== before) books.tell("customer.subscription.updated", subscription)
  return schedule
}

export const release = (books: Books, schedule: Documents.Schedule): void => {
  const subscription = subscriptionOf(books, schedule)
  schedule.status = "released"
  schedule.released_subscription = subscription.id
  schedule.subscription = null
  subscription.schedule = null
  books.tell("subscription_schedule.released", schedule)
  books.tell("customer.subscription.updated", subscription)
}

/** Goes on with what begins at a time, if something does. No anchor moves by itself, whatever the interval. */
export const enter = (books: Books, subscription: Documents.Subscription, time: number): void => {
  const schedule = scheduleOf(books, subscription)
  const phase = schedule?.phases.find(({ start_date }) => start_date === time)
  const price = phase?.items[0]?.price
  if (schedule === undefined || phase === undefined || price === undefined) return
  itemOf(subscription).price = books.prices.get(price)
  if (phase.billing_cycle_anchor === "phase_start") subscription.billing_cycle_anchor = time
  subscription.default_payment_method = phase.default_payment_method ?? schedule.default_settings.default_payment_method
}
