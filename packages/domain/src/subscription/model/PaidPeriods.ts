/**
 * Which payments pay for what: a change of plan settles everything that was paid before it, because the rest of that was
 * counted against its price.
 */
import { DateTime } from "effect"
import type { Payment } from "./Payment.ts"

export interface PaidPeriod {
  readonly periodStart: DateTime.Utc
  readonly periodEnd: DateTime.Utc
}

/**
 * Whether a later change of plan took the place of what a payment was for, which may be charged after it: a renewal is paid
 * about an hour into its period. `payments`: of the same subscription.
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

/** The period up to which is paid, by all payments of a subscription. */
export const lastPaidPeriod = (payments: ReadonlyArray<Payment>): PaidPeriod | undefined =>
  payments.reduce<PaidPeriod | undefined>((last, payment) => {
    const { periodEnd, periodStart, state } = payment
    if (state !== "settled" || periodEnd === undefined || periodStart === undefined) return last
    if (last !== undefined && !DateTime.isGreaterThan(periodEnd, last.periodEnd)) return last
    return isSuperseded(payment, payments) ? last : { periodStart, periodEnd }
  }, undefined)
