/**
 * A subscription after an event.
 */
import { DateTime, Struct } from "effect"
import type { Subscription } from "../model/Subscription.ts"
import type { PurchaseEvent, SubscriptionEventOf } from "../model/SubscriptionEvent.ts"

export const evolve = (it: Subscription, event: PurchaseEvent, at: DateTime.Utc): Subscription => {
  switch (event._tag) {
    case "Superseded":
      return over(it, "cancelled", at)
    case "CheckoutExpired":
      return over(it, "expired", at)
    case "Activated":
      return activated(it, event)
    case "Renewed":
      return { ...Struct.omit(recovered(it), ["endedAt", "warning"]), ...period(event) }
    case "PeriodCorrected":
      return { ...it, ...period(event) }
    case "Recovered":
      return recovered(it)
    case "ChargeFailed":
      return {
        ...Struct.omit(it, ["unpaid", "invoiceUrl"]),
        ...withPaymentState(it, "past_due"),
        ...(event.unpaid && { unpaid: true as const }),
        ...(event.invoiceUrl !== undefined && { invoiceUrl: event.invoiceUrl })
      }
    case "CreditChanged":
      return { ...Struct.omit(it, ["credit"]), ...(event.credit && { credit: event.credit }) }
    case "SyncRequested":
      return { ...it, askedAt: event.deadline }
    case "CancelScheduled":
      return { ...it, ending: event.ending }
    case "CancelUndone":
      return Struct.omit(it, ["ending", "reminded"])
    case "Cancelled":
      return over(it, "cancelled", event.endedAt)
    case "Ended":
      return over(it, "cancelled", event.endedAt)
    case "Expired":
      return over(it, "expired", event.endedAt)
    case "Refunded":
      return over(it, "refunded", at)
    case "Revoked":
      return over(it, event.cause === "dispute" ? "refunded" : "expired", at)
    case "CollectionStopped":
      return { ...it, collectionStopped: true }
    case "ChangeRequested":
    case "ChangeScheduled":
      return { ...it, change: event.change }
    case "Changed": {
      const isOtherTier = it.terms.tier !== event.terms.tier
      const isToCome = event.since !== undefined && it.biller === "dchat" && DateTime.isGreaterThan(event.since, at)
      return {
        ...Struct.omit(it, ["change", "former"]),
        ...(isToCome && { former: { tier: it.terms.tier, until: event.since } }),
        terms: event.terms,
        ...(isOtherTier && { tierSince: event.since ?? at })
      }
    }
    case "ChangeLapsed":
    case "ChangeUndone":
      return Struct.omit(it, ["change"])
    case "RefundRequested":
      return { ...it, refund: { paymentId: event.paymentId, since: at } }
    case "RefundFailed":
      return Struct.omit(it, ["refund"])
    case "Suspended":
      return { ...it, state: "suspended", suspension: event.suspension }
    case "Restored":
      return { ...Struct.omit(it, ["suspension"]), state: it.suspension?.from ?? "active" }
    case "ReminderDue":
      return { ...it, reminded: { endsAt: event.endsAt, days: event.days } }
    case "RenewalAuthorized":
      return { ...Struct.omit(it, ["warning"]), authorization: event.authorization }
    case "AuthorizationEnded":
      return { ...Struct.omit(it, ["authorization", "warning"]), unauthorizedSince: at }
    case "RenewalWarned":
      return { ...it, warning: { reason: event.reason, endsAt: event.endsAt, since: at } }
    default:
      return it
  }
}

const activated = (it: Subscription, event: SubscriptionEventOf<"Activated">): Subscription => ({
  ...Struct.omit(it, ["endedAt"]),
  state: "active",
  ...period(event),
  activatedAt: event.activatedAt,
  tierSince: event.activatedAt,
  ...(event.externalId && { externalId: event.externalId })
})

/** No payment is missing any more. */
const recovered = (it: Subscription): Subscription => ({
  ...Struct.omit(it, ["unpaid", "invoiceUrl", "collectionStopped"]),
  ...withPaymentState(it, "active")
})

/** A suspended subscription keeps the state for the end of the suspension. */
const withPaymentState = (
  { state, suspension }: Subscription,
  next: "active" | "past_due"
): Partial<Pick<Subscription, "state" | "suspension">> =>
  state === "suspended" && suspension !== undefined ? { suspension: { ...suspension, from: next } } : { state: next }

const period = (
  { anchor, paidThrough, periodStart }: SubscriptionEventOf<"Activated" | "Renewed" | "PeriodCorrected">
) => ({
  anchor,
  paidThrough,
  periodStart
})

const over = (it: Subscription, state: "expired" | "cancelled" | "refunded", endedAt: DateTime.Utc): Subscription => ({
  ...Struct.omit(it, [
    "authorization",
    "change",
    "collectionStopped",
    "ending",
    "invoiceUrl",
    "refund",
    "suspension",
    "unpaid",
    "warning"
  ]),
  state,
  endedAt
})
