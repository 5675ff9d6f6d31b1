/**
 * The periods for which payments pay. A change of plan supersedes the payments before it, because their rest counted
 * towards its price.
 */
import { DateTime } from "effect"
import type { Payment } from "./Payment.ts"

export interface PaidPeriod {
  readonly periodStart: DateTime.Utc
  readonly periodEnd: DateTime.Utc
}

/**
 * Whether a change of plan supersedes a payment. The payment may be charged after the change: a renewal is paid about an
 * hour after the start of its period. `payments`: all payments of the subscription.
 */
export const isSuperseded = (
  { id, kind, paidAt, periodStart = paidAt }: Payment,
  payments: ReadonlyArray<Payment>
): boolean =>
  paidAt !== undefined && periodStart !== undefined &&
  payments.some((other) =>
    other.kind === "change" && other.id !== id && other.paidAt !== undefined &&
    (kind === "change" ? DateTime.isGreaterThan(other.paidAt, paidAt) : !DateTime.isLessThan(other.paidAt, periodStart))
  )

/** The last paid period, by all payments of a subscription. */
export const lastPaidPeriod = (payments: ReadonlyArray<Payment>): PaidPeriod | undefined =>
  payments.reduce<PaidPeriod | undefined>((last, payment) => {
    const { periodEnd, periodStart, state } = payment
    if (state !== "settled" || periodEnd === undefined || periodStart === undefined) return last
    if (last !== undefined && !DateTime.isGreaterThan(periodEnd, last.periodEnd)) return last
    return isSuperseded(payment, payments) ? last : { periodStart, periodEnd }
  }, undefined)
