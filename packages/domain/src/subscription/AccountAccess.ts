/**
 * Which tier somebody has at a moment: derived from their account whenever it is asked, and stored nowhere.
 */
import { DateTime } from "effect"
import type { UserId } from "../identity/UserId.ts"
import type { Grant } from "./Grant.ts"
import type { Membership } from "./Membership.ts"
import type { Tier } from "./PlanTerms.ts"
import type { Subscription } from "./Subscription.ts"
import type { SubscriptionAccount } from "./SubscriptionAccount.ts"

/** A renewing subscription gives access this long beyond the last paid period, in days. */
export const graceDays = 7

export interface Access {
  readonly userId: UserId
  /** None: what everybody has. */
  readonly tier?: Tier
  readonly source: "none" | "grant" | "subscription" | "membership"
  /** When it ends if nothing happens; for good where there is none. */
  readonly until?: DateTime.Utc
}

interface Candidate extends Access {
  readonly tier: Tier
  readonly rank: number
  readonly source: "grant" | "subscription" | "membership"
}

/** The highest tier of all that is held; on a tie the one for good, then the one that lasts longest. */
export const accessAt = (account: SubscriptionAccount, at: DateTime.Utc): Access => {
  const { userId } = account
  const candidates = [
    ...account.subscriptions.flatMap((it) => ofSubscription(userId, it, at)),
    ...account.memberships.flatMap((it) => ofMembership(userId, it)),
    ...account.grants.flatMap((it) => ofGrant(userId, it, at))
  ]
  const best = candidates.toSorted(byWorth)[0]
  if (best === undefined) return { userId, source: "none" }
  const { rank: _, ...access } = best
  return access
}

/** Until when a subscription gives access; none where it gives none at all. */
export const accessUntil = (subscription: Subscription): DateTime.Utc | undefined => {
  const { ending, paidThrough, state, unpaid } = subscription
  if ((state !== "active" && state !== "past_due") || paidThrough === undefined || unpaid) return undefined
  const furthest = subscription.biller === "stripe" ? graceEnd(paidThrough) : paidThrough
  return ending === undefined ? furthest : DateTime.min(ending.endsAt, furthest)
}

export const graceEnd = (paidThrough: DateTime.Utc): DateTime.Utc => DateTime.add(paidThrough, { days: graceDays })

const ofSubscription = (
  userId: UserId,
  subscription: Subscription,
  at: DateTime.Utc
): ReadonlyArray<Candidate> => {
  const until = accessUntil(subscription)
  if (until === undefined || !DateTime.isLessThan(at, until)) return []
  const { rank, tier } = subscription.terms
  return [{ userId, tier, rank, source: "subscription", until }]
}

const ofMembership = (userId: UserId, { state, terms: { rank, tier } }: Membership): ReadonlyArray<Candidate> =>
  state === "held" ? [{ userId, tier, rank, source: "membership" }] : []

const ofGrant = (
  userId: UserId,
  { from, rank, revokedAt, tier, until }: Grant,
  at: DateTime.Utc
): ReadonlyArray<Candidate> => {
  const isOver = until !== undefined && !DateTime.isLessThan(at, until)
  if (revokedAt !== undefined || isOver || DateTime.isLessThan(at, from)) return []
  return [{ userId, tier, rank, source: "grant", ...(until && { until }) }]
}

const byWorth = (one: Candidate, other: Candidate): number =>
  other.rank - one.rank || weight(other) - weight(one) || lasting(other) - lasting(one)

const weight = ({ source }: Candidate): number => source === "membership" ? 1 : 0

const lasting = ({ until }: Candidate): number => until?.epochMilliseconds ?? Infinity
