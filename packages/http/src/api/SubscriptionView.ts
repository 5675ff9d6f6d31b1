/**
 * The views that users have of their own subscription and of their payments.
 */
import {
  type Access,
  BillingPeriod,
  chargeAt,
  type Membership,
  MembershipState,
  PaymentMethod,
  type PreviewedChange,
  PurchaseId,
  renewalOpensAt,
  renewsByAuthorization,
  type Subscription,
  SubscriptionState,
  type SubscriptionSummary,
  Tier
} from "@dchat/domain/subscription"
import { Schema } from "effect"
import { MoneyView, moneyViewOf } from "./MoneyView.ts"
import { AuthorizationView, authorizationViewOf, RenewalWarningView, warningViewOf } from "./RenewalView.ts"
import { Time } from "./Time.ts"

export const SubscriptionView = Schema.Struct({
  id: PurchaseId,
  state: SubscriptionState,
  tier: Tier,
  period: BillingPeriod,
  price: MoneyView,
  method: PaymentMethod,
  createdAt: Time,
  activatedAt: Schema.optionalKey(Time),
  periodStart: Schema.optionalKey(Time),
  /** End of the last paid period: then it is renewed, unless `endsAt` says that it ends. */
  paidThrough: Schema.optionalKey(Time),
  /** The subscription was cancelled and gives access until this time. */
  endsAt: Schema.optionalKey(Time),
  /**
   * The pending change of plan. A change `down` begins with the renewal at `until`. A change `up` begins with its
   * payment, until `until`.
   */
  change: Schema.optionalKey(
    Schema.Struct({
      direction: Schema.Literals(["up", "down"]),
      tier: Tier,
      period: BillingPeriod,
      until: Time,
      invoiceUrl: Schema.optionalKey(Schema.String)
    }).annotate({ identifier: "PendingChange" })
  ),
  /** The change of plan that was dropped because the subscription ends. */
  droppedChange: Schema.optionalKey(
    Schema.Struct({
      direction: Schema.Literals(["up", "down"]),
      tier: Tier,
      period: BillingPeriod
    }).annotate({ identifier: "DroppedChange" })
  ),
  /** The next charge if nothing changes; absent where none follows. Taxes, coupons and credit may change the amount. */
  renewal: Schema.optionalKey(
    Schema.Struct({ at: Time, tier: Tier, period: BillingPeriod, price: MoneyView }).annotate({
      identifier: "NextCharge"
    })
  ),
  /** The authorisation by which the operator charges the renewals. */
  authorization: Schema.optionalKey(AuthorizationView),
  /** The next charge by the authorisation would fail. */
  renewalWarning: Schema.optionalKey(RenewalWarningView),
  /** From when the next period can be paid; absent if the subscription renews by itself. */
  renewableFrom: Schema.optionalKey(Time),
  refundRequestedAt: Schema.optionalKey(Time),
  /** The page on which an open invoice can be paid. */
  invoiceUrl: Schema.optionalKey(Schema.String),
  endedAt: Schema.optionalKey(Time)
}).annotate({ identifier: "Subscription" })
export type SubscriptionView = typeof SubscriptionView.Type

const renewalOf = (subscription: Subscription) => {
  const { biller, change, ending, paidThrough, state, terms } = subscription
  const at = biller === "stripe" ? paidThrough : chargeAt(subscription)
  if (state !== "active" || ending !== undefined || at === undefined) return {}
  const { period, price, tier } = change?.direction === "down" ? change.terms : terms
  return { renewal: { at, tier, period, price: moneyViewOf(price) } }
}

const renewableFrom = (subscription: Subscription) => {
  const { biller, ending, state } = subscription
  const opensAt = renewalOpensAt(subscription)
  const isOpen = biller === "dchat" && state === "active" && ending === undefined
  return isOpen && opensAt && !renewsByAuthorization(subscription) ? { renewableFrom: opensAt } : {}
}

