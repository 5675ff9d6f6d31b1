/**
 * Limits on purchases that are not paid.
 */

/** A pending purchase lapses after this many hours: Stripe keeps a checkout open for at most 24 hours. */
export const pendingHours = 23

/** A user can start this many purchases a day without paying, because every purchase is stored. */
export const unpaidCheckoutsADay = 20

/** A payment has at most this many quotes. */
export const mostQuotes = 20
