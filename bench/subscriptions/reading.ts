/**
 * How long a user's own subscription takes to read, among few users and among many.
 */
import { SubscriptionRepository } from "@dchat/domain/subscription"
import { Effect } from "effect"
import { quantile } from "../load/calls/Tally.ts"
import { idOfUser } from "./accounts.ts"
import { timed } from "./timed.ts"

const mostReadings = 2000

/** Milliseconds of one reading: the median of many. */
export const reading = Effect.fnUntraced(function*(rows: number) {
  const { load } = yield* SubscriptionRepository
  const times: Array<number> = []
  for (let index = 0; index < Math.min(rows, mostReadings); index += 1) {
    const { seconds } = yield* timed(load(idOfUser((index * 7919) % rows)))
    times.push(seconds * 1000)
  }
  return quantile(times, 0.5)
})
