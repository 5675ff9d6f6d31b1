/**
 * Port: talks to the payment provider while the user waits. Work that fails or takes too long continues in the background.
 */
import { Context, type DateTime, Effect, Layer, Schema } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { Money } from "../model/Money.ts"
import type { PlanTerms } from "../model/PlanTerms.ts"
import type { Subscription } from "../model/Subscription.ts"
import type { PurchaseId } from "../model/SubscriptionIds.ts"

/** Payment by card is not available: Stripe is not set up. */
export class StripeNotConfigured extends Schema.TaggedError<StripeNotConfigured>()("StripeNotConfigured", {}) {
  override get message() {
    return "card payments are not set up on this host"
  }
}

/** Payment by wallet is not available. */
export class Web3NotConfigured extends Schema.TaggedError<Web3NotConfigured>()("Web3NotConfigured", {}) {
  override get message() {
    return "wallet payments are not set up on this host"
  }
}

/** The provider does not answer, or answers with an error. A later retry continues where this request stopped. */
export class StripeUnavailable extends Schema.TaggedError<StripeUnavailable>()("StripeUnavailable", {}) {
  override get message() {
    return "the payment provider does not answer: try again"
  }
}

export type MethodNotConfigured = StripeNotConfigured | Web3NotConfigured

/** The provider has no customer for this user, because the user never bought anything. */
export class NoCustomer extends Schema.TaggedError<NoCustomer>()("NoCustomer", {}) {
  override get message() {
    return "the user has never paid by card"
  }
}

/** How a change of plan would use the credit of the customer. */
export interface PreviewedCredit {
  /** The part that counts towards this change. */
  readonly used: Money
  /** The credit after the change, which counts towards the next invoices. */
  readonly left: Money
}

/** The price of a change of plan at a moment. */
export interface ChangePreview {
  /** The amount to pay now. */
  readonly amountDue: Money
  /** Absent if there is no credit before or after the change. */
  readonly credit?: PreviewedCredit
  /** The time from which the rest of the current period counts towards the price. */
  readonly prorationDate: DateTime.Utc
}

type Failure = StripeNotConfigured | StripeUnavailable

export class Billing extends Context.Service<Billing, {
  /** Refuses if Stripe is not set up. */
  readonly require: Effect.Effect<void, StripeNotConfigured>
  /**
   * Sends the intents of a purchase to the provider and asks for the outcome, for at most ten seconds. The rest is done
   * in the background.
   */
  flush(purchaseId: PurchaseId): Effect.Effect<void>
  /** As `flush`, and asks the provider even if no answer is outstanding. */
  ask(purchaseId: PurchaseId): Effect.Effect<void>
  /** Closes the payment page of a pending purchase. False if the purchase was paid before. */
  close(userId: UserId, purchaseId: PurchaseId): Effect.Effect<boolean, Failure>
  previewChange(
    subscription: Subscription,
    terms: PlanTerms,
    prorationDate: DateTime.Utc
  ): Effect.Effect<ChangePreview, Failure>
  /** The customer portal of the provider: invoices, cards, cancellation. */
  portal(userId: UserId, subscription: Subscription | undefined): Effect.Effect<URL, Failure | NoCustomer>
}>()("@dchat/domain/subscription/Billing") {
  /** For an installation without payments: grants and earlier purchases stay valid. */
  static readonly layerNone = Layer.succeed(Billing, {
    require: Effect.fail(new StripeNotConfigured()),
    flush: () => Effect.void,
    ask: () => Effect.void,
    close: () => Effect.fail(new StripeNotConfigured()),
    previewChange: () => Effect.fail(new StripeNotConfigured()),
    portal: () => Effect.fail(new StripeNotConfigured())
  })
}
