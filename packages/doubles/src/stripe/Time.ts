/**
 * Applies the deadlines that pass when time moves on, in the order in which they are due.
 */
import type { Books } from "./Books.ts"
import { collect } from "./Charging.ts"
import type * as Documents from "./Documents.ts"
import { release, scheduleOf } from "./Scheduling.ts"
import { bill, end, finalizesAt, paid, renew } from "./Subscribing.ts"
import { itemOf } from "./SubscriptionItem.ts"
import { subscriptionIn } from "./SubscriptionStatus.ts"
import { dropPending } from "./Voiding.ts"

const day = 24 * 3600

/** After the first attempt, in seconds. */
const retries = [3 * day, 5 * day, 7 * day]

interface Due {
  readonly at: number
  readonly happen: () => void
}

/** Brings the books up to a time, in seconds. */
export const pass = (books: Books, until: number): void => {
  for (let next = firstDue(books); next !== undefined && next.at <= until; next = firstDue(books)) {
    books.time = Math.max(books.time, next.at)
    next.happen()
  }
  books.time = Math.max(books.time, until)
}

const firstDue = (books: Books): Due | undefined =>
  dues(books).reduce<Due | undefined>((first, due) => first === undefined || due.at < first.at ? due : first, undefined)

const dues = (books: Books): ReadonlyArray<Due> => [
  ...books.sessions.list(({ status }) => status === "open").map((session) => ({
    at: session.expires_at,
    happen: () => {
      session.status = "expired"
      session.url = null
      books.tell("checkout.session.expired", session)
    }
  })),
  ...books.subscriptions.list(({ status }) => status === "active" || status === "past_due").flatMap((it) =>
    subscriptionDues(books, it)
  ),
  ...books.invoices.list(({ auto_advance, status }) => status === "draft" && auto_advance === true).map((invoice) => ({
    at: finalizesAt(books, invoice),
    happen: () => bill(books, invoice)
  })),
  ...books.invoices.list(({ next_payment_attempt, status }) => status === "open" && next_payment_attempt !== null).map(
    (invoice) => ({
      at: invoice.next_payment_attempt ?? 0,
      happen: () => retry(books, invoice.id)
    })
  )
]

/** If two deadlines have the same time, the deadline that was created first is applied first. */
const subscriptionDues = (books: Books, subscription: Documents.Subscription): ReadonlyArray<Due> => {
  const { cancel_at, cancel_at_period_end, pending_update } = subscription
  const periodEnd = itemOf(subscription).current_period_end
  const endsAt = cancel_at_period_end ? periodEnd : cancel_at
  const schedule = scheduleOf(books, subscription)
  const found: Array<Due> = []
  if (pending_update !== null) {
    found.push({ at: pending_update.expires_at, happen: () => dropPending(books, subscription) })
  }
  if (schedule?.status === "active") {
    found.push({ at: schedule.phases.at(-1)?.end_date ?? 0, happen: () => release(books, schedule) })
  }
  // A subscription that ends with the period is not renewed.
  if (endsAt !== null) {
    found.push({ at: endsAt, happen: () => end(books, subscription, "cancellation_requested") })
  }
  return [...found, { at: periodEnd, happen: () => renew(books, subscription) }]
}

const retry = (books: Books, id: string): void => {
  const invoice = books.invoices.get(id)
  const subscription = books.subscriptions.get(subscriptionIn(invoice))
  invoice.next_payment_attempt = null
  if (collect(books, invoice)) return paid(books, invoice)
  const wait = retries[invoice.attempt_count - 1]
  if (wait !== undefined) invoice.next_payment_attempt = (invoice.status_transitions.finalized_at ?? 0) + wait
  else if (books.afterRetries === "canceled") end(books, subscription, "payment_failed")
  else {
    subscription.status = books.afterRetries
    books.tell("customer.subscription.updated", subscription)
  }
}
