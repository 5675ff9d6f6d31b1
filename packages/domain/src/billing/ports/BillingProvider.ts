/**
 * Port: the provider that bills. It is told what was decided here, and asked what became of it; what it says by itself
 * is only ever a hint to ask.
 */
import { Context, type DateTime, type Effect, type Option, Schema } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import {
  type BillingIntent,
  type ChangePreview,
  type Checkout,
  ExternalId,
  type Membership,
  type OutboxId,
  type Payment,
  type PlanTerms,
  type ProviderSnapshot,
  PurchaseId,
  type Subscription
} from "../../subscription/index.ts"

/** The provider does not answer, is overloaded, or does not let us in. Trying again later may help. */
export class ProviderUnavailable extends Schema.TaggedError<ProviderUnavailable>()("ProviderUnavailable", {
  /** Says what went wrong, without secrets and without anybody's data. */
  detail: Schema.String,
  /** It said so itself, and says the same to the same request from now on: only another one can get through. */
  isAnswered: Schema.optionalKey(Schema.Boolean),
  /** It does not accept our key, or does not allow this with it: somebody has to set another one. */
  isShutOut: Schema.optionalKey(Schema.Boolean)
}) {
  override get message() {
    return `the payment provider is unavailable: ${this.detail}`
  }
}

/** The provider will not do this, however often it is asked. */
export class ProviderRefused extends Schema.TaggedError<ProviderRefused>()("ProviderRefused", {
  detail: Schema.String
}) {
  override get message() {
    return `the payment provider refused: ${this.detail}`
  }
}

/** The message is not from the provider, was altered, or is too old. */
export class SignatureRefused extends Schema.TaggedError<SignatureRefused>()("SignatureRefused", {}) {
  override get message() {
    return "the signature is not valid"
  }
}

type Failure = ProviderUnavailable | ProviderRefused

/** An intent on its way. The provider does the same `id` once, however often it is told. */
export interface Delivery {
  readonly id: OutboxId
  readonly userId: UserId
  readonly purchaseId: PurchaseId
  readonly intent: BillingIntent
}

/** What a message is about: ids, and nothing else that it says. */
export const EventConcern = Schema.Struct({
  /** The purchase that it names itself. */
  purchaseId: Schema.optionalKey(PurchaseId),
  /** The provider's things that it names, by which the purchase can be found. */
  references: Schema.Array(ExternalId)
})
export type EventConcern = typeof EventConcern.Type

/** A message of the provider's whose signature was verified. One of another kind than any we know is about nothing. */
export const ProviderEvent = Schema.Struct({
  externalId: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(255)),
  type: Schema.String.check(Schema.isMaxLength(255)),
  concern: EventConcern
})
export type ProviderEvent = typeof ProviderEvent.Type

export class BillingProvider extends Context.Service<BillingProvider, {
  /**
   * Everything that the request will carry beside the intent, so that saying it again says the same whatever has
   * changed meanwhile. It is written down before it is sent. `thaws`: how often the provider has answered a request of
   * this delivery for good without doing it.
   */
  prepare(delivery: Delivery, thaws: number): Effect.Effect<Schema.Json, Failure>
  /** Answers the page on which can be paid, where the intent was to open one. */
  send(delivery: Delivery, prepared: Schema.Json): Effect.Effect<Option.Option<Checkout>, Failure>
  /** What has become of a purchase. `observedAt` is when it began to be asked. */
  observe(
    userId: UserId,
    purchase: Subscription | Membership,
    payments: ReadonlyArray<Payment>,
    observedAt: DateTime.Utc
  ): Effect.Effect<ProviderSnapshot, Failure>
  /** `complete`: it was paid, or is being paid. */
  closeCheckout(sessionId: ExternalId): Effect.Effect<"closed" | "complete", Failure>
  /** What would have to be paid at once, and what would become of the credit. */
  previewChange(
    subscription: ExternalId,
    terms: PlanTerms,
    prorationDate: DateTime.Utc
  ): Effect.Effect<Pick<ChangePreview, "amountDue" | "credit">, Failure>
  /** The page on which somebody sees their invoices and cards; none for somebody whom the provider does not know. */
  portal(userId: UserId, subscription: ExternalId | undefined): Effect.Effect<Option.Option<URL>, Failure>
  /** Takes the body as it came, byte for byte. */
  verify(
    body: Uint8Array,
    signature: string,
    receivedAt: DateTime.Utc
  ): Effect.Effect<ProviderEvent, SignatureRefused>
  /** To which purchase of ours something of the provider's belongs; none: it is not ours. */
  purchaseOf(reference: ExternalId): Effect.Effect<Option.Option<PurchaseId>, Failure>
}>()("@dchat/domain/billing/BillingProvider") {}
