/**
 * A lifetime membership after an event.
 */
import { type DateTime, Struct } from "effect"
import type { Membership } from "../model/Membership.ts"
import type { PurchaseEvent } from "../model/SubscriptionEvent.ts"

export const evolve = (it: Membership, event: PurchaseEvent, at: DateTime.Utc): Membership => {
  switch (event._tag) {
    case "MembershipActivated":
      return { ...Struct.omit(it, ["endedAt"]), state: "active", activatedAt: at }
    case "Suspended":
      return { ...it, state: "suspended", suspension: event.suspension }
    case "Restored":
      return { ...Struct.omit(it, ["suspension"]), state: "active" }
    case "RefundRequested":
      return { ...it, refund: { paymentId: event.paymentId, since: at } }
    case "RefundFailed":
      return Struct.omit(it, ["refund"])
    case "SyncRequested":
      return { ...it, askedAt: event.deadline }
    case "Superseded":
    case "CheckoutExpired":
    case "Cancelled":
    case "MembershipMoved":
    case "MembershipReleased":
    case "Revoked":
    case "Refunded":
      return { ...Struct.omit(it, ["suspension", "refund"]), state: "revoked", endedAt: at }
    default:
      return it
  }
}
