/**
 * The only item of a simulated subscription.
 */
import type { Interval } from "./Calendar.ts"
import type * as Documents from "./Documents.ts"

export const intervalOf = ({ recurring }: Documents.Price): Interval => recurring?.interval ?? "month"

export const itemOf = ({ items: { data: [item] } }: Documents.Subscription): Documents.Item => {
  if (item === undefined) throw new Error("a subscription without an item")
  return item
}
