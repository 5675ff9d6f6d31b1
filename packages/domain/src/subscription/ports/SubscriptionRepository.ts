/**
 * Port: stores billing accounts. The events, the derived state and the intents for the provider are stored in one
 * transaction.
 */
import { type Array, Context, type DateTime, type Effect, type Option, Schema } from "effect"
import { KeyInUse, type RecordedRequest } from "../../idempotency/index.ts"
import type { UserId } from "../../identity/model/UserId.ts"
import type { BillingAccount } from "../model/BillingAccount.ts"
import type { BillingIntent } from "../model/BillingIntent.ts"
import type { Tier } from "../model/PlanTerms.ts"
import type { SubscriptionRecord } from "../model/SubscriptionEvent.ts"
import type { ExternalId, OutboxId, PurchaseId } from "../model/SubscriptionIds.ts"

/** An intent that waits for its delivery to the provider. */
export interface OutboxEntry {
  readonly id: OutboxId
  readonly purchaseId: PurchaseId
  readonly intent: BillingIntent
}

/** A step of one account, stored in one transaction. */
export interface AccountAppend {
  /** The version on which the step was decided; 0 for a new account. */
  readonly expected: number
  /** The account after `records`. */
  readonly account: BillingAccount
  readonly records: Array.NonEmptyReadonlyArray<SubscriptionRecord>
  /** The intents to deliver. The intents of one purchase are delivered in order. */
  readonly outbox: ReadonlyArray<OutboxEntry>
  /** The purchases about which the provider has to be asked. */
  readonly syncs: ReadonlyArray<PurchaseId>
  readonly request?: RecordedRequest | undefined
}

/** The outcome of a sweep. */
export interface DueMoved {
  /** The number of due accounts, up to the limit. */
  readonly found: number
  readonly moved: ReadonlySet<UserId>
}

/** The account has another version than the one on which the step was decided. */
export class AccountMoved extends Schema.TaggedError<AccountMoved>()("AccountMoved", {}) {}
/** The money is used for another payment already, or the token holds another membership. */
export class PaymentUsed extends Schema.TaggedError<PaymentUsed>()("PaymentUsed", {}) {}

/** Why a step was not stored. */
export const AccountConflictReason = Schema.Union([AccountMoved, PaymentUsed, KeyInUse])

export class BillingAccountConflict
  extends Schema.TaggedError<BillingAccountConflict>()("BillingAccountConflict", { reason: AccountConflictReason })
{}

export class SubscriptionRepository extends Context.Service<SubscriptionRepository, {
  /** The account of a user; an empty account for a new user. */
  load(id: UserId): Effect.Effect<BillingAccount>
  append(step: AccountAppend): Effect.Effect<void, BillingAccountConflict>
  /**
   * Stores the steps of `decide` for the accounts that are due by `now`, earliest first. The number of statements does
   * not depend on the number of accounts. Concurrent calls get other accounts, and nothing else changes these accounts
   * meanwhile. An account without a step, or one that cannot be read, is due again at `retryAt` or after its next step,
   * and blocks no other account. Steps have no `request` here.
   */
  moveDue(
    due: { readonly now: DateTime.Utc; readonly retryAt: DateTime.Utc; readonly limit: number },
    decide: (accounts: ReadonlyArray<BillingAccount>) => Effect.Effect<ReadonlyArray<AccountAppend>>
  ): Effect.Effect<DueMoved>
  /** The owner of a purchase. */
  ownerOf(purchase: PurchaseId): Effect.Effect<Option.Option<UserId>>
  /** The purchase of an object of the provider: a payment, a payment intent, a subscription, or the token of a membership. */
  purchaseOfMoney(id: ExternalId): Effect.Effect<
    Option.Option<{ readonly userId: UserId; readonly purchaseId: PurchaseId }>
  >
  /** The tiers of all purchases that are not over. */
  readonly tiersHeld: Effect.Effect<ReadonlyArray<Tier>>
  /** The events of an account, newest first, with `seq` below `before`, without events that cannot be read. */
  events(
    id: UserId,
    page: { readonly before?: number | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<SubscriptionRecord>>
  /**
   * Checks `limit` accounts in the order of their users, starting after the user `after`. Answers the users whose account
   * cannot be read, and the last user unless there are no more accounts.
   */
  unreadable(after: UserId | undefined, limit: number): Effect.Effect<{
    readonly unreadable: ReadonlyArray<UserId>
    readonly last: UserId | undefined
  }>
}>()("@dchat/domain/subscription/SubscriptionRepository") {}
