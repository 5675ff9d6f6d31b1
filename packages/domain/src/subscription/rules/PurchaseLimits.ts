/**
 * How long and how often something may be ordered and not paid.
 */

/** Nobody pays later than this for what they began to buy, in hours: Stripe keeps a checkout open for 24 h at most. */
export const pendingHours = 23

/** Everything that was ever ordered is kept: so many orders a day may come to nothing. */
export const unpaidCheckoutsADay = 20