export const subscriptionViewOf = (subscription: Subscription): SubscriptionView => {
  const {
    activatedAt,
    authorization,
    change,
    createdAt,
    ending,
    endedAt,
    id,
    invoiceUrl,
    method,
    paidThrough,
    periodStart,
    refund,
    state,
    terms,
    warning
  } = subscription
  const dropped = ending?.dropped
  return {
    id,
    state,
    tier: terms.tier,
    period: terms.period,
    price: moneyViewOf(terms.price),
    method,
    createdAt,
    ...(activatedAt && { activatedAt }),
    ...(periodStart && { periodStart }),
    ...(paidThrough && { paidThrough }),
    ...(ending && { endsAt: ending.endsAt }),
    ...(change && {
      change: {
        direction: change.direction,
        tier: change.terms.tier,
        period: change.terms.period,
        until: change.until,
        ...(change.invoiceUrl !== undefined && { invoiceUrl: change.invoiceUrl })
      }
    }),
    ...(dropped && {
      droppedChange: { direction: dropped.direction, tier: dropped.terms.tier, period: dropped.terms.period }
    }),
    ...renewalOf(subscription),
    ...(authorization && { authorization: authorizationViewOf(authorization) }),
    ...(warning && { renewalWarning: warningViewOf(warning) }),
    ...renewableFrom(subscription),
    ...(refund && { refundRequestedAt: refund.since }),
    ...(invoiceUrl !== undefined && { invoiceUrl }),
    ...(endedAt && { endedAt })
  }
}

/** A lifetime membership. */
export const MembershipView = Schema.Struct({
  id: PurchaseId,
  state: MembershipState,
  tier: Tier,
  price: MoneyView,
  method: PaymentMethod,
  createdAt: Time,
  activatedAt: Schema.optionalKey(Time),
  endedAt: Schema.optionalKey(Time)
}).annotate({ identifier: "Membership" })
export type MembershipView = typeof MembershipView.Type

export const membershipViewOf = (
  { activatedAt, createdAt, endedAt, id, method, state, terms }: Membership
): MembershipView => ({
  id,
  state,
  tier: terms.tier,
  price: moneyViewOf(terms.price),
  method,
  createdAt,
  ...(activatedAt && { activatedAt }),
  ...(endedAt && { endedAt })
})

/** The cost of a change if it is made now, and the time at which it takes effect. */
export const ChangePreviewView = Schema.Struct({
  amountDue: MoneyView,
  /** The credit that counts against this change, and that is there after it; absent where there is none. */
  credit: Schema.optionalKey(Schema.Struct({ used: MoneyView, left: MoneyView }).annotate({ identifier: "CreditUse" })),
  /** `now`: once that is paid. Otherwise the time of the next period. */
  effective: Schema.Union([Schema.Literal("now"), Time]),
  prorationDate: Time
}).annotate({ identifier: "ChangePreview" })
export type ChangePreviewView = typeof ChangePreviewView.Type

export const changePreviewViewOf = (
  { amountDue, credit, effective, prorationDate }: PreviewedChange
): ChangePreviewView => ({
  amountDue: moneyViewOf(amountDue),
  ...(credit && { credit: { used: moneyViewOf(credit.used), left: moneyViewOf(credit.left) } }),
  effective,
  prorationDate
})

/** The plan of a user. A user who never paid has the first plan of the catalogue, with the source `none`. */
export const SummaryView = Schema.Struct({
  tier: Tier,
  source: Schema.Literals(["none", "grant", "subscription", "membership"]),
  /** The time at which the plan ends if nothing changes. */
  accessUntil: Schema.optionalKey(Time),
  subscription: Schema.optionalKey(SubscriptionView),
  membership: Schema.optionalKey(MembershipView),
  /**
   * The amount that a refund would return, and the time until which it can be requested. A refund ends the purchase.
   */
  refundable: Schema.optionalKey(
    Schema.Struct({ purchaseId: PurchaseId, amount: MoneyView, until: Time }).annotate({ identifier: "PossibleRefund" })
  ),
  /** The amount that was paid and that no plan has used up. It counts against the next invoices. */
  credit: Schema.optionalKey(MoneyView)
}).annotate({ identifier: "SubscriptionSummary" })
export type SummaryView = typeof SummaryView.Type

export const summaryViewOf = (
  base: Tier,
  { access, credit, membership, refundable, subscription }: SubscriptionSummary
): SummaryView => ({
  ...accessViewOf(base, access),
  ...(subscription && { subscription: subscriptionViewOf(subscription) }),
  ...(membership && { membership: membershipViewOf(membership) }),
  ...(refundable && { refundable: { ...refundable, amount: moneyViewOf(refundable.amount) } }),
  ...(credit && { credit: moneyViewOf(credit) })
})

const accessViewOf = (base: Tier, { source, tier = base, until }: Access) => ({
  tier,
  source,
  ...(until && { accessUntil: until })
})
