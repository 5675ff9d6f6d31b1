/**
 * Changes of plan: up when the difference is paid, down with the next period.
 */
import { DateTime, Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import type { BillingIntent } from "../model/BillingIntent.ts"
import { isAtLeast, isChangeUp } from "../model/Plans.ts"
import { isSamePlan } from "../model/PlanTerms.ts"
import { isLive, type Subscription } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import {
  CancelAlreadyScheduled,
  ChangeInProgress,
  LifetimeHeld,
  NoPendingChange,
  NoSubscription,
  NotChangeable,
  PreviewExpired,
  RefundInProgress,
  RenewalInProgress,
  SamePlan,
  TooManyCheckouts
} from "../model/SubscriptionErrors.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import { changePayment } from "./OwnChanges.ts"
import { hasTooManyRequests } from "./PurchaseLimits.ts"

/** Stripe keeps a pending update for 23 hours, and no longer than the period. */
const changeHours = 23

/** For how many minutes a previewed price holds. */
const previewMinutes = 60

export const change = rule((command: SubscriptionCommandOf<"Change">, draft: BillingAccountDraft) => {
  const { paymentId, promised, prorationDate, terms } = command
  const live = draft.account.subscriptions.find(isLive)
  if (live === undefined) return Result.fail(new NoSubscription())
  if (live.refund !== undefined) return Result.fail(new RefundInProgress())
  if (live.state !== "active" || live.paidThrough === undefined) return Result.fail(new NotChangeable())
  if (live.ending !== undefined) return Result.fail(new CancelAlreadyScheduled())
  if (live.change?.direction === "up") return Result.fail(new ChangeInProgress())
  if (isSamePlan(live.terms, terms)) return Result.fail(new SamePlan())
  if (live.change !== undefined && isSamePlan(live.change.terms, terms)) return Result.void
  const isHeld = draft.account.memberships.some((it) =>
    it.state === "active" && isAtLeast(draft.plans, it.terms.tier, terms.tier)
  )
  if (isHeld) return Result.fail(new LifetimeHeld())

  const isUp = isChangeUp(draft.plans, live.terms, terms)
  // The value of the rest of the next period is unknown until that period is paid.
  if (isUp && !DateTime.isLessThan(draft.at, live.paidThrough)) return Result.fail(new RenewalInProgress())

  if (promised === true && !holds(prorationDate, live, draft)) return Result.fail(new PreviewExpired())

  if (isUp && live.biller === "dchat" && hasTooManyRequests(draft)) return Result.fail(new TooManyCheckouts())

  release(live, draft)
  const { externalId, id: purchaseId } = live
  const since = draft.at
  if (isUp) {
    const until = DateTime.min(DateTime.add(since, { hours: changeHours }), live.paidThrough)
    draft.emit({ _tag: "ChangeRequested", purchaseId, change: { direction: "up", terms, since, until } })
    if (live.biller === "dchat" && paymentId !== undefined) {
      const payment = changePayment(draft.account, live, { paymentId, terms, until, at: prorationDate })
      draft.emit({ _tag: "PaymentRequested", payment })
    }
    if (externalId !== undefined) {
      draft.enqueue(purchaseId, { _tag: "ChangeUp", externalId, terms, prorationDate, ...(promised && { promised }) })
    }
  } else {
    const until = live.paidThrough
    draft.emit({ _tag: "ChangeScheduled", purchaseId, change: { direction: "down", terms, since, until } })
    if (externalId !== undefined) draft.enqueue(purchaseId, { _tag: "ChangeDown", externalId, terms })
  }
  return Result.void
})

/** A previewed price holds for an hour, within the same period. */
const holds = (
  previewedAt: DateTime.Utc,
  { periodStart = previewedAt }: Subscription,
  { at }: BillingAccountDraft
): boolean =>
  DateTime.isGreaterThan(previewedAt, DateTime.max(periodStart, DateTime.subtract(at, { minutes: previewMinutes }))) &&
  !DateTime.isGreaterThan(previewedAt, at)

export const undoChange = rule((draft: BillingAccountDraft) => {
  const live = draft.account.subscriptions.find(isLive)
  if (live === undefined) return Result.fail(new NoSubscription())
  if (live.change === undefined) return Result.fail(new NoPendingChange())
  release(live, draft)
  return Result.void
})

/** The provider refused the change, so the pending change is dropped. */
export const refused = (
  { id: purchaseId, change }: Subscription,
  { _tag, terms }: Extract<BillingIntent, { readonly _tag: "ChangeUp" | "ChangeDown" }>,
  draft: BillingAccountDraft
): void => {
  const direction = _tag === "ChangeUp" ? "up" : "down"
  if (change?.direction !== direction || !isSamePlan(change.terms, terms)) return
  draft.emit({ _tag: direction === "up" ? "ChangeLapsed" : "ChangeUndone", purchaseId })
}

/** Drops a pending change, here and at the provider. */
export const release = ({ change, externalId, id: purchaseId }: Subscription, draft: BillingAccountDraft): void => {
  if (change === undefined) return
  draft.emit({ _tag: "ChangeUndone", purchaseId })
  if (externalId !== undefined) draft.enqueue(purchaseId, { _tag: "ReleaseChange", externalId })
}
