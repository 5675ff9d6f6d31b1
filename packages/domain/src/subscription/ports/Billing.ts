/**
 * Port: what the ways to pay of this installation do at once, while somebody waits. Whatever fails here is done later by
 * what is written down.
 */
import { Context, type DateTime, Effect, Layer, Schema } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { Money } from "../model/Money.ts"
import type { PlanTerms } from "../model/PlanTerms.ts"
import type { PaymentMethod, Subscription } from "../model/Subscription.ts"
import type { PurchaseId } from "../model/SubscriptionIds.ts"

/** Nobody can pay by card here: Stripe is not set up. */
export class StripeNotConfigured extends Schema.TaggedError<StripeNotConfigured>()("StripeNotConfigured", {}) {
  override get message() {
    return "card payments are not set up on this host"
  }
}

/** Nobody can pay by wallet here. */
export class Web3NotConfigured extends Schema.TaggedError<Web3NotConfigured>()("Web3NotConfigured", {}) {
  override get message() {
    return "wallet payments are not set up on this host"
  }
}

/** The provider does not answer, or not as it should. Trying again later goes on where this stopped. */
export class StripeUnavailable extends Schema.TaggedError<StripeUnavailable>()("StripeUnavailable", {}) {
  override get message() {
    return "the payment provider does not answer: try again"
  }
}

export type MethodNotConfigured = StripeNotConfigured | Web3NotConfigured

/** The provider has never heard of this person: nothing was ever bought. */
export class NoCustomer extends Schema.TaggedError<NoCustomer>()("NoCustomer", {}) {
  override get message() {
    return "the user has never paid by card"
  }
}

/** What a change of plan would cost, as of a moment. */
export interface PreviewedCredit {
  /** Counts against this change. */
  readonly used: Money
  /** Is there after it, and counts against the next invoices. */
  readonly left: Money
}

export interface ChangePreview {
  /** To be paid at once. */
  readonly amountDue: Money
  /** What becomes of the credit; absent where there is none, before or after. */
  readonly credit?: PreviewedCredit
  /** As of when the rest of the period is counted against it. */
  readonly prorationDate: DateTime.Utc
}

type Failure = StripeNotConfigured | StripeUnavailable

export class Billing extends Context.Service<Billing, {
  /** Refuses a method that is not set up. */
  require(method: PaymentMethod): Effect.Effect<void, MethodNotConfigured>
  /**
   * Tells the provider what it has to know about a purchase, and asks what became of it, for ten seconds at most. What
   * does not work out in that time is done in the background.
   */
  flush(purchaseId: PurchaseId): Effect.Effect<void>
  /** As `flush`, and asks whether or not anything was heard of the purchase. */
  ask(purchaseId: PurchaseId): Effect.Effect<void>
  /** Closes the page on which a pending purchase could be paid. False: it was paid before that. */
  close(userId: UserId, purchaseId: PurchaseId): Effect.Effect<boolean, Failure>
  previewChange(
    subscription: Subscription,
    terms: PlanTerms,
    prorationDate: DateTime.Utc
  ): Effect.Effect<ChangePreview, Failure>
  /** The provider's page on which somebody sees their invoices, changes their card or cancels. */
  portal(userId: UserId, subscription: Subscription | undefined): Effect.Effect<URL, Failure | NoCustomer>
}>()("@dchat/domain/subscription/Billing") {
  /** Nothing can be bought; whatever is granted or was bought before is there all the same. */
  static readonly layerNone = Layer.succeed(Billing, {
    require: (method) =>
      Effect.fail<MethodNotConfigured>(method === "stripe" ? new StripeNotConfigured() : new Web3NotConfigured()),
    flush: () => Effect.void,
    ask: () => Effect.void,
    close: () => Effect.fail(new StripeNotConfigured()),
    previewChange: () => Effect.fail(new StripeNotConfigured()),
    portal: () => Effect.fail(new StripeNotConfigured())
  })
}
