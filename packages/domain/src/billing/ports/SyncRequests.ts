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
  /**
   * Marks the question as answered. Returns false if the question was requested again, or claimed by another host, and
   * stays due.
   */
  answered(sync: ClaimedSync): Effect.Effect<boolean>
  postpone(sync: ClaimedSync, nextAt: DateTime.Utc, error: string): Effect.Effect<void>
  /** Requests every purchase whose state at the provider should have changed by now. */
  requestDue(now: DateTime.Utc): Effect.Effect<number>
  /** The time at which the purchase was last read. */
  observedAt(purchaseId: PurchaseId): Effect.Effect<DateTime.Utc | undefined>
  /**
   * Records a read of the purchase. Returns false if a later read is recorded. A purchase that may still change (open,
   * or with a payment since `paidSince`) is read again at `againAt`, unless an earlier request comes.
   */
  observed(purchaseId: PurchaseId, seen: {
    readonly at: DateTime.Utc
    readonly againAt: DateTime.Utc
    readonly paidSince: DateTime.Utc
  }): Effect.Effect<boolean>
  /**
   * Requests at most `limit` purchases that are due for a read, the longest waiting first, unless many requests already
   * wait. These purchases are not requested again before `restUntil`.
   */
  requestUnseen(look: {
    readonly now: DateTime.Utc
    readonly restUntil: DateTime.Utc
    readonly limit: number
  }): Effect.Effect<number>
  /** The number of waiting questions, and the time since which the oldest waits. */
  readonly backlog: Effect.Effect<{ readonly count: number; readonly oldest: DateTime.Utc | undefined }>
}>()("@dchat/domain/billing/SyncRequests") {}
