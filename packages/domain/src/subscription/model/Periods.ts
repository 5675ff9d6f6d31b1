/**
 * Billing periods in UTC, each counted from the anchor, so that a short month shortens none of those after it.
 */
import { DateTime } from "effect"
import type { BillingPeriod } from "./PlanTerms.ts"

const months = { monthly: 1, yearly: 12 } as const

/** The end of the n-th period: the anchor's day of the month, or the last one of a month that is too short. */
export const periodEnd = (anchor: DateTime.Utc, period: BillingPeriod, n: number): DateTime.Utc => {
  const { day, hour, millisecond, minute, month, second, year } = DateTime.toPartsUtc(anchor)
  const target = month - 1 + n * months[period]
  const lastDay = new Date(Date.UTC(year, target + 1, 0)).getUTCDate()
  return DateTime.makeUnsafe(
    new Date(Date.UTC(year, target, Math.min(day, lastDay), hour, minute, second, millisecond))
  )
}

/** The end of the first period that ends after `paidThrough`. */
export const nextPeriodEnd = (anchor: DateTime.Utc, period: BillingPeriod, paidThrough: DateTime.Utc): DateTime.Utc => {
  const from = DateTime.toPartsUtc(anchor)
  const to = DateTime.toPartsUtc(paidThrough)
  let n = Math.max(1, Math.floor(((to.year - from.year) * 12 + to.month - from.month) / months[period]))
  while (!DateTime.isGreaterThan(periodEnd(anchor, period, n), paidThrough)) n++
  return periodEnd(anchor, period, n)
}
