/**
 * Reads what an update of a subscription, or a preview of one, asks of its plan, with Stripe's defaults
 * (https://docs.stripe.com/api/subscriptions/update).
 */
import type { Books } from "./Books.ts"
import type * as Documents from "./Documents.ts"
import { type Form, listAt, numberAt, textAt, type Value } from "./FormBody.ts"
import { invalid, unmodelled } from "./StripeRefusal.ts"
import { intervalOf, itemOf } from "./SubscriptionItem.ts"

export type Paying = "allow_incomplete" | "error_if_incomplete" | "pending_if_incomplete"

export interface AskedChange {
  readonly price: Documents.Price
  /** Whether periods are counted from now on. */
  readonly isAnchor: boolean
  readonly prorating: Documents.Prorating
  /** Seconds since 1970. */
  readonly prorationDate: number
  readonly paying: Paying
}

/** The greatest lead of a client's clock, in seconds. */
const tolerance = 60

const prorations: ReadonlyArray<Documents.Prorating> = ["always_invoice", "create_prorations", "none"]
const payings: ReadonlyArray<Paying> = ["allow_incomplete", "error_if_incomplete", "pending_if_incomplete"]

const oneOf = <Word extends string>(words: ReadonlyArray<Word>, form: Value, param: string, otherwise: Word): Word => {
  const word = textAt(form, param) ?? otherwise
  const found = words.find((it) => it === word)
  if (found === undefined) throw invalid(`The double has no ${param} of this name: ${word}`, param)
  return found
}

const priceIn = (books: Books, form: Value, subscription: Documents.Subscription): Documents.Price => {
  const [item, ...more] = listAt(form, "items")
  const id = textAt(item, "id")
  if (id === undefined) throw unmodelled("second item, which one without an id would become", "items[0][id]")
  if (id !== itemOf(subscription).id) throw invalid(`No such subscription item: '${id}'`, "items[0][id]")
  if (more.length > 0) throw unmodelled("second item", "items[1]")
  if ((numberAt(item, "quantity") ?? 1) !== 1) throw unmodelled("quantity", "items[0][quantity]")
  const price = textAt(item, "price")
  return price === undefined ? itemOf(subscription).price : books.prices.named(price, "items[0][price]")
}

const prorationDateIn = (books: Books, form: Value, subscription: Documents.Subscription): number => {
  const date = numberAt(form, "proration_date") ?? books.time
  const { current_period_end: end, current_period_start: start } = itemOf(subscription)
  if (!(date >= start && date <= end)) {
    throw invalid("Cannot specify a proration date outside of the current subscription period", "proration_date")
  }
  if (date > books.time + tolerance) throw invalid("The proration date is in the future", "proration_date")
  return date
}

/** `form`: where the parameters are, which a preview has under a name. None where it asks for no other plan. */
export const read = (
  books: Books,
  subscription: Documents.Subscription,
  form: Value | undefined
): AskedChange | undefined => {
  const told: Value = form ?? ({} satisfies Form)
  const isAnchor = (textAt(told, "billing_cycle_anchor", "type") ?? "unchanged") === "now"
  const prorating = oneOf(prorations, told, "proration_behavior", "create_prorations")
  const paying = oneOf(payings, told, "payment_behavior", "allow_incomplete")
  if (prorating === "none" && numberAt(told, "proration_date") !== undefined) {
    throw invalid("`proration_date` cannot be given where `proration_behavior` is `none`", "proration_date")
  }
  if (listAt(told, "items").length === 0) {
    if (isAnchor) throw unmodelled("change of the anchor alone", "billing_cycle_anchor")
    return undefined
  }
  const price = priceIn(books, told, subscription)
  if (!isAnchor && intervalOf(price) !== intervalOf(itemOf(subscription).price)) {
    throw unmodelled("change of the interval that keeps the anchor", "billing_cycle_anchor")
  }
  return { price, isAnchor, prorating, paying, prorationDate: prorationDateIn(books, told, subscription) }
}
