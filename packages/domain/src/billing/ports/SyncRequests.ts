/**
 * Port: stores the purchases about which the provider has to be asked. A purchase has one row, whatever the number of
 * requests. A request during an answer makes the purchase due again.
 */
import { Context, type DateTime, type Effect } from "effect"
import type { PurchaseId } from "../../subscription/index.ts"

/** A question that a host holds until its lease expires. */
export interface ClaimedSync {
  readonly purchaseId: PurchaseId
  /** Identifies the claim: a later claim has a later lease. */
  readonly leasedUntil: DateTime.Utc
  /** Rises with each request: this claim does not answer later requests. */
  readonly generation: number
  /** The number of failures in a row. */
  readonly failures: number
  /** Only the reconciliation requested the question, so a change that it finds was missed. */
  readonly reconciling: boolean
}

export class SyncRequests extends Context.Service<SyncRequests, {
  /** Requests purchases. `notBefore` defaults to now. */
  request(
    purchases: ReadonlyArray<PurchaseId>,
    at: DateTime.Utc,
    notBefore?: DateTime.Utc
  ): Effect.Effect<void>
  /**
   * Claims due purchases that no host holds and that have no waiting delivery. Purchases that only the reconciliation has
   * requested come last.
   */
  claim(now: DateTime.Utc, leasedUntil: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<ClaimedSync>>
  /** As `claim`, for one purchase, due or not. */
  claimOf(
    purchaseId: PurchaseId,
    now: DateTime.Utc,
    leasedUntil: DateTime.Utc
  ): Effect.Effect<ClaimedSync | undefined>
  /** Whether a host is about to answer the question. */
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
