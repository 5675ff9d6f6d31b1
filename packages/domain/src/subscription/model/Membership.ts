/**
 * A tier for good: bought once, or held by a token.
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
  /** A pending one lapses at this time. */
  lapsesAt: Schema.DateTimeUtc,
  activatedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** The token by which it is held: `chainId:contract:tokenId`. */
  token: Schema.optionalKey(ExternalId),
  suspension: Schema.optionalKey(Suspension),
  /** The payment that is to be given back. */
  refund: Schema.optionalKey(Schema.Struct({ paymentId: PaymentId, since: Schema.DateTimeUtc })),
  /** Up to this deadline the provider was asked. */
  askedAt: Schema.optionalKey(Schema.DateTimeUtc),
  endedAt: Schema.optionalKey(Schema.DateTimeUtc)
})
export type Membership = typeof Membership.Type
