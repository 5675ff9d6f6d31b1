/**
 * The refusals of a billing account.
 */
import { Schema } from "effect"
import { GrantId } from "./SubscriptionIds.ts"
import { TransferMisfit } from "./Transfer.ts"

/** The user already has an open subscription. */
export class SubscriptionExists extends Schema.TaggedError<SubscriptionExists>()("SubscriptionExists", {}) {
  override get message() {
    return "the user already has a subscription"
  }
}

/** The user already has a lifetime membership of this tier or of a higher tier. */
export class LifetimeHeld extends Schema.TaggedError<LifetimeHeld>()("LifetimeHeld", {}) {
  override get message() {
    return "the user already has a lifetime membership of this tier or a higher tier"
  }
}

/** A payment of the previous purchase is in progress. Try again in a minute. */
export class PaymentInProgress extends Schema.TaggedError<PaymentInProgress>()("PaymentInProgress", {}) {
  override get message() {
    return "a payment is in progress"
  }
}

/** The user has no subscription for this action. */
export class NoSubscription extends Schema.TaggedError<NoSubscription>()("NoSubscription", {}) {
  override get message() {
    return "the user has no subscription or lifetime membership"
  }
}

/** The subscription is cancelled already. Undo the cancellation first. */
export class CancelAlreadyScheduled extends Schema.TaggedError<CancelAlreadyScheduled>()("CancelAlreadyScheduled", {}) {
  override get message() {
    return "the subscription already ends with the current period"
  }
}

/** There is no cancellation to undo. */
export class NotCancelled extends Schema.TaggedError<NotCancelled>()("NotCancelled", {}) {
  override get message() {
    return "the subscription is not cancelled"
  }
}

/** A lifetime membership takes the place of the subscription. */
export class SupersededByLifetime extends Schema.TaggedError<SupersededByLifetime>()("SupersededByLifetime", {}) {
  override get message() {
    return "a lifetime membership replaces this subscription"
  }
}

/** An immediate cancellation gives no refund. The user has to confirm that. */
export class ConfirmationRequired extends Schema.TaggedError<ConfirmationRequired>()("ConfirmationRequired", {}) {
  override get message() {
    return "cancelling now refunds nothing: set `confirmNoRefund` to confirm"
  }
}

/** The subscription already has this plan. */
export class SamePlan extends Schema.TaggedError<SamePlan>()("SamePlan", {}) {
  override get message() {
    return "the subscription already has this plan"
  }
}

/** The subscription is past due or suspended: a payment is missing or disputed. */
export class NotChangeable extends Schema.TaggedError<NotChangeable>()("NotChangeable", {}) {
  override get message() {
    return "the subscription cannot be changed while a payment is missing or disputed"
  }
}

/** The paid period is over and the next one is being charged, within about an hour: after that it can be changed. */
export class RenewalInProgress extends Schema.TaggedError<RenewalInProgress>()("RenewalInProgress", {}) {
  override get message() {
    return "the subscription is being renewed: try again in an hour"
  }
}

/** The previewed price or start of a change is out of date. Request another preview. */
export class PreviewExpired extends Schema.TaggedError<PreviewExpired>()("PreviewExpired", {}) {
  override get message() {
    return "the preview has expired: request a new preview"
  }
}

/** The payment provider refuses the action. Nothing has changed. */
export class RefusedByProvider extends Schema.TaggedError<RefusedByProvider>()("RefusedByProvider", {}) {
  override get message() {
    return "the payment provider refused the request, and nothing changed"
  }
}

/** A change waits for its payment. */
export class ChangeInProgress extends Schema.TaggedError<ChangeInProgress>()("ChangeInProgress", {}) {
  override get message() {
    return "a change of plan waits for its payment"
  }
}

/** There is no change to undo. */
export class NoPendingChange extends Schema.TaggedError<NoPendingChange>()("NoPendingChange", {}) {
  override get message() {
    return "no change of plan is pending"
  }
}

