/**
 * Cancellations: with the period, at once, and undone.
 */
import { DateTime, Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { openSubscription, paymentsOf, pendingMembership, subscriptionOf } from "../model/BillingAccount.ts"
import type { Membership } from "../model/Membership.ts"
import { isAtLeast } from "../model/Plans.ts"
import { type EndingCause, isLive, isOwing, isWanted, type Subscription } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import {
  ConfirmationRequired,
  NoSubscription,
  NotCancelled,
  NotChangeable,
  PaymentInProgress,
  RefundInProgress,
  SupersededByLifetime
} from "../model/SubscriptionErrors.ts"
import type { PurchaseId } from "../model/SubscriptionIds.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import * as ChangeMachine from "./ChangeMachine.ts"
import * as Dunning from "./Dunning.ts"

export const cancel = rule((command: SubscriptionCommandOf<"Cancel">, draft: BillingAccountDraft) => {
  const open = openSubscription(draft.account)
  if (open === undefined || (command.purchaseId ?? open.id) !== open.id) return cancelMembership(command, draft)
  if (open.state === "pending") return withdraw(open, command, draft)
  const cause = command.admin === true ? "admin" : "user"
  // An unpaid subscription has no paid period that could be used until its end.
  const isOwed = isOwing(open)
  if (command.when === "now" || isOwed) {
    const isConfirmed = command.confirmed === true || command.admin === true || isOwed
    if (!isConfirmed) return Result.fail(new ConfirmationRequired())
    // The refund in progress ends the plan. A plan that ended before its refund would not count as refunded.
    if (open.refund !== undefined && command.admin !== true) return Result.fail(new RefundInProgress())
    if (isOwed) endUnlessPaid(open, cause, draft)
    else cancelNow(open, draft)
    return Result.void
  }
  const { ending, id: purchaseId } = open
  if (ending === undefined) cancelAtEnd(open, cause, draft)
  // The subscription would continue if the dispute was won, or if the refund failed.
  else if (ending.cause === "dispute" || ending.cause === "refund") {
    draft.emit({ _tag: "CancelScheduled", purchaseId, ending: { ...ending, cause } })
  }
  return Result.void
})

export const undoCancel = rule((draft: BillingAccountDraft) => {
  const open = draft.account.subscriptions.find(isLive)
  if (open === undefined) return Result.fail(new NoSubscription())
  if (open.refund !== undefined) return Result.fail(new RefundInProgress())
  if (open.state === "suspended" && !isWanted(open.ending)) return Result.fail(new NotChangeable())
  if (open.ending === undefined || !DateTime.isLessThan(draft.at, open.ending.endsAt)) {
    return Result.fail(new NotCancelled())
  }
  if (isCoveredByLifetime(open, draft)) return Result.fail(new SupersededByLifetime())
  uncancel(open.id, draft)
  return Result.void
})

/** Ends a live subscription with its paid period, and drops a pending change. */
export const cancelAtEnd = (subscription: Subscription, cause: EndingCause, draft: BillingAccountDraft): void => {
  const { externalId, id: purchaseId, paidThrough = draft.at } = subscription
  flag(subscription, cause, draft)
  if (externalId === undefined) return
  const isToCome = DateTime.isGreaterThan(paidThrough, draft.at)
  // Stripe has started another period, and charges it about an hour later. That charge has to be prevented.
  if (!isToCome && cause !== "refund" && cause !== "dispute") {
    return draft.enqueue(purchaseId, { _tag: "CancelNow", externalId })
  }
  draft.enqueue(purchaseId, { _tag: "CancelAtPeriodEnd", externalId, ...(isToCome && { endsAt: paidThrough }) })
}

/** Schedules the end. A pending change is dropped, and recorded with the cancellation. */
const flag = (subscription: Subscription, cause: EndingCause, draft: BillingAccountDraft): void => {
  const { change, ending, id: purchaseId, paidThrough = draft.at } = subscription
  ChangeMachine.release(subscription, draft)
  const dropped = change === undefined ? ending?.dropped : { direction: change.direction, terms: change.terms }
  const next = { endsAt: paidThrough, since: draft.at, cause, ...(dropped && { dropped }) }
  draft.emit({ _tag: "CancelScheduled", purchaseId, ending: next })
}

/** Cancels the subscription if a lifetime membership gives as much: with the paid period, or now if that is over. */
export const cancelIfCovered = (draft: BillingAccountDraft): void => {
  const live = draft.account.subscriptions.find(isLive)
  if (live === undefined || live.ending !== undefined || !isCoveredByLifetime(live, draft)) return
  if (isOwing(live)) endUnlessPaid(live, "lifetime", draft)
  else cancelAtEnd(live, "lifetime", draft)
}

/**
 * Ends a subscription that is unpaid by the last known state; only the provider knows for certain. If a payment was made
 * meanwhile, the subscription ends with the paid period. A payment in the moment of the end is refunded.
 */
const endUnlessPaid = (subscription: Subscription, cause: EndingCause, draft: BillingAccountDraft): void => {
  const { collectionStopped, ending, externalId, id: purchaseId } = subscription
  if (externalId === undefined) return cancelNow(subscription, draft)
  if (collectionStopped === true && ending !== undefined) return
  flag(subscription, cause, draft)
  Dunning.stopCollection(purchaseId, externalId, draft)
}

/** Ends a live subscription at once, here and at the provider. */
export const cancelNow = (subscription: Subscription | undefined, draft: BillingAccountDraft): void => {
  if (subscription === undefined) return
  const { externalId, id: purchaseId } = subscription
  ChangeMachine.release(subscription, draft)
  draft.emit({ _tag: "Cancelled", purchaseId, endedAt: draft.at })
  if (externalId === undefined) return
  draft.enqueue(purchaseId, { _tag: "CancelNow", externalId })
  if (isOwing(subscription)) draft.enqueue(purchaseId, { _tag: "VoidOpenInvoice", externalId })
}

/** Undoes the cancellation of a live subscription, unless another cause for its end remains. */
export const uncancel = (purchaseId: PurchaseId, draft: BillingAccountDraft): void => {
  const subscription = subscriptionOf(draft.account, purchaseId)
  if (subscription?.ending === undefined) return
  const { ending, externalId, suspension } = subscription
  const cause = isCoveredByLifetime(subscription, draft)
    ? "lifetime"
    : suspension?.cause === "dispute"
    ? "dispute"
    : undefined
  if (cause !== undefined) return draft.emit({ _tag: "CancelScheduled", purchaseId, ending: { ...ending, cause } })
  draft.emit({ _tag: "CancelUndone", purchaseId })
  if (externalId !== undefined) draft.enqueue(purchaseId, { _tag: "UndoCancel", externalId })
}

/** Whether a lifetime membership gives as much as the next period of the subscription. */
export const isCoveredByLifetime = (
  { change, terms }: Subscription,
  { account, plans }: BillingAccountDraft
): boolean => {
  const next = change?.direction === "down" ? change.terms : terms
  return account.memberships.some((it) => it.state === "active" && isAtLeast(plans, it.terms.tier, next.tier))
}

const cancelMembership = rule((command: SubscriptionCommandOf<"Cancel">, draft: BillingAccountDraft) => {
  const pending = pendingMembership(draft.account)
  const isMeant = pending !== undefined && (command.purchaseId ?? pending.id) === pending.id
  return isMeant ? withdraw(pending, command, draft) : Result.fail(new NoSubscription())
})

const withdraw = rule((
  purchase: Subscription | Membership,
  { admin, closed }: SubscriptionCommandOf<"Cancel">,
  draft: BillingAccountDraft
) => {
  const { id: purchaseId, method } = purchase
  // For an administrator the page is closed afterwards. A payment before that activates the purchase.
  const isToClose = admin === true && method === "stripe" && closed !== purchaseId
  if (!isClosed(draft, purchase, isToClose ? purchaseId : closed)) return Result.fail(new PaymentInProgress())
  draft.emit({ _tag: "Cancelled", purchaseId, endedAt: draft.at })
  if (isToClose) closeCheckout(purchase, draft)
  return Result.void
})

/** Tells the provider to close the payment page of a purchase. */
export const closeCheckout = ({ id, method }: Subscription | Membership, draft: BillingAccountDraft): void => {
  if (method !== "stripe") return
  const sessionId = paymentsOf(draft.account, id).flatMap(({ checkout }) => checkout?.sessionId ?? [])[0]
  draft.enqueue(id, { _tag: "CloseCheckout", ...(sessionId && { sessionId }) })
}

/** Whether a purchase cannot be paid any more: its checkout is closed, and no payment is in progress. */
export const isClosed = (
  draft: BillingAccountDraft,
  { id, method }: Subscription | Membership,
  closed: PurchaseId | undefined
): boolean => {
  // On a chain, the user may name any transaction. Only a transfer that was found counts.
  const isUnderway = paymentsOf(draft.account, id).some(({ state }) =>
    state === "confirming" || (state === "submitted" && method === "stripe")
  )
  return !isUnderway && (closed === id || method !== "stripe")
}
