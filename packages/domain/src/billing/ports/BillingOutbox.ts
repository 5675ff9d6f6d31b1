/**
 * Port: stores intents for the provider, in the transaction of their decision. The intents of one purchase are delivered in
 * the order of their decisions.
 */
import { Context, type DateTime, type Effect, type Schema } from "effect"
import type { OutboxId, PurchaseId } from "../../subscription/index.ts"
import type { Delivery } from "./BillingProvider.ts"

/** The error of an entry that the host which claimed it could not read. */
export const unreadableEntry = "cannot be read"

/** The first waiting intent of a purchase, claimed by a host until its lease expires. */
export interface HeldDelivery extends Omit<Delivery, "intent"> {
  /** The number of attempts, including this one. Each claim has another number, and only the latest claim counts. */
  readonly attempts: number
  readonly createdAt: DateTime.Utc
}

export interface ClaimedDelivery extends HeldDelivery, Delivery {
  /** The request as it was stored before it was sent first. */
  readonly prepared: Schema.Json | undefined
  /** How often the stored request was forgotten. */
  readonly thaws: number
}

/** An entry that this host cannot read: of a newer release, or damaged. */
export interface UnreadableDelivery extends HeldDelivery {
  readonly intent: undefined
}

/** An entry that was given up, or that this host cannot read. */
export interface DeadDelivery extends HeldDelivery {
  /** Undefined if this host cannot read the entry. */
  readonly intent: Delivery["intent"] | undefined
  readonly isGivenUp: boolean
  readonly error: string
}

export class BillingOutbox extends Context.Service<BillingOutbox, {
  /** Claims the first intent of up to `limit` purchases that are due and that no host holds. */
  claim(
    now: DateTime.Utc,
    leasedUntil: DateTime.Utc,
    limit: number
  ): Effect.Effect<ReadonlyArray<ClaimedDelivery | UnreadableDelivery>>
  /** Claims the first intent of one purchase, due or not, unless another host holds it. */
  claimOf(
    purchaseId: PurchaseId,
    now: DateTime.Utc,
    leasedUntil: DateTime.Utc
  ): Effect.Effect<ClaimedDelivery | UnreadableDelivery | undefined>
  /** Stores the request. False if another host has claimed the delivery; then the following calls change nothing. */
  freeze(delivery: HeldDelivery, prepared: Schema.Json): Effect.Effect<boolean>
  /** Forgets the stored request: the next attempt prepares a new one, with another idempotency key. */
  thaw(delivery: HeldDelivery): Effect.Effect<void>
  delivered(delivery: HeldDelivery, at: DateTime.Utc): Effect.Effect<void>
  /** Schedules the next attempt at `nextAt`. */
  postpone(delivery: HeldDelivery, nextAt: DateTime.Utc, error: string): Effect.Effect<void>
  /** Gives up the delivery, which blocks no other any more. Returns how many of the purchase were given up within a day. */
  deadLetter(delivery: HeldDelivery, at: DateTime.Utc, error: string): Effect.Effect<number>
  /**
   * Schedules a delivery again that was given up; for a purchase, the opening of its checkout, unless it cannot be read.
   * Returns how many.
   */
  replay(
    which: { readonly purchaseId: PurchaseId } | { readonly id: OutboxId },
    now: DateTime.Utc
  ): Effect.Effect<number>
  /** Whether an intent of the purchase waits for delivery. */
  waits(purchaseId: PurchaseId): Effect.Effect<boolean>
  /** The entries that were given up, and waiting entries that cannot be read. Latest first. */
  dead(limit: number): Effect.Effect<ReadonlyArray<DeadDelivery>>
  /**
   * Makes the first entry of a purchase due if it waits for an earlier entry that is gone. Wakes at most `limit`
   * purchases; returns how many.
   */
  wake(limit: number): Effect.Effect<number>
  /** Deletes at most `limit` entries that were delivered or given up before `before`; returns how many. */
  purge(before: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/billing/BillingOutbox") {}