/** The subscription renews by itself. */
export class RenewsAutomatically extends Schema.TaggedError<RenewsAutomatically>()("RenewsAutomatically", {}) {
  override get message() {
    return "the subscription renews automatically"
  }
}

/** The subscription was cancelled but has not ended: undo the cancellation instead. */
export class UseUndoCancel extends Schema.TaggedError<UseUndoCancel>()("UseUndoCancel", {}) {
  override get message() {
    return "the subscription has not ended yet: undo the cancellation instead"
  }
}

/** A payment failed: pay the open invoice instead. */
export class PastDue
  extends Schema.TaggedError<PastDue>()("PastDue", { invoiceUrl: Schema.optionalKey(Schema.String) })
{
  override get message() {
    return "a payment failed: pay the open invoice instead"
  }
}

/** This payment method cannot be charged again without the user. */
export class AutoRenewUnsupported extends Schema.TaggedError<AutoRenewUnsupported>()("AutoRenewUnsupported", {}) {
  override get message() {
    return "this payment method cannot renew automatically"
  }
}

/** A tier is refunded once, within 7 days of its first activation. */
export class RefundNotAllowed extends Schema.TaggedError<RefundNotAllowed>()("RefundNotAllowed", {
  reason: Schema.Literals(["too_late", "used", "no_payment", "not_active"])
}) {
  override get message() {
    return "this payment cannot be refunded"
  }
}

/** A requested refund is in progress. */
export class RefundInProgress extends Schema.TaggedError<RefundInProgress>()("RefundInProgress", {}) {
  override get message() {
    return "a refund is already in progress"
  }
}

/** There is no such grant. */
export class GrantNotFound extends Schema.TaggedError<GrantNotFound>()("GrantNotFound", { grantId: GrantId }) {
  override get message() {
    return "no such grant"
  }
}

/** The grant ends before it starts, or has ended already. */
export class GrantOver extends Schema.TaggedError<GrantOver>()("GrantOver", {}) {
  override get message() {
    return "the grant has to end after its start and in the future"
  }
}

/** The catalogue has no such plan, or it cannot be bought for this period. */
export class PlanUnknown extends Schema.TaggedError<PlanUnknown>()("PlanUnknown", {}) {
  override get message() {
    return "no such plan"
  }
}

/** The user has started too many purchases within a day without paying for them. */
export class TooManyCheckouts extends Schema.TaggedError<TooManyCheckouts>()("TooManyCheckouts", {}) {
  override get message() {
    return "too many checkouts were never paid: try again tomorrow"
  }
}

/** There is no such payment, or the payment belongs to another user. */
export class PaymentNotFound extends Schema.TaggedError<PaymentNotFound>()("PaymentNotFound", {}) {
  override get message() {
    return "no such payment"
  }
}

/** The renewal of a subscription that dchat bills is not open yet. */
export class RenewalNotOpen extends Schema.TaggedError<RenewalNotOpen>()("RenewalNotOpen", {
  opensAt: Schema.DateTimeUtc
}) {
  override get message() {
    return "the subscription cannot be renewed yet"
  }
}

/** The payment is paid, or it cannot be paid any more. */
export class PaymentNotOpen extends Schema.TaggedError<PaymentNotOpen>()("PaymentNotOpen", {}) {
  override get message() {
    return "the payment is not open"
  }
}

/** The payment has too many quotes. */
export class TooManyQuotes extends Schema.TaggedError<TooManyQuotes>()("TooManyQuotes", {}) {
  override get message() {
    return "the payment has too many quotes: order the plan again tomorrow"
  }
}

/** The transfer does not pay what was quoted. */
export class TransferMismatch extends Schema.TaggedError<TransferMismatch>()("TransferMismatch", {
  reason: TransferMisfit
}) {
  override get message() {
    return `the transfer does not pay the quote: ${this.reason}`
  }
}

/** The user has no credit of this amount. */
export class CreditTooLow extends Schema.TaggedError<CreditTooLow>()("CreditTooLow", {}) {
  override get message() {
    return "the credit of the user is lower than this amount"
  }
}
