/**
 * A lifetime membership: bought once, or given by a token.
 */
import { Schema } from "effect"
import { LifetimeTerms } from "./PlanTerms.ts"
import { PaymentMethod, Suspension } from "./Subscription.ts"
import { ExternalId, PaymentId, PurchaseId } from "./SubscriptionIds.ts"

export const MembershipState = Schema.Literals(["pending", "active", "suspended", "revoked"])
export type MembershipState = typeof MembershipState.Type

export const Membership = Schema.Struct({
  id: PurchaseId,
  state: MembershipState,
  terms: LifetimeTerms,
  method: PaymentMethod,
  createdAt: Schema.DateTimeUtc,
  /** A pending membership lapses at this time. */
  lapsesAt: Schema.DateTimeUtc,
  activatedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** The token that gives the membership: `chainId:contract:tokenId`. */
  token: Schema.optionalKey(ExternalId),
  suspension: Schema.optionalKey(Suspension),
  /** The payment for which a refund is in progress. */
  refund: Schema.optionalKey(Schema.Struct({ paymentId: PaymentId, since: Schema.DateTimeUtc })),
  /** The last deadline at which the provider was asked. */
  askedAt: Schema.optionalKey(Schema.DateTimeUtc),
  endedAt: Schema.optionalKey(Schema.DateTimeUtc)
})
export type Membership = typeof Membership.Type
