/**
 * Follows how a subscription ends at the provider: when it will, that it goes on after all, and that it is over.
 */
import { DateTime } from "effect"
import { paymentsOf } from "../model/BillingAccount.ts"
import type { ProviderSubscription } from "../model/ProviderSnapshot.ts"
import { type Ending, isLive, isOwing, isWanted, type Subscription } from "../model/Subscription.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import * as CancelMachine from "./CancelMachine.ts"
import { refundRemainder } from "./RefundMachine.ts"

/** What was to end if it was unpaid turns out to be paid: it ends with that period. */
export const paidAfterAll = (
  subscription: Subscription | undefined,
  agreed: Ending | undefined,
  { endsAt, status }: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (subscription === undefined || !isWanted(agreed) || endsAt !== undefined || status === "canceled") return
  if (isLive(subscription) && !isOwing(subscription)) CancelMachine.cancelAtEnd(subscription, agreed.cause, draft)
}

/** Money for a time after the end that was agreed here goes back: the cancellation reached the provider too late. */
export const overrun = (
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
    const isOver = periodStart !== undefined && !DateTime.isLessThan(periodStart, endsAt)
    if (!isOver || state !== "settled" || reason === "returned") continue
    draft.emit({ _tag: "LatePayment", purchaseId, paymentId: payment.id, returned: true })
    refundRemainder(payment, draft)
  }
}

/** It will end at a time that is known. */
export const agreed = (
  subscription: Subscription | undefined,
  { endsAt }: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (endsAt === undefined || subscription === undefined || isUnsettled(subscription, draft)) return
  const { ending, id: purchaseId } = subscription
  if (ending !== undefined && DateTime.Equivalence(ending.endsAt, endsAt)) return
  const known = ending ?? { since: draft.at, cause: "provider" }
  draft.emit({ _tag: "CancelScheduled", purchaseId, ending: { ...known, endsAt } })
}

/** It goes on: nothing is said of an end. */
export const goingOn = (
  subscription: Subscription | undefined,
  { endsAt, status }: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (endsAt !== undefined || status === "canceled" || subscription === undefined || isUnsettled(subscription, draft)) {
    return
  }
  const { collectionStopped, ending, externalId, id: purchaseId, refund, suspension } = subscription
  // Money that is disputed or about to go back pays for no further period, whatever is clicked in the portal.
  const mustEnd = refund !== undefined || suspension?.cause === "dispute"
  if (mustEnd && externalId !== undefined) draft.tell(purchaseId, { _tag: "CancelAtPeriodEnd", externalId })
  else if (ending !== undefined && !(collectionStopped === true && isWanted(ending))) {
    draft.emit({ _tag: "CancelUndone", purchaseId })
  }
}

/** The provider has ended it. */
export const over = (
  subscription: Subscription | undefined,
  provider: ProviderSubscription,
  draft: BillingAccountDraft
): void => {
  if (provider.status !== "canceled" || subscription === undefined) return
  if (!isLive(subscription) && subscription.state !== "pending") return
  const { collectionStopped, ending, id: purchaseId, state } = subscription
  const endedAt = provider.endedAt ?? draft.at
  const isExpiry = state === "suspended" || (!isWanted(ending) && (provider.endedUnpaid || collectionStopped === true))
  draft.emit({ _tag: isExpiry ? "Expired" : "Ended", purchaseId, endedAt })
}

/** It is over, or what was just asked of the provider about its end has not reached it. */
const isUnsettled = (subscription: Subscription, { intents }: BillingAccountDraft): boolean =>
  !isLive(subscription) ||
  intents.some(({ intent, purchaseId }) =>
    purchaseId === subscription.id && (intent._tag === "CancelAtPeriodEnd" || intent._tag === "UndoCancel")
  )
