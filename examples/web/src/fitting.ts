/** The possible actions on a subscription: only those that the host would accept, as far as is known here. */
import {
  type OwnSubscription,
  type Payment,
  type PaymentHistory,
  type Plan,
  type PlanChoice,
  type SubscriptionSummary
} from "./dchat-subscription.ts"

export interface Fitting {
  /** Where to pay for a subscription that waits for it. */
  readonly pay?: string | undefined
  /** Where to pay for what is to be had for good. */
  readonly payLifetime?: string | undefined
  readonly payInvoice?: string | undefined
  readonly payChange?: string | undefined
  /** `withdraw`: an unpaid order. `at-once`: no paid period is left. */
  readonly cancel?: "withdraw" | "at-end-or-now" | "at-once" | undefined
  /** The order of something for good, beside a subscription that goes on. */
  readonly withdrawLifetime?: string | undefined
  readonly undoCancel: boolean
  readonly undoChange: boolean
  readonly renew: boolean
  /** The next period of a subscription that does not renew by itself. */
  readonly renewEarly: boolean
  readonly refund: boolean
  readonly portal: boolean
}

type LiveSubscription = OwnSubscription & { readonly state: "active" | "past_due" | "suspended" }

export const isLive = (subscription: OwnSubscription | undefined): subscription is LiveSubscription =>
  subscription !== undefined && ["active", "past_due", "suspended"].includes(subscription.state)

const isAtLeast = (plans: ReadonlyArray<Plan>, tier: string, other: string): boolean => {
  const rankOf = (wanted: string) => plans.findIndex((plan) => plan.tier === wanted)
  return rankOf(tier) >= rankOf(other)
}

/** Whether a tier, or one above it, is had for good. */
export const isHeld = ({ membership }: SubscriptionSummary, plans: ReadonlyArray<Plan>, tier: string): boolean =>
  membership?.state === "active" && isAtLeast(plans, membership.tier, tier)

const pageOf = (payments: ReadonlyArray<Payment>, purchaseId: string | undefined): string | undefined =>
  payments.find((payment) => payment.purchaseId === purchaseId && payment.state === "quoted")?.checkoutUrl

const isOpenRenewal = ({ kind, state }: Payment): boolean =>
  kind === "renewal" && (state === "quoted" || state === "submitted" || state === "confirming")

/** The payment of the order is in a block, so the order cannot be cancelled. */
const isConfirming = (payments: ReadonlyArray<Payment>, purchaseId: string | undefined): boolean =>
  payments.some((payment) => payment.purchaseId === purchaseId && payment.state === "confirming")

const cancelOf = (
  own: OwnSubscription | undefined,
  isOrdered: boolean
): Fitting["cancel"] => {
  if (own?.state === "pending" || (isOrdered && !isLive(own))) return "withdraw"
  if (!isLive(own) || own.refundRequestedAt !== undefined) return undefined
  // A suspended subscription gives no access for now. It continues if the dispute is won.
  const mayGoOn = own.state === "suspended" || (own.state === "active" && own.endsAt === undefined)
  return mayGoOn ? "at-end-or-now" : "at-once"
}

export const fittingOf = (
  summary: SubscriptionSummary,
  { memberships, payments }: PaymentHistory,
  plans: ReadonlyArray<Plan>
): Fitting => {
  const { membership, subscription: own } = summary
  const ordered = memberships.find(({ state }) => state === "pending") ??
    (membership?.state === "pending" ? membership : undefined)
  const cancel = cancelOf(own, ordered !== undefined)
  const withdrawn = own?.state === "pending" ? own.id : ordered?.id
  const isActive = own?.state === "active" && own.refundRequestedAt === undefined
  return {
    pay: own?.state === "pending" ? pageOf(payments, own.id) : undefined,
    payLifetime: pageOf(payments, ordered?.id),
    payInvoice: own?.state === "past_due" ? own.invoiceUrl : undefined,
    payChange: isLive(own) ? own.change?.invoiceUrl : undefined,
    cancel: cancel === "withdraw" && isConfirming(payments, withdrawn) ? undefined : cancel,
    withdrawLifetime: isLive(own) && !isConfirming(payments, ordered?.id) ? ordered?.id : undefined,
    undoCancel: isActive && own.endsAt !== undefined && !isHeld(summary, plans, own.tier),
    undoChange: isActive && own.change !== undefined,
    renew: own !== undefined && !isLive(own) && own.state !== "pending" && !isHeld(summary, plans, own.tier),
    renewEarly: isActive && own.renewableFrom !== undefined && !payments.some(isOpenRenewal),
    refund: summary.refundable !== undefined,
    portal: payments.some(({ method, state }) => method === "stripe" && state === "settled")
  }
}

/** Why nothing can be done about a plan, or need be. `missing`: what stands in the way of a change. */
export type Closed =
  | { readonly type: "free" | "active" | "same" | "ordered" }
  | { readonly type: "scheduled"; readonly from: string }
  | { readonly type: "blocked"; readonly missing: "payment" | "cancellation" | "end" | "refund" | "change" }

/** The actions of a user on a plan. `replaces`: the plan ends the current subscription. */
export type Offer =
  | { readonly type: "open"; readonly deed: "subscribe" | "change"; readonly replaces?: boolean }
  | Closed

export const offerOf = (
  summary: SubscriptionSummary | undefined,
  plans: ReadonlyArray<Plan>,
  { period, tier }: { readonly tier: string; readonly period: PlanChoice["period"] | "nft" }
): Offer => {
  if (tier === plans[0]?.tier) return { type: "free" }
  if (summary !== undefined && isHeld(summary, plans, tier)) return { type: "active" }
  const own = summary?.subscription
  if (period === "nft") {
    if (summary?.membership?.state === "pending" && summary.membership.tier === tier) return { type: "ordered" }
    const replaces = isLive(own) && own.endsAt === undefined && isAtLeast(plans, tier, own.tier)
    return { type: "open", deed: "subscribe", replaces }
  }
  if (own?.state === "pending" && own.tier === tier && own.period === period) return { type: "ordered" }
  if (!isLive(own)) return { type: "open", deed: "subscribe" }
  if (own.tier === tier && own.period === period) return { type: "same" }
  if (own.state !== "active") return { type: "blocked", missing: "payment" }
  if (own.refundRequestedAt !== undefined) return { type: "blocked", missing: "refund" }
  if (own.endsAt !== undefined) {
    return {
      type: "blocked",
      missing: summary !== undefined && isHeld(summary, plans, own.tier) ? "end" : "cancellation"
    }
  }
  if (own.change?.direction === "up") return { type: "blocked", missing: "change" }
  const isScheduled = own.change?.tier === tier && own.change.period === period
  return isScheduled ? { type: "scheduled", from: own.change.until } : { type: "open", deed: "change" }
}
