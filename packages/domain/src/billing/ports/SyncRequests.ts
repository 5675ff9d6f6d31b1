/**
 * Port: the purchases that the provider is to be asked about. However often and by whomever one is asked for, it is one
 * row; whoever asks while it is being answered has it answered again.
 */
import { Context, type DateTime, type Effect } from "effect"
import type { PurchaseId } from "../../subscription/index.ts"

/** Held until its lease runs out. */
export interface ClaimedSync {
  readonly purchaseId: PurchaseId
  /** By which it is known to be held still: whoever claims it later holds it for longer. */
  readonly leasedUntil: DateTime.Utc
  /** Rises with each request: what was asked for meanwhile is not answered by this. */
  readonly generation: number
  /** How often in a row it has failed. */
  readonly failures: number
  /** Nobody but the reconciliation asked for it: what it finds was missed. */
  readonly reconciling: boolean
}

export class SyncRequests extends Context.Service<SyncRequests, {
  /** `notBefore`: at once, where it is left out. */
  request(
    purchases: ReadonlyArray<PurchaseId>,
    at: DateTime.Utc,
    notBefore?: DateTime.Utc
  ): Effect.Effect<void>
  /**
   * Of those whose time has come, that nobody holds, and about which nothing waits to be delivered: first what was asked
   * for, then what only the reconciliation wants to know.
   */
  claim(now: DateTime.Utc, leasedUntil: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<ClaimedSync>>
  /** As `claim`, of one purchase, whenever it was to be tried next. */
  claimOf(
    purchaseId: PurchaseId,
    now: DateTime.Utc,
    leasedUntil: DateTime.Utc
  ): Effect.Effect<ClaimedSync | undefined>
  /** Whether somebody is about to answer it. */
  isHeld(purchaseId: PurchaseId, now: DateTime.Utc): Effect.Effect<boolean>
  /** Answered. False: it was asked for again or claimed by somebody else meanwhile, and waits to be answered anew. */
  answered(sync: ClaimedSync): Effect.Effect<boolean>
  postpone(sync: ClaimedSync, nextAt: DateTime.Utc, error: string): Effect.Effect<void>
  /** Requests every purchase whose state at the provider should have changed by now. */
  requestDue(now: DateTime.Utc): Effect.Effect<number>
  /** When the purchase was looked at last. */
  observedAt(purchaseId: PurchaseId): Effect.Effect<DateTime.Utc | undefined>
  /**
   * The purchase was looked at. False: somebody did so later, and nothing changes. What may still change (it is open, or
   * money came for it since `paidSince`) is to be looked at again at `againAt`, if nobody asks before.
   */
  observed(purchaseId: PurchaseId, seen: {
    readonly at: DateTime.Utc
    readonly againAt: DateTime.Utc
    readonly paidSince: DateTime.Utc
  }): Effect.Effect<boolean>
  /**
   * Asks about at most `limit` purchases that are to be looked at by now, longest ago first, unless many wait already.
   * Those are not asked about again before `restUntil`.
   */
  requestUnseen(look: {
    readonly now: DateTime.Utc
    readonly restUntil: DateTime.Utc
    readonly limit: number
  }): Effect.Effect<number>
  /** How many wait, and since when the oldest does. */
  readonly backlog: Effect.Effect<{ readonly count: number; readonly oldest: DateTime.Utc | undefined }>
}>()("@dchat/domain/billing/SyncRequests") {}
