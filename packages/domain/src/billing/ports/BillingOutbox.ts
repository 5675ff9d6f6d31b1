/**
 * Port: what has to reach the provider, written down with the decision that it follows from. Those of one purchase go
 * out in the order in which they were decided.
 */
import { Context, type DateTime, type Effect, type Schema } from "effect"
import type { OutboxId, PurchaseId } from "../../subscription/index.ts"
import type { Delivery } from "./BillingProvider.ts"

/** The error of an entry that the host which claimed it could not read. */
export const unreadableEntry = "cannot be read"

/** The first that waits of a purchase, held until its lease runs out. */
export interface HeldDelivery extends Omit<Delivery, "intent"> {
  /** How often it was tried, this time included. Whoever claims it next has another number: only the latest counts. */
  readonly attempts: number
  readonly createdAt: DateTime.Utc
}

export interface ClaimedDelivery extends HeldDelivery, Delivery {
  /** What was written down before it was sent first. */
  readonly prepared: Schema.Json | undefined
  /** How often what was frozen was forgotten. */
  readonly thaws: number
}

/** An entry that this host cannot read: of a newer release, or damaged. */
export interface UnreadableDelivery extends HeldDelivery {
  readonly intent: undefined
}

/** Something that was given up, or that a host cannot read. */
export interface DeadDelivery extends HeldDelivery {
  /** None where this host cannot read it. */
  readonly intent: Delivery["intent"] | undefined
  readonly isGivenUp: boolean
  readonly error: string
}

export class BillingOutbox extends Context.Service<BillingOutbox, {
  /** The first of each of up to `limit` purchases, of those whose time to be tried has come and that nobody holds. */
  claim(
    now: DateTime.Utc,
    leasedUntil: DateTime.Utc,
    limit: number
  ): Effect.Effect<ReadonlyArray<ClaimedDelivery | UnreadableDelivery>>
  /** The first of one purchase, whenever it was to be tried next, unless somebody holds it. */
  claimOf(
    purchaseId: PurchaseId,
    now: DateTime.Utc,
    leasedUntil: DateTime.Utc
  ): Effect.Effect<ClaimedDelivery | UnreadableDelivery | undefined>
  /** What follows changes nothing where somebody else has claimed it since. False: so it was. */
  freeze(delivery: HeldDelivery, prepared: Schema.Json): Effect.Effect<boolean>
  /** Forgets what was frozen: the next attempt prepares the request anew, under another key. */
  thaw(delivery: HeldDelivery): Effect.Effect<void>
  delivered(delivery: HeldDelivery, at: DateTime.Utc): Effect.Effect<void>
  /** To be tried again at `nextAt`. */
  postpone(delivery: HeldDelivery, nextAt: DateTime.Utc, error: string): Effect.Effect<void>
  /** Given up: it holds up nothing any more. Answers how many of the purchase were within a day. */
  deadLetter(delivery: HeldDelivery, at: DateTime.Utc, error: string): Effect.Effect<number>
  /**
   * Takes back one that was given up, to be tried now; or, of a purchase, the opening of its checkout, which somebody
   * wants again, unless it cannot be read. Returns how many.
   */
  replay(
    which: { readonly purchaseId: PurchaseId } | { readonly id: OutboxId },
    now: DateTime.Utc
  ): Effect.Effect<number>
  /** Whether anything of a purchase waits to be delivered. */
  waits(purchaseId: PurchaseId): Effect.Effect<boolean>
  /** Those that were given up, and those that wait and cannot be read. Latest first. */
  dead(limit: number): Effect.Effect<ReadonlyArray<DeadDelivery>>
  /**
   * Has the first entry of a purchase tried now that waits for an earlier one where there is none. Looks after at most
   * `limit` purchases; returns how many.
   */
  wake(limit: number): Effect.Effect<number>
  /** Forgets at most `limit` that were delivered or given up before `before`; returns how many. */
  purge(before: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/billing/BillingOutbox") {}
