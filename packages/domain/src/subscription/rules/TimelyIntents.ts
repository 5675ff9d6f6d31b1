/**
 * Checks a stored intent before it is sent: time has passed, and the user may have changed their mind.
 */
import { DateTime } from "effect"
import { type BillingAccount, membershipOf, subscriptionOf } from "../model/BillingAccount.ts"
import type { BillingIntent, PurchaseIntent } from "../model/BillingIntent.ts"
import { isSamePlan } from "../model/PlanTerms.ts"
import { isLive, type Subscription } from "../model/Subscription.ts"

/** The intent as it has to be sent now; undefined if it is not needed any more. */
export const timelyIntent = (
  account: BillingAccount,
  { intent, purchaseId }: PurchaseIntent,
  at: DateTime.Utc
): BillingIntent | undefined => {
  const subscription = subscriptionOf(account, purchaseId)
  switch (intent._tag) {
    // No payment page is opened for a purchase that was withdrawn.
    case "OpenCheckout":
      return (subscription ?? membershipOf(account, purchaseId))?.state === "pending" ? intent : undefined
    case "ChangeUp":
    case "ChangeDown":
      return isWanted(subscription, intent, at) ? intent : undefined
    case "CancelAtPeriodEnd": {
      const isInTime = intent.endsAt === undefined || DateTime.isLessThan(at, intent.endsAt)
      if (isInTime) return intent
      // The last period is over, so the provider has started another period.
      return subscription?.ending && { _tag: "CancelNow", externalId: intent.externalId }
    }
    default:
      return intent
  }
}

/** Whether the change is still pending: not undone, and not lapsed. */
const isWanted = (
  subscription: Subscription | undefined,
  intent: Extract<BillingIntent, { readonly _tag: "ChangeUp" | "ChangeDown" }>,
  at: DateTime.Utc
): boolean => {
  if (subscription?.change === undefined || !isLive(subscription)) return false
  const { direction, terms, until } = subscription.change
  const isSameChange = isSamePlan(terms, intent.terms) && (direction === "up") === (intent._tag === "ChangeUp")
  return isSameChange && (direction === "down" || DateTime.isLessThan(at, until))
}
