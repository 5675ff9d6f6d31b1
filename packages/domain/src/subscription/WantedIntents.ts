/**
 * Whether what waits to be told to the provider is still what somebody wants. A change that was taken back before it
 * could be told is never told, so that nobody pays for it.
 */
import { DateTime } from "effect"
import type { PurchaseIntent } from "./BillingIntent.ts"
import { isSamePlan } from "./PlanTerms.ts"
import { isLive } from "./Subscription.ts"
import { type SubscriptionAccount, subscriptionOf } from "./SubscriptionAccount.ts"

export const isWanted = (
  account: SubscriptionAccount,
  { intent, purchaseId }: PurchaseIntent,
  at: DateTime.Utc
): boolean => {
  if (intent._tag !== "ChangeUp" && intent._tag !== "ChangeDown") return true
  const subscription = subscriptionOf(account, purchaseId)
  if (subscription?.change === undefined || !isLive(subscription)) return false
  const { direction, terms, until } = subscription.change
  const isSameChange = isSamePlan(terms, intent.terms) && (direction === "up") === (intent._tag === "ChangeUp")
  // Whoever was told that a change lapses is not charged for it later.
  return isSameChange && (direction === "down" || DateTime.isLessThan(at, until))
}
