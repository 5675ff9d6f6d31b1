/**
 * Port: where accounts are kept. The events, everything derived from them, and what has to reach the provider are
 * written together or not at all.
 */
import { type Array, Context, type DateTime, type Effect, type Option, Schema } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { BillingAccount } from "../model/BillingAccount.ts"
import type { BillingIntent } from "../model/BillingIntent.ts"
import type { Tier } from "../model/PlanTerms.ts"
import type { SubscriptionRecord } from "../model/SubscriptionEvent.ts"
import type { ExternalId, OutboxId, PurchaseId } from "../model/SubscriptionIds.ts"

/** A request that carries an idempotency key, within its scope (user, operation, key). Remembered for 24 h. */
export interface PurchaseRequestKey {
  readonly userId: UserId
  readonly operation: string
  readonly key: string
  /** Digest of what was asked. */
  readonly fingerprint: string
  readonly purchaseId: PurchaseId
  /** Of the account after what it led to. */
  readonly version: number
  readonly at: DateTime.Utc
}

/** What a remembered request led to, and what was asked. */
export type KnownRequest = Pick<PurchaseRequestKey, "purchaseId" | "version" | "fingerprint">

/** Something for the provider, as it waits to be delivered. */
export interface OutboxEntry {
  readonly id: OutboxId
  readonly purchaseId: PurchaseId
  readonly intent: BillingIntent
}

/** A step of one account, to be kept as a whole. */
export interface AccountAppend {
  /** The version that this step was decided on; 0 for somebody's first. */
  readonly expected: number
  /** The account after: the fold of `records` onto the one before. */
  readonly account: BillingAccount
  readonly records: Array.NonEmptyReadonlyArray<SubscriptionRecord>
  /** To be delivered, those of one purchase in this order. */
  readonly outbox: ReadonlyArray<OutboxEntry>
  /** Purchases that the provider is to be asked about. */
  readonly syncs: ReadonlyArray<PurchaseId>
  readonly request?: PurchaseRequestKey | undefined
}

/** What became of the accounts that were due. */
export interface DueMoved {
  /** How many were due, of as many as were asked for. */
  readonly found: number
  readonly moved: ReadonlySet<UserId>
}

/** The account moved on from the version that the step was decided on. */
export class AccountMoved extends Schema.TaggedError<AccountMoved>()("AccountMoved", {}) {}
/** The money is used for another payment already, or the token holds another membership. */
export class PaymentUsed extends Schema.TaggedError<PaymentUsed>()("PaymentUsed", {}) {}
/** The idempotency key is in use. */
export class PurchaseRequestKnown extends Schema.TaggedError<PurchaseRequestKnown>()("PurchaseRequestKnown", {}) {}

/** Why a step could not be kept. Nothing of it was. */
export const AccountConflictReason = Schema.Union([AccountMoved, PaymentUsed, PurchaseRequestKnown])

export class BillingAccountConflict
  extends Schema.TaggedError<BillingAccountConflict>()("BillingAccountConflict", { reason: AccountConflictReason })
{}

export class SubscriptionRepository extends Context.Service<SubscriptionRepository, {
  /** The account of a person; an empty one where nothing ever happened. */
  load(id: UserId): Effect.Effect<BillingAccount>
  append(step: AccountAppend): Effect.Effect<void, BillingAccountConflict>
  /**
   * Moves on the accounts that are due by `now`, earliest first, as `decide` says, which is given each of them once:
   * all is kept, by as few statements as for one. Whoever calls at the same time gets others, and nobody changes these
   * meanwhile. One of which nothing comes, or which cannot be read, rests until `retryAt` or its next step; it holds up
   * no other. Steps carry no `request` here.
   */
  moveDue(
    due: { readonly now: DateTime.Utc; readonly retryAt: DateTime.Utc; readonly limit: number },
    decide: (accounts: ReadonlyArray<BillingAccount>) => Effect.Effect<ReadonlyArray<AccountAppend>>
  ): Effect.Effect<DueMoved>
  /** Whose purchase it is. */
  ownerOf(purchase: PurchaseId): Effect.Effect<Option.Option<UserId>>
  /** To which purchase something of the provider's belongs: a payment's external id or intent, or a subscription. */
  purchaseOfMoney(id: ExternalId): Effect.Effect<
    Option.Option<{ readonly userId: UserId; readonly purchaseId: PurchaseId }>
  >
  /** Of which tiers somebody has a purchase that is not over. */
  readonly tiersHeld: Effect.Effect<ReadonlyArray<Tier>>
  /** What happened in an account, newest first, with `seq` below `before`. An event that cannot be read is left out. */
  events(
    id: UserId,
    page: { readonly before?: number | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<SubscriptionRecord>>
  /**
   * Looks at `limit` accounts after that of the user `after`, in the order of their users: whose cannot be read, and who
   * is the last, unless there are no more.
   */
  unreadable(after: UserId | undefined, limit: number): Effect.Effect<{
    readonly unreadable: ReadonlyArray<UserId>
    readonly last: UserId | undefined
  }>
  /** A request that was remembered less than 24 h ago. */
  findRequest(
    key: Pick<PurchaseRequestKey, "userId" | "operation" | "key">,
    now: DateTime.Utc
  ): Effect.Effect<Option.Option<KnownRequest>>
  /** A request that led to what was there already. Refused where the key is in use. */
  remember(request: PurchaseRequestKey): Effect.Effect<void, BillingAccountConflict>
  /** Forgets at most `limit` requests that are older than 24 h; returns how many. */
  purgeRequests(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/subscription/SubscriptionRepository") {}
