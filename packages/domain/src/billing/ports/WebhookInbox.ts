/**
 * Port: what the provider has told, kept before it is thanked for it, and worked on afterwards.
 */
import { Context, type DateTime, type Effect } from "effect"
import type { PurchaseId } from "../../subscription/index.ts"
import type { ProviderEvent } from "./BillingProvider.ts"

/** Held until its lease runs out. */
export interface ClaimedEvent extends Omit<ProviderEvent, "concern"> {
  /** None where this host cannot read what the event is about. */
  readonly concern: ProviderEvent["concern"] | undefined
  readonly receivedAt: DateTime.Utc
  /** How often it was tried, this time included. */
  readonly attempts: number
}

/** What an operator sees of an event: not what is in it. */
export interface InboxEntry {
  readonly externalId: string
  readonly type: string
  readonly state: "waiting" | "done" | "ignored" | "dead"
  readonly receivedAt: DateTime.Utc
  readonly attempts: number
  readonly error: string | undefined
}

export class WebhookInbox extends Context.Service<WebhookInbox, {
  /** Durable once it succeeds. An event that is there already changes nothing: false. */
  accept(event: ProviderEvent, at: DateTime.Utc): Effect.Effect<boolean>
  claim(now: DateTime.Utc, leasedUntil: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<ClaimedEvent>>
  /**
   * Many at once. Those without a purchase are not about anything of ours, and ignored. Of what they were about, only the
   * purchase is kept, unless it is of somebody who is gone.
   */
  finish(
    events: ReadonlyArray<{ readonly externalId: string; readonly purchaseId?: PurchaseId }>,
    at: DateTime.Utc
  ): Effect.Effect<void>
  postpone(externalId: string, nextAt: DateTime.Utc, error: string): Effect.Effect<void>
  /** Given up until somebody has it tried again. */
  deadLetter(externalId: string, at: DateTime.Utc, error: string): Effect.Effect<void>
  /** Has one event, or every one that was given up, tried again; returns how many. */
  replay(which: { readonly externalId: string } | "dead", now: DateTime.Utc): Effect.Effect<number>
  /** Latest first. */
  list(state: InboxEntry["state"] | undefined, limit: number): Effect.Effect<ReadonlyArray<InboxEntry>>
  /** Forgets at most `limit` that were done, ignored or given up before `before`; returns how many. */
  purge(before: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/billing/WebhookInbox") {}
