/**
 * Limits on purchases that are not paid.
 */
import { DateTime } from "effect"
import type { Transfer } from "../model/Transfer.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"

/** A pending purchase lapses after this many hours: Stripe keeps a checkout open for at most 24 hours. */
export const pendingHours = 23

/** A user can start this many purchases a day without paying, because every purchase is stored. */
export const unpaidCheckoutsADay = 20

/** A user can request this many payments a day for renewals and changes without paying, because every payment is stored. */
export const unpaidRequestsADay = 20

export const hasTooManyRequests = ({ account, at }: BillingAccountDraft): boolean => {
  const since = DateTime.subtract(at, { days: 1 })
  const unpaid = account.payments.filter(({ createdAt, kind, method, paidAt }) =>
    method === "web3" && (kind === "renewal" || kind === "change") && paidAt === undefined &&
    DateTime.isGreaterThan(createdAt, since)
  )
  return unpaid.length >= unpaidRequestsADay
}

/**
 * A transfer that is not settled defers the end of its purchase, and gives access, for at most this many days after its
 * block. The chain may be halted, or the operator may not read the chain any more.
 */
export const confirmingDays = 3

/** Until when a transfer counts that is not settled. */
export const confirmingUntil = ({ paidAt }: Transfer): DateTime.Utc => DateTime.add(paidAt, { days: confirmingDays })

/** A payment has at most this many quotes. */
export const mostQuotes = 20
