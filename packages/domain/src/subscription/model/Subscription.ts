/**
 * A plan that is paid period by period.
 */
import { Schema } from "effect"
import { Authorization, RenewalWarning } from "./Authorization.ts"
import { Money } from "./Money.ts"
import { PlanTerms, Tier } from "./PlanTerms.ts"
import { ExternalId, PaymentId, PurchaseId } from "./SubscriptionIds.ts"

/** Terminal: `expired`, `cancelled`, `refunded`. Live: `active`, `past_due`, `suspended`. Open: pending or live. */
export const SubscriptionState = Schema.Literals([
  "pending",
  "active",
  "past_due",
  "suspended",
  "expired",
  "cancelled",
  "refunded"
])
export type SubscriptionState = typeof SubscriptionState.Type

/**
 * The party that renews and ends the subscription. `stripe`: Stripe does, and the state is synchronised from there.
 * `dchat`: the deadlines of this account do.
 */
export const Biller = Schema.Literals(["stripe", "dchat"])
export type Biller = typeof Biller.Type

export const PaymentMethod = Schema.Literals(["stripe", "web3"])
export type PaymentMethod = typeof PaymentMethod.Type

export const billerOf = (method: PaymentMethod): Biller => method === "stripe" ? "stripe" : "dchat"

/** The reason for which a subscription ends with its period. */
export const EndingCause = Schema.Literals(["user", "admin", "lifetime", "dispute", "refund", "no_renewal", "provider"])
export type EndingCause = typeof EndingCause.Type

/**
 * A change of plan that is pending. `up`: takes effect when the prorated invoice is paid, and lapses at `until`. `down`:
 * takes effect with the renewal at `until`.
 */
export const PendingChange = Schema.Struct({
  direction: Schema.Literals(["up", "down"]),
  terms: PlanTerms,
  since: Schema.DateTimeUtc,
  until: Schema.DateTimeUtc,
  /** The provider's page on which the difference can be paid. */
  invoiceUrl: Schema.optionalKey(Schema.String)
})
export type PendingChange = typeof PendingChange.Type

/** Ends at `endsAt`, and gives access until then. */
export const Ending = Schema.Struct({
  endsAt: Schema.DateTimeUtc,
  since: Schema.DateTimeUtc,
  cause: EndingCause,
  /** The pending change of plan that this cancellation dropped. */
  dropped: Schema.optionalKey(PendingChange.mapFields(({ direction, terms }) => ({ direction, terms })))
})
export type Ending = typeof Ending.Type

/** The cancellation was made here, so the subscription ends whatever the provider reports. */
export const isWanted = (ending: Ending | undefined): ending is Ending =>
  ending?.cause === "user" || ending?.cause === "admin" || ending?.cause === "lifetime"

/** A payment is disputed by the cardholder, or its block was dropped by the chain. */
export const Suspension = Schema.Struct({
  since: Schema.DateTimeUtc,
  cause: Schema.Literals(["dispute", "reorg"]),
  paymentId: PaymentId,
  /** The state before the suspension, and after it if the payment stays. */
  from: Schema.Literals(["active", "past_due"])
})
export type Suspension = typeof Suspension.Type

export const Subscription = Schema.Struct({
  id: PurchaseId,
  state: SubscriptionState,
  terms: PlanTerms,
  method: PaymentMethod,
  biller: Biller,
  /** False: the subscription ends with its first period. */
  autoRenew: Schema.Boolean,
  createdAt: Schema.DateTimeUtc,
  /** A pending subscription lapses at this time. */
  lapsesAt: Schema.DateTimeUtc,
  /** The provider's subscription. */
  externalId: Schema.optionalKey(ExternalId),
  activatedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** The first activation in the current tier. */
  tierSince: Schema.optionalKey(Schema.DateTimeUtc),
  /** Start of the first period: the n-th period ends n intervals later. */
  anchor: Schema.optionalKey(Schema.DateTimeUtc),
  periodStart: Schema.optionalKey(Schema.DateTimeUtc),
  /** End of the last paid period. */
  paidThrough: Schema.optionalKey(Schema.DateTimeUtc),
  /** Set while a cancellation is scheduled. */
  ending: Schema.optionalKey(Ending),
  change: Schema.optionalKey(PendingChange),
  /** The tier of the period before a change that was paid early. */
  former: Schema.optionalKey(Schema.Struct({ tier: Tier, until: Schema.DateTimeUtc })),
  /** The payment for which a refund is in progress. */
  refund: Schema.optionalKey(Schema.Struct({ paymentId: PaymentId, since: Schema.DateTimeUtc })),
  suspension: Schema.optionalKey(Suspension),
  /** The provider has given up charging: the access ends, even within the grace period. */
  unpaid: Schema.optionalKey(Schema.Literal(true)),
  /** The balance of the customer at the provider, which counts towards the next invoices. */
  credit: Schema.optionalKey(Money),
  /** Where the open invoice can be paid. */
  invoiceUrl: Schema.optionalKey(Schema.String),
  /** The provider was told to end the subscription unless the open invoice is paid. */
  collectionStopped: Schema.optionalKey(Schema.Literal(true)),
  /** The last deadline at which the provider was asked; `stripe` only. */
  askedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** The last reminder: of which end, and how many days before. */
  reminded: Schema.optionalKey(Schema.Struct({ endsAt: Schema.DateTimeUtc, days: Schema.Int })),
  /** The authorisation by which dchat charges the renewals. */
  authorization: Schema.optionalKey(Authorization),
  /** When the last authorisation ended. */
  unauthorizedSince: Schema.optionalKey(Schema.DateTimeUtc),
  /** The next charge would have failed when it was tried out. */
  warning: Schema.optionalKey(RenewalWarning),
  endedAt: Schema.optionalKey(Schema.DateTimeUtc)
})
export type Subscription = typeof Subscription.Type

export const isLive = ({ state }: Subscription): boolean =>
  state === "active" || state === "past_due" || state === "suspended"

/** A payment is missing, by the last known state. */
export const isOwing = ({ state, suspension }: Subscription): boolean =>
  state === "past_due" || suspension?.from === "past_due"

export const isOpen = (subscription: Subscription): boolean => subscription.state === "pending" || isLive(subscription)
