/**
 * Port: the payment provider. It receives intents, and is asked for the outcome. A message of the provider is only a hint to
 * ask.
 */
import { Context, type DateTime, type Effect, type Option, Schema } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import { StorableText } from "../../storable/Storable.ts"
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

/** The provider does not answer, is overloaded, or does not accept the key. A later attempt may succeed. */
export class ProviderUnavailable extends Schema.TaggedError<ProviderUnavailable>()("ProviderUnavailable", {
  /** The cause, without secrets or personal data. */
  detail: Schema.String,
  /** The provider has stored this answer for the request. Only another request can succeed. */
  isAnswered: Schema.optionalKey(Schema.Boolean),
  /** The provider does not accept the key, or the key lacks a permission: an administrator has to set another key. */
  isShutOut: Schema.optionalKey(Schema.Boolean)
}) {
  override get message() {
    return `the payment provider is unavailable: ${this.detail}`
  }
}

/** The provider refuses the request for good. */
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

/** An intent for the provider, which carries out each `id` once, whatever the number of requests. */
export interface Delivery {
  readonly id: OutboxId
  readonly userId: UserId
  readonly purchaseId: PurchaseId
  readonly intent: BillingIntent
}

/** The ids in a message. The rest of a message is ignored. */
export const EventConcern = Schema.Struct({
  /** The purchase that the message names. */
  purchaseId: Schema.optionalKey(PurchaseId),
  /** Objects of the provider in the message, by which the purchase can be found. */
  references: Schema.Array(ExternalId)
})
export type EventConcern = typeof EventConcern.Type

/** A verified message of the provider. A message of an unknown kind has no ids. */
export const ProviderEvent = Schema.Struct({
  externalId: StorableText.check(Schema.isMinLength(1), Schema.isMaxLength(255)),
  type: StorableText.check(Schema.isMaxLength(255)),
  concern: EventConcern
})
export type ProviderEvent = typeof ProviderEvent.Type

export class BillingProvider extends Context.Service<BillingProvider, {
  /**
   * Everything that the request carries beside the intent. The request is stored before it is sent, so that every attempt
   * sends the same. `thaws`: how many requests of this delivery the provider has answered without carrying them out.
   */
  prepare(delivery: Delivery, thaws: number): Effect.Effect<Schema.Json, Failure>
  /** Returns the checkout if the intent opens one. */
  send(delivery: Delivery, prepared: Schema.Json): Effect.Effect<Option.Option<Checkout>, Failure>
  /** The state of a purchase. `observedAt`: the time before the first request. */
  observe(
    userId: UserId,
    purchase: Subscription | Membership,
    payments: ReadonlyArray<Payment>,
    observedAt: DateTime.Utc
  ): Effect.Effect<ProviderSnapshot, Failure>
  /** `complete`: the checkout was paid, or a payment is in progress. */
  closeCheckout(sessionId: ExternalId): Effect.Effect<"closed" | "complete", Failure>
  /** The amount to pay now for a change, and the use of the credit. */
  previewChange(
    subscription: ExternalId,
    terms: PlanTerms,
    prorationDate: DateTime.Utc
  ): Effect.Effect<Pick<ChangePreview, "amountDue" | "credit">, Failure>
  /** The customer portal; none if the provider does not know the user. */
  portal(userId: UserId, subscription: ExternalId | undefined): Effect.Effect<Option.Option<URL>, Failure>
  /** Verifies the signature of the raw body, byte for byte. */
  verify(
    body: Uint8Array,
    signature: string,
    receivedAt: DateTime.Utc
  ): Effect.Effect<ProviderEvent, SignatureRefused>
  /** The purchase of an object of the provider; none if the object belongs to no purchase of this installation. */
  purchaseOf(reference: ExternalId): Effect.Effect<Option.Option<PurchaseId>, Failure>
}>()("@dchat/domain/billing/BillingProvider") {}
