/**
 * What is still to be told to the provider of what was decided: time may have passed, and somebody thought better of it.
 */
import { DateTime } from "effect"
import { type BillingAccount, membershipOf, subscriptionOf } from "../model/BillingAccount.ts"
import type { BillingIntent, PurchaseIntent } from "../model/BillingIntent.ts"
import { isSamePlan } from "../model/PlanTerms.ts"
import { isLive, type Subscription } from "../model/Subscription.ts"

/** The intent as it is to be told now; none where it need not be told any more. */
export const timelyIntent = (
  account: BillingAccount,
  { intent, purchaseId }: PurchaseIntent,
  at: DateTime.Utc
): BillingIntent | undefined => {
  const subscription = subscriptionOf(account, purchaseId)
  switch (intent._tag) {
    // An order that was taken back is opened to nobody.
    case "OpenCheckout":
      return (subscription ?? membershipOf(account, purchaseId))?.state === "pending" ? intent : undefined
    case "ChangeUp":
    case "ChangeDown":
      return isWanted(subscription, intent, at) ? intent : undefined
    case "CancelAtPeriodEnd": {
      const isInTime = intent.endsAt === undefined || DateTime.isLessThan(at, intent.endsAt)
      if (isInTime) return intent
      // The period that was to be the last is over, so the provider has begun another one.
      return subscription?.ending && { _tag: "CancelNow", externalId: intent.externalId }
    }
    default:
      return intent
  }
}

/** Nobody pays for a change that they took back, or that they were told would lapse. */
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
