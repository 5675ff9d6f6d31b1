/**
 * The authorisation of renewals: given, revoked, ended with the subscription, and warnings that a charge would fail.
 */
import { DateTime, Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { isSameAuthorization } from "../model/Authorization.ts"
import { type BillingAccount, subscriptionOf } from "../model/BillingAccount.ts"
import { isLive, type Subscription } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import { NoSubscription, NotChangeable, RenewsAutomatically, UseUndoCancel } from "../model/SubscriptionErrors.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"

/** A renewal is charged this many days before the end of the period. */
export const chargeDays = 1

/** The user learns this many days before the end of the period that the charge would fail. */
export const warnDays = 3

/** When the next renewal is charged. Undefined if dchat charges none. */
export const chargeAt = (subscription: Subscription): DateTime.Utc | undefined => before(subscription, chargeDays)

/** When the next charge is tried out. Undefined if dchat charges none. */
export const warnAt = (subscription: Subscription): DateTime.Utc | undefined => before(subscription, warnDays)

const before = (
  { authorization, ending, paidThrough, refund, state }: Subscription,
  days: number
): DateTime.Utc | undefined => {
  if (authorization === undefined || state !== "active" || ending !== undefined || refund !== undefined) {
    return undefined
  }
  return paidThrough && DateTime.subtract(paidThrough, { days })
}

/** Whether the next renewal needs no action of the user, as far as is known. */
export const renewsByAuthorization = ({ authorization, ending, paidThrough, warning }: Subscription): boolean => {
  if (authorization === undefined || ending !== undefined || paidThrough === undefined) return false
  return warning === undefined || !DateTime.Equivalence(warning.endsAt, paidThrough)
}

export const authorize = rule((
  { terms }: SubscriptionCommandOf<"AuthorizeRenewal">,
  draft: BillingAccountDraft
) => {
  const live = draft.account.subscriptions.find(isLive)
  if (live === undefined) return Result.fail(new NoSubscription())
  if (live.biller !== "dchat") return Result.fail(new RenewsAutomatically())
  if (live.ending !== undefined) return Result.fail(new UseUndoCancel())
  if (live.state !== "active" || live.refund !== undefined) return Result.fail(new NotChangeable())
  const { authorization, id: purchaseId, warning } = live
  if (authorization !== undefined && warning === undefined && isSameAuthorization(authorization, terms)) {
    return Result.void
  }
  draft.emit({ _tag: "RenewalAuthorized", purchaseId, authorization: { ...terms, since: draft.at } })
  return Result.void
})

/** Without an authorisation nothing changes. */
export const revoke = ({ cause }: SubscriptionCommandOf<"RevokeAuthorization">, draft: BillingAccountDraft) => {
  for (const { authorization, id: purchaseId } of draft.account.subscriptions) {
    if (authorization !== undefined) draft.emit({ _tag: "AuthorizationEnded", purchaseId, cause })
  }
  return Result.void
}

/** The user is warned once a period. */
export const warn = ({ purchaseId, reason }: SubscriptionCommandOf<"WarnRenewal">, draft: BillingAccountDraft) => {
  const subscription = subscriptionOf(draft.account, purchaseId)
  if (subscription?.paidThrough === undefined || !renewsByAuthorization(subscription)) return Result.void
  draft.emit({ _tag: "RenewalWarned", purchaseId, reason, endsAt: subscription.paidThrough })
  return Result.void
}

/** An authorisation ends with its subscription, and with a cancellation. `before`: the account before the command. */
export const endWithSubscription = (before: BillingAccount, draft: BillingAccountDraft): void => {
  for (const subscription of draft.account.subscriptions) {
    const { authorization, ending, id: purchaseId, state } = subscription
    if (authorization !== undefined && ending !== undefined) {
      const cause = ending.cause === "lifetime" ? "lifetime" : "cancelled"
      draft.emit({ _tag: "AuthorizationEnded", purchaseId, cause })
    } else if (!isLive(subscription) && subscriptionOf(before, purchaseId)?.authorization !== undefined) {
      const cause = draft.account.closed === true ? "deleted" : state === "cancelled" ? "cancelled" : "ended"
      draft.emit({ _tag: "AuthorizationEnded", purchaseId, cause })
    }
  }
}
