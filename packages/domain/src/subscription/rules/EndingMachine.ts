/**
 * Follows the end of a subscription at the provider: an end that is scheduled, undone, or reached.
 */
import { DateTime } from "effect"
import { paymentsOf } from "../model/BillingAccount.ts"
import type { ProviderSubscription } from "../model/ProviderSnapshot.ts"
import { type Ending, isLive, isOwing, isWanted, type Subscription } from "../model/Subscription.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import * as CancelMachine from "./CancelMachine.ts"
import * as Dunning from "./Dunning.ts"
import { refundRemainder } from "./RefundMachine.ts"

/** Takes over the end that the provider has scheduled. */
export const scheduleEnd = (
  subscription: Subscription | undefined,
  { endsAt }: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (endsAt === undefined || subscription === undefined || isEndUndecided(subscription, draft)) return
  const { ending, id: purchaseId } = subscription
  if (ending !== undefined && DateTime.Equivalence(ending.endsAt, endsAt)) return
  const known = ending ?? { since: draft.at, cause: "provider" }
  draft.emit({ _tag: "CancelScheduled", purchaseId, ending: { ...known, endsAt } })
}

/** Refunds payments for a time after the agreed end: the cancellation reached the provider too late. */
export const refundOverrun = (
  subscription: Subscription | undefined,
  agreed: Ending | undefined,
  { status }: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (status !== "canceled" || agreed === undefined || agreed.cause === "provider") return
  if (subscription === undefined || !isLive(subscription)) return
  const { endsAt } = agreed
  const { id: purchaseId } = subscription
  for (const payment of paymentsOf(draft.account, purchaseId)) {
    const { periodStart, reason, state } = payment
    const isAfterEnd = periodStart !== undefined && !DateTime.isLessThan(periodStart, endsAt)
    if (!isAfterEnd || state !== "settled" || reason === "returned") continue
    draft.emit({ _tag: "LatePayment", purchaseId, paymentId: payment.id, returned: true })
    refundRemainder(payment, draft)
  }
}

/** Schedules the cancellation again that was to end an unpaid subscription: a payment has arrived for one more period. */
export const cancelAfterRecovery = (
  subscription: Subscription | undefined,
  agreed: Ending | undefined,
  { endsAt, status }: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined || !isWanted(agreed) || endsAt !== undefined || status === "canceled") return
  if (isLive(subscription) && !isOwing(subscription)) CancelMachine.cancelAtEnd(subscription, agreed.cause, draft)
}

/** Undoes the cancellation where the provider has no end scheduled, unless the subscription must end. */
export const undoCancellation = (
  subscription: Subscription | undefined,
  { endsAt, status }: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (endsAt !== undefined || status === "canceled") return
  if (subscription === undefined || isEndUndecided(subscription, draft)) return
  const { collectionStopped, ending, externalId, id: purchaseId, refund, suspension } = subscription
  // A payment that is disputed or being refunded pays for no further period, even if the user reactivates the
  // subscription in the provider's portal.
  const mustEnd = refund !== undefined || suspension?.cause === "dispute"
  if (mustEnd && externalId !== undefined) draft.enqueue(purchaseId, { _tag: "CancelAtPeriodEnd", externalId })
  else if (ending !== undefined && !(collectionStopped === true && isWanted(ending))) {
    draft.emit({ _tag: "CancelUndone", purchaseId })
  }
}

/** Ends the subscription that the provider has ended. */
export const end = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (provider.status !== "canceled" || subscription === undefined) return
  const { id: purchaseId, state } = subscription
  if (!isLive(subscription) && state !== "pending") return
  const endedAt = provider.endedAt ?? draft.at
  const isExpiry = state === "suspended" || Dunning.hasExpiredUnpaid(subscription, provider)
  draft.emit({ _tag: isExpiry ? "Expired" : "Ended", purchaseId, endedAt })
}

/** The subscription is over, or this decision asks the provider to schedule or undo its end. */
const isEndUndecided = (subscription: Subscription, { intents }: BillingAccountDraft): boolean =>
  !isLive(subscription) ||
  intents.some(({ intent, purchaseId }) =>
    purchaseId === subscription.id && (intent._tag === "CancelAtPeriodEnd" || intent._tag === "UndoCancel")
  )
