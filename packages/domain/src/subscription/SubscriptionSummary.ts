/**
 * The subscription of a user as the user sees it, and the checkouts that the user has started.
 */
import { DateTime } from "effect"
import { type BillingAccount, openSubscription, paymentsOf, pendingMembership } from "./model/BillingAccount.ts"
import type { Membership } from "./model/Membership.ts"
import type { Money } from "./model/Money.ts"
import { isUnpaid, type Payment } from "./model/Payment.ts"
import type { Plans } from "./model/Plans.ts"
import type { BillingPeriod, Tier } from "./model/PlanTerms.ts"
import { isOpen, type PaymentMethod, type Subscription } from "./model/Subscription.ts"
import { PaymentId, type PurchaseId } from "./model/SubscriptionIds.ts"
import type { ChangePreview } from "./ports/Billing.ts"
import type { QuoteWish } from "./ports/Quoting.ts"
import { type Access, accessAt } from "./rules/BillingAccountAccess.ts"
import { type Refundable, refundableOf } from "./rules/RefundMachine.ts"

/** The access, the purchases and the credit of a user at a moment. */
export interface SubscriptionSummary {
  readonly access: Access
  /** The open subscription, or else the latest one. */
  readonly subscription?: Subscription
  readonly membership?: Membership
  readonly refundable?: Refundable
  /** The balance of the user, which counts towards the next invoices or quotes. */
  readonly credit?: Money
}

/** `nft` is a lifetime membership. */
export interface CheckoutRequest {
  readonly tier: Tier
  readonly period: BillingPeriod | "nft"
  readonly method: PaymentMethod
  readonly autoRenew?: boolean | undefined
  /** With which asset a payment by wallet is made. It can be chosen later. */
  readonly web3?: QuoteWish | undefined
}

/** Method and period default to those of the subscription that has ended. */
export interface Renewal {
  readonly method?: PaymentMethod | undefined
  readonly period?: BillingPeriod | undefined
  readonly web3?: QuoteWish | undefined
}

/** A purchase and its payment. */
export interface StartedCheckout {
  readonly purchase: Subscription | Membership
  readonly payment: Payment
  /** False if the purchase existed before. */
  readonly created: boolean
}

/** `effective`: `now` once the difference is paid, or the start of the next period. */
export interface PreviewedChange extends ChangePreview {
  readonly effective: "now" | DateTime.Utc
}

export const summaryOf = (account: BillingAccount, at: DateTime.Utc, plans: Plans): SubscriptionSummary => {
  const { memberships, subscriptions } = account
  const subscription = subscriptions.find(isOpen) ?? subscriptions.at(-1)
  const membership = memberships.find(({ state }) => state === "active") ?? memberships.at(-1)
  const refundable = refundableOf(account, at)
  const credit = creditOf(account) ?? account.walletCredit
  return {
    access: accessAt(account, at, plans),
    ...(subscription && { subscription }),
    ...(membership && { membership }),
    ...(refundable && { refundable }),
    ...(credit && { credit })
  }
}

/** A user has one credit: the credit of the subscription that was synchronised last. */
const creditOf = ({ observed, subscriptions }: BillingAccount): Money | undefined =>
  subscriptions.reduce<{ readonly at: DateTime.Utc; readonly credit: Money | undefined } | undefined>(
    (latest, { credit, externalId, id }) => {
      const at = observed[id]
      if (externalId === undefined || at === undefined) return latest
      return latest !== undefined && DateTime.isGreaterThan(latest.at, at) ? latest : { at, credit }
    },
    undefined
  )?.credit

export const checkoutOf = (account: BillingAccount, id: PurchaseId, created: boolean): StartedCheckout | undefined => {
  const purchase = [...account.subscriptions, ...account.memberships].find((it) => it.id === id)
  const payments = paymentsOf(account, id)
  // A subscription on a chain has a further payment for each renewal and each change.
  const payment = payments.findLast((it) => it.method === "web3" && isUnpaid(it)) ?? payments[0]
  return purchase === undefined || payment === undefined ? undefined : { purchase, payment, created }
}

export type PurchaseKind = "subscription" | "membership"

export const pendingOf = (
  { memberships, subscriptions }: BillingAccount,
  kind: PurchaseKind
): Subscription | Membership | undefined =>
  kind === "subscription"
    ? subscriptions.find(({ state }) => state === "pending")
    : memberships.find(({ state }) => state === "pending")

/** The purchase that is open already. */
export const openCheckoutOf = (account: BillingAccount, kind: PurchaseKind): StartedCheckout => {
  const open = kind === "membership" ? pendingMembership(account) : openSubscription(account)
  const checkout = open && checkoutOf(account, open.id, false)
  if (checkout === undefined) throw new Error("a purchase without a payment")
  return checkout
}

export const renewalOf = ({ id, method, terms }: Subscription) => ({
  purchaseId: id,
  paymentId: PaymentId.make(id),
  method,
  terms
})
