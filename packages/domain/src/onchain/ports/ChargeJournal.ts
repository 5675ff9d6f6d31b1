/**
 * Port: the transactions of the charging account, and the subscriptions whose renewals dchat charges. A transaction is
 * stored before it is sent, so that an unknown outcome never leads to a second charge.
 */
import { Context, type DateTime, type Effect } from "effect"
import type { PurchaseId } from "../../subscription/index.ts"
import type {
  ChargeLane,
  OperatorTransaction,
  OperatorTransactionState,
  SignedTransaction
} from "../model/OperatorTransaction.ts"

/** The right to use the charging account on a chain. A later lease makes the earlier one worthless. */
export interface LaneLease extends ChargeLane {
  readonly token: number
}

/** `exists`: a transaction of the key is open or has succeeded. `lost`: the lease is worthless, or the nonce was used. */
export type Recorded = "recorded" | "exists" | "lost"

export class ChargeJournal extends Context.Service<ChargeJournal, {
  /** Looks at the subscription at this time, or earlier if that was wanted before. */
  watch(purchaseId: PurchaseId, dueAt: DateTime.Utc): Effect.Effect<void>
  /** The subscriptions that are due, earliest first. They are due again at `until`, unless they are scheduled. */
  claim(due: {
    readonly now: DateTime.Utc
    readonly until: DateTime.Utc
    readonly limit: number
  }): Effect.Effect<ReadonlyArray<PurchaseId>>
  /** When a watched subscription is due again. */
  schedule(purchaseId: PurchaseId, dueAt: DateTime.Utc): Effect.Effect<void>
  forget(purchaseId: PurchaseId): Effect.Effect<void>
  /** The right to use the lane for `seconds`, by the clock of the store. Undefined if another host has it. */
  lease(lane: ChargeLane, host: string, seconds: number): Effect.Effect<LaneLease | undefined>
  /** Gives the lane back before the lease ends. */
  release(lease: LaneLease): Effect.Effect<void>
  /** The lowest nonce that no transaction of the lane has or had. */
  nextNonce(lane: ChargeLane): Effect.Effect<number>
  /** Stores a new transaction of the lane. Its nonce is `nextNonce` or higher. */
  record(lease: LaneLease, transaction: OperatorTransaction): Effect.Effect<Recorded>
  /** Stores a further signed transaction with the same nonce. False if the lease is worthless. */
  replace(lease: LaneLease, nonce: number, signed: SignedTransaction): Effect.Effect<boolean>
  /** False if the lease is worthless. */
  close(
    lease: LaneLease,
    nonce: number,
    state: Exclude<OperatorTransactionState, "open">,
    at: DateTime.Utc
  ): Effect.Effect<boolean>
  /** The open transactions of a lane, lowest nonce first. */
  open(lane: ChargeLane, limit: number): Effect.Effect<ReadonlyArray<OperatorTransaction>>
  /** The transactions for a purchase, newest first. */
  ofPurchase(purchaseId: PurchaseId, limit: number): Effect.Effect<ReadonlyArray<OperatorTransaction>>
}>()("@dchat/domain/onchain/ChargeJournal") {}
