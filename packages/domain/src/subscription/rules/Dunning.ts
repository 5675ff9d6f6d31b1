/**
 * A renewal that cannot be charged: the subscription is past due and keeps its access for the grace period. Then the
 * payment arrives and the subscription recovers, or collection stops and the subscription expires.
 *
 * The deadlines of the account have the provider asked at the end of the paid period and at the end of the grace
 * (`BillingAccountDeadlines`). The provider tries to charge the card again; only the provider knows the outcome.
 */
import { DateTime } from "effect"
import type { ProviderSubscription } from "../model/ProviderSnapshot.ts"
import { isLive, isOwing, isWanted, type Subscription } from "../model/Subscription.ts"
import type { ExternalId, PurchaseId } from "../model/SubscriptionIds.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"

/** A renewing subscription gives access for this many days after the last paid period. */
export const graceDays = 7

export const graceEnd = (paidThrough: DateTime.Utc): DateTime.Utc => DateTime.add(paidThrough, { days: graceDays })

/** Follows a failed charge from the provider's status to recovery, or to the end of collection. */
export const trackDunning = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined || !isLive(subscription)) return
  switch (provider.status) {
    case "active":
    case "trialing":
      return recover(subscription, draft)
    case "past_due":
    case "unpaid":
      recordFailedCharge(subscription, provider, draft)
      return stopCollectionAfterGrace(subscription, draft)
  }
}

const recover = (subscription: Subscription, draft: BillingAccountDraft): void => {
  if (isOwing(subscription)) draft.emit({ _tag: "Recovered", purchaseId: subscription.id })
}

const recordFailedCharge = (
  subscription: Subscription,
  { openInvoice, status }: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  const { id: purchaseId, unpaid = false } = subscription
  const isUnpaid = status === "unpaid"
  const invoiceUrl = openInvoice?.url
  if (isOwing(subscription) && unpaid === isUnpaid && subscription.invoiceUrl === invoiceUrl) return
  const page = invoiceUrl === undefined ? {} : { invoiceUrl }
  draft.emit({ _tag: "ChargeFailed", purchaseId, unpaid: isUnpaid, ...page })
}

const stopCollectionAfterGrace = (
  { collectionStopped, externalId, id: purchaseId, paidThrough }: Subscription,
  draft: BillingAccountDraft
): void => {
  if (externalId === undefined) return
  const isPastGrace = paidThrough !== undefined && !DateTime.isLessThan(draft.at, graceEnd(paidThrough))
  // The subscription is still owed at the provider: the provider refused to end it, or the user reactivated it there.
  if (collectionStopped === true) draft.enqueue(purchaseId, { _tag: "CancelNow", externalId, ifUnpaid: true })
  else if (isPastGrace) stopCollection(purchaseId, externalId, draft)
}

/** Has the provider end a subscription unless the provider has received the payment by then. */
export const stopCollection = (purchaseId: PurchaseId, externalId: ExternalId, draft: BillingAccountDraft): void => {
  draft.emit({ _tag: "CollectionStopped", purchaseId })
  draft.enqueue(purchaseId, { _tag: "CancelNow", externalId, ifUnpaid: true })
  draft.enqueue(purchaseId, { _tag: "VoidOpenInvoice", externalId })
}

/** Whether a subscription that the provider has ended expired for lack of payment, and was not cancelled. */
export const hasExpiredUnpaid = (
  { collectionStopped, ending }: Subscription,
  { endedUnpaid }: ProviderSubscription
): boolean => !isWanted(ending) && (endedUnpaid || collectionStopped === true)
