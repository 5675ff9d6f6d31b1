/**
 * The tier of a user at a moment: derived from the account on each request, and not stored.
 */
import { DateTime } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import { type BillingAccount, membershipOf, subscriptionOf } from "../model/BillingAccount.ts"
import type { Grant } from "../model/Grant.ts"
import type { Membership } from "../model/Membership.ts"
import type { Payment } from "../model/Payment.ts"
import { periodEnd } from "../model/Periods.ts"
import { type Plans, rankOf } from "../model/Plans.ts"
import type { Tier } from "../model/PlanTerms.ts"
import type { Subscription } from "../model/Subscription.ts"
import { graceEnd } from "./Dunning.ts"
import { confirmingUntil } from "./PurchaseLimits.ts"

export interface Access {
  readonly userId: UserId
  /** Absent for the free plan. */
  readonly tier?: Tier
  readonly source: "none" | "grant" | "subscription" | "membership"
  /** The end if nothing changes. Absent if the access has no end. */
  readonly until?: DateTime.Utc
}

interface Candidate extends Access {
  readonly tier: Tier
  readonly source: "grant" | "subscription" | "membership"
}

/**
 * The highest tier of the user, by the current plans; on a tie the lifetime membership, then the longest access. A tier
 * that is not in the plans has the lowest rank if it was paid for, and no effect if it was granted.
 */
export const accessAt = (account: BillingAccount, at: DateTime.Utc, plans: Plans): Access => {
  const { userId } = account
  const candidates = [
    ...account.subscriptions.flatMap((it) => ofSubscription(userId, it, at)),
    ...account.memberships.flatMap((it) => ofMembership(userId, it)),
    ...account.payments.flatMap((it) => ofProvisional(account, it, at)),
    ...account.grants.flatMap((it) => rankOf(plans, it.tier) === undefined ? [] : ofGrant(userId, it, at))
  ]
  return candidates.toSorted(byWorth(plans))[0] ?? { userId, source: "none" }
}

/** The end of the access by a subscription; undefined if it gives no access. */
export const accessUntil = (subscription: Subscription): DateTime.Utc | undefined => {
  const { ending, paidThrough, state, unpaid } = subscription
  if ((state !== "active" && state !== "past_due") || paidThrough === undefined || unpaid) return undefined
  const furthest = subscription.biller === "stripe" ? graceEnd(paidThrough) : paidThrough
  return ending === undefined ? furthest : DateTime.min(ending.endsAt, furthest)
}

const ofSubscription = (
  userId: UserId,
  subscription: Subscription,
  at: DateTime.Utc
): ReadonlyArray<Candidate> => {
  const until = accessUntil(subscription)
  if (until === undefined || !DateTime.isLessThan(at, until)) return []
  const { former, terms } = subscription
  const isFormer = former !== undefined && DateTime.isLessThan(at, former.until)
  return [{ userId, tier: isFormer ? former.tier : terms.tier, source: "subscription", until }]
}

const ofMembership = (userId: UserId, { state, terms: { tier } }: Membership): ReadonlyArray<Candidate> =>
  state === "active" ? [{ userId, tier, source: "membership" }] : []

/** The access by a payment that is on its chain and not settled yet. */
const ofProvisional = (account: BillingAccount, payment: Payment, at: DateTime.Utc): ReadonlyArray<Candidate> => {
  const { change, kind, provisional, purchaseId, state, transfer } = payment
  if (provisional !== true || state !== "confirming" || transfer === undefined) return []
  if (!DateTime.isLessThan(at, confirmingUntil(transfer))) return []
  const { userId } = account
  const membership = membershipOf(account, purchaseId)
  if (membership !== undefined) return [{ userId, tier: membership.terms.tier, source: "membership" }]
  const subscription = subscriptionOf(account, purchaseId)
  if (subscription === undefined) return []
  const { paidThrough, terms } = subscription
  const { period, tier } = change?.terms ?? terms
  const from = kind === "renewal" && paidThrough !== undefined
    ? DateTime.max(paidThrough, transfer.paidAt)
    : transfer.paidAt
  return [{ userId, tier, source: "subscription", until: periodEnd(from, period, 1) }]
}

const ofGrant = (
  userId: UserId,
  { from, revokedAt, tier, until }: Grant,
  at: DateTime.Utc
): ReadonlyArray<Candidate> => {
  const isOver = until !== undefined && !DateTime.isLessThan(at, until)
  if (revokedAt !== undefined || isOver || DateTime.isLessThan(at, from)) return []
  return [{ userId, tier, source: "grant", ...(until && { until }) }]
}

const byWorth = (plans: Plans) => (one: Candidate, other: Candidate): number =>
  (rankOf(plans, other.tier) ?? 0) - (rankOf(plans, one.tier) ?? 0) || weight(other) - weight(one) ||
  lasting(other) - lasting(one)

const weight = ({ source }: Candidate): number => source === "membership" ? 1 : 0

const lasting = ({ until }: Candidate): number => until?.epochMilliseconds ?? Infinity
