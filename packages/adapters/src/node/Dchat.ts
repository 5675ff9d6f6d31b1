/**
 * The Promise API: calls, subscriptions and entitlements for applications that do not use Effect.
 *
 * Ids and options are plain strings and objects, which each method checks. A method rejects with the tagged error that
 * the service of the same name fails with: `error._tag` names the refusal. Times in results are `DateTime.Utc` of
 * `effect`; `JSON.stringify` writes them in ISO 8601, and amounts of money are `bigint` minor units.
 */
import type { Call, CallNotice, CallProjection, CallRequest, NewCall } from "@dchat/domain/call"
import type { Identity } from "@dchat/domain/identity"
import type {
  Entitled,
  Payment,
  PreviewedChange,
  StartedCheckout,
  SubscriptionChanged,
  SubscriptionSummary,
  Used
} from "@dchat/domain/subscription"

/** A user and one of the user's devices. A call continues on the device that accepted the call. */
export interface Caller {
  /** A UUIDv7 (RFC 9562), in lower case. */
  readonly userId: string
  /** 1 to 64 visible ASCII characters: one name for each window or installation. */
  readonly device?: string | undefined
}

/** The same request with the same key is answered by the result of the first request, while the key is remembered. */
export interface Keyed {
  readonly idempotencyKey?: string | undefined
}

export interface Page {
  /** @default 50 */
  readonly limit?: number | undefined
}

export interface DchatCalls {
  /**
   * Places a call. `created` is false if the command answered the callee's own call, or if the idempotency key was used
   * before.
   */
  initiate(
    caller: Caller,
    call: typeof NewCall.Encoded,
    options?: Keyed
  ): Promise<{ readonly call: Call; readonly created: boolean }>
  /** Executes a request on a call, such as `{ _tag: "Accept" }`, and returns the call after the request. */
  execute(actor: Caller, callId: string, request: typeof CallRequest.Encoded): Promise<Call>
  get(actor: Caller, callId: string): Promise<Call>
  /** The open calls of a user, oldest first. */
  open(userId: string): Promise<ReadonlyArray<Call>>
  /** The calls of a user, newest first. */
  history(
    userId: string,
    filter?: typeof CallProjection.HistoryFilter.Encoded,
    page?: Page
  ): Promise<ReadonlyArray<Call>>
  /** Ends a call for all participants. */
  end(callId: string): Promise<Call>
}

/** A plan to buy. */
export interface Purchase {
  readonly tier: string
  /** `nft` is a lifetime membership. */
  readonly period: "monthly" | "yearly" | "nft"
  readonly method: "stripe" | "web3"
  readonly autoRenew?: boolean | undefined
}

export interface Change {
  readonly tier: string
  readonly period: "monthly" | "yearly"
}

export interface Cancellation extends Keyed {
  /** @default "period_end" */
  readonly when?: "period_end" | "now" | undefined
  /** Confirms that no money is returned for the rest of the period. Required for `now`. */
  readonly confirmNoRefund?: boolean | undefined
}

export interface DchatSubscriptions {
  /** The subscription of a user, and the access that it gives. */
  of(userId: string): Promise<SubscriptionSummary>
  /** Begins a purchase. `payment.checkout` holds the page on which the user pays. */
  create(userId: string, purchase: Purchase, options?: Keyed): Promise<StartedCheckout>
  cancel(userId: string, options?: Cancellation): Promise<SubscriptionSummary>
  undoCancel(userId: string, options?: Keyed): Promise<SubscriptionSummary>
  change(userId: string, to: Change, options?: Keyed): Promise<SubscriptionSummary>
  previewChange(userId: string, to: Change): Promise<PreviewedChange>
  undoChange(userId: string, options?: Keyed): Promise<SubscriptionSummary>
  refund(userId: string, options?: Keyed): Promise<SubscriptionSummary>
  payment(userId: string, paymentId: string): Promise<Payment>
  /** The provider's page on which the user manages cards and invoices. */
  portal(userId: string): Promise<URL>
  /**
   * Stores an event of Stripe. `body` is the unchanged request body, and `signature` is the header `stripe-signature`.
   */
  receiveStripeEvent(body: Uint8Array, signature: string): Promise<void>
}

export interface DchatEntitlements {
  /** The plan of a user at this moment, and its limits. */
  of(userId: string): Promise<Entitled>
  /**
   * Counts usage against the limits of the plan. Rejects with `UsageLimitReached` if the usage would exceed the limit.
   */
  consume(
    userId: string,
    usage: { readonly feature: string; readonly amount: number; readonly key: string }
  ): Promise<Used>
}

export interface DchatIdentities {
  /** A user who signed in at a dchat host of the same database. */
  get(userId: string): Promise<Identity>
  /** Ends every session of a user, and refuses new sessions until the user is enabled. */
  disable(userId: string, by: { readonly actor: string; readonly reason: string }): Promise<Identity>
  enable(userId: string, by: { readonly actor: string; readonly reason: string }): Promise<Identity>
}

/** Each promise resolves once dchat listens. Its iterable ends with the loop over it, or when dchat is closed. */
export interface DchatEvents {
  /** The steps of every call that concerns a user, with the call after each. A slow reader loses the oldest. */
  calls(userId: string): Promise<AsyncIterable<CallNotice>>
  /** Users whose subscription has changed. */
  subscriptions(): Promise<AsyncIterable<SubscriptionChanged>>
}

export interface Dchat {
  readonly calls: DchatCalls
  readonly subscriptions: DchatSubscriptions
  readonly entitlements: DchatEntitlements
  readonly identities: DchatIdentities
  readonly events: DchatEvents
  /** Ends the background work and the connections to the database. A second call does nothing. */
  close(): Promise<void>
}
