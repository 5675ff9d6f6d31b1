/**
 * A plan that is paid period by period.
 */
import { Schema } from "effect"
import { Money } from "./Money.ts"
import { PlanTerms } from "./PlanTerms.ts"
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
 * Who moves the period. `stripe`: only what is synchronised from there. `dchat`: our own deadlines, for what has no
 * provider that bills by itself.
 */
export const Biller = Schema.Literals(["stripe", "dchat"])
export type Biller = typeof Biller.Type

export const PaymentMethod = Schema.Literals(["stripe", "web3"])
export type PaymentMethod = typeof PaymentMethod.Type

export const billerOf = (method: PaymentMethod): Biller => method === "stripe" ? "stripe" : "dchat"

/** Why a subscription will not go on after its period. */
export const EndingCause = Schema.Literals(["user", "admin", "lifetime", "dispute", "refund", "no_renewal", "provider"])
export type EndingCause = typeof EndingCause.Type

/**
 * A change of plan that has not come about. `up`: when the prorated invoice is paid, at `until` at the latest or never.
 * `down`: with the renewal at `until`.
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
  /** The change of plan that was to come, and does not come about because of this. */
  dropped: Schema.optionalKey(PendingChange.mapFields(({ direction, terms }) => ({ direction, terms })))
})
export type Ending = typeof Ending.Type

/** Somebody here has it end, whatever the provider thinks of it. */
export const isWanted = (ending: Ending | undefined): ending is Ending =>
  ending?.cause === "user" || ending?.cause === "admin" || ending?.cause === "lifetime"

/** Money is taken back or missing: by a dispute of the cardholder's, or by a chain that dropped the block. */
export const Suspension = Schema.Struct({
  since: Schema.DateTimeUtc,
  cause: Schema.Literals(["dispute", "reorg"]),
  paymentId: PaymentId,
  /** What it was before, and is again when the money stays. */
  from: Schema.Literals(["active", "past_due"])
})
export type Suspension = typeof Suspension.Type

export const Subscription = Schema.Struct({
  id: PurchaseId,
  state: SubscriptionState,
  terms: PlanTerms,
  method: PaymentMethod,
  biller: Biller,
  /** False: it ends with its first period. */
  autoRenew: Schema.Boolean,
  createdAt: Schema.DateTimeUtc,
  /** A pending one lapses at this time. */
  lapsesAt: Schema.DateTimeUtc,
  /** The provider's subscription. */
  externalId: Schema.optionalKey(ExternalId),
  activatedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** The first activation in the tier it has now. */
  tierSince: Schema.optionalKey(Schema.DateTimeUtc),
  /** Periods are counted from here: the n-th ends n intervals after it. */
  anchor: Schema.optionalKey(Schema.DateTimeUtc),
  periodStart: Schema.optionalKey(Schema.DateTimeUtc),
  /** End of the last paid period. */
  paidThrough: Schema.optionalKey(Schema.DateTimeUtc),
  /** Set while it is flagged. */
  ending: Schema.optionalKey(Ending),
  change: Schema.optionalKey(PendingChange),
  /** The payment that is to be given back. */
  refund: Schema.optionalKey(Schema.Struct({ paymentId: PaymentId, since: Schema.DateTimeUtc })),
  suspension: Schema.optionalKey(Suspension),
  /** The provider has given up collecting: no access, whatever the grace. */
  unpaid: Schema.optionalKey(Schema.Literal(true)),
  /** What the provider owes whoever pays, and counts against their next invoices. */
  credit: Schema.optionalKey(Money),
  /** Where the open invoice can be paid. */
  invoiceUrl: Schema.optionalKey(Schema.String),
  /** The provider was told to end it unless what is owed is paid: by the end of the grace, or because that was wanted. */
  collectionStopped: Schema.optionalKey(Schema.Literal(true)),
  /** Up to this deadline the provider was asked; `stripe` only. */
  askedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** The last reminder of the coming end: which end, and how many days before it. */
  reminded: Schema.optionalKey(Schema.Struct({ endsAt: Schema.DateTimeUtc, days: Schema.Int })),
  endedAt: Schema.optionalKey(Schema.DateTimeUtc)
})
export type Subscription = typeof Subscription.Type

export const isLive = ({ state }: Subscription): boolean =>
  state === "active" || state === "past_due" || state === "suspended"

/** As far as is known, a payment is missing. */
export const isOwing = ({ state, suspension }: Subscription): boolean =>
  state === "past_due" || suspension?.from === "past_due"

export const isOpen = (subscription: Subscription): boolean => subscription.state === "pending" || isLive(subscription)
