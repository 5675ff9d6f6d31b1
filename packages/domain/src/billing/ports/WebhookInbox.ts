/**
 * Port: the webhook events of the provider, stored before they are acknowledged, and processed afterwards.
 */
import { Context, type DateTime, type Effect } from "effect"
import type { PurchaseId } from "../../subscription/index.ts"
import type { ProviderEvent } from "./BillingProvider.ts"

/** An event that a host holds until its lease expires. */
export interface ClaimedEvent extends Omit<ProviderEvent, "concern"> {
  /** Undefined if this host cannot read the ids of the event. */
  readonly concern: ProviderEvent["concern"] | undefined
  readonly receivedAt: DateTime.Utc
  /** The number of attempts, including this one. */
  readonly attempts: number
}

/** The part of an event that an operator sees, without its content. */
export interface InboxEntry {
  readonly externalId: string
  readonly type: string
  readonly state: "waiting" | "done" | "ignored" | "dead"
  readonly receivedAt: DateTime.Utc
  readonly attempts: number
  readonly error: string | undefined
}

export class WebhookInbox extends Context.Service<WebhookInbox, {
  /** Stores an event durably. Returns false if the event is already stored. */
  accept(event: ProviderEvent, at: DateTime.Utc): Effect.Effect<boolean>
  claim(now: DateTime.Utc, leasedUntil: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<ClaimedEvent>>
  /**
   * Finishes several events. Events without a purchase concern no purchase of this installation, and are ignored. Of
   * the ids of an event only the purchase is kept, unless the purchase belongs to a deleted user.
   */
  finish(
    events: ReadonlyArray<{ readonly externalId: string; readonly purchaseId?: PurchaseId }>,
    at: DateTime.Utc
  ): Effect.Effect<void>
  postpone(externalId: string, nextAt: DateTime.Utc, error: string): Effect.Effect<void>
  /** Gives up the event until an operator replays the event. */
  deadLetter(externalId: string, at: DateTime.Utc, error: string): Effect.Effect<void>
  /** Schedules one event, or every event that was given up, again. Returns the number of scheduled events. */
  replay(which: { readonly externalId: string } | "dead", now: DateTime.Utc): Effect.Effect<number>
  /** Latest first. */
  list(state: InboxEntry["state"] | undefined, limit: number): Effect.Effect<ReadonlyArray<InboxEntry>>
  /**
   * Deletes at most `limit` events that were finished, ignored or given up before `before`. Returns the number of
   * deleted events.
   */
  purge(before: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/billing/WebhookInbox") {}
