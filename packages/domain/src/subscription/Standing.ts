/**
 * What somebody has, and what they have ordered, read off their account.
 */
import { DateTime } from "effect"
import { type BillingAccount, paymentsOf } from "./model/BillingAccount.ts"
import type { Membership } from "./model/Membership.ts"
import type { Money } from "./model/Money.ts"
import type { Payment } from "./model/Payment.ts"
import type { Plans } from "./model/Plans.ts"
import type { BillingPeriod, Tier } from "./model/PlanTerms.ts"
import { isOpen, type PaymentMethod, type Subscription } from "./model/Subscription.ts"
import { PaymentId, type PurchaseId } from "./model/SubscriptionIds.ts"
import type { ChangePreview } from "./ports/Billing.ts"
import { type Access, accessAt } from "./rules/BillingAccountAccess.ts"
import { type Refundable, refundableOf } from "./rules/RefundMachine.ts"

/** What somebody has, as it is now. */
export interface Standing {
  readonly access: Access
  /** The open one, or else the latest. */
  readonly subscription?: Subscription
  readonly membership?: Membership
  readonly refundable?: Refundable
  /** What the provider owes them, and counts against their next invoices. */
  readonly credit?: Money
}

/** `nft` is a lifetime membership. */
export interface Order {
  readonly tier: Tier
  readonly period: BillingPeriod | "nft"
  readonly method: PaymentMethod
  readonly autoRenew?: boolean | undefined
}

/** Of the plan that has ended, where it says nothing else. */
export interface Renewal {
  readonly method?: PaymentMethod | undefined
  readonly period?: BillingPeriod | undefined
}

/** What was ordered, and how it is paid for. */
export interface Ordered {
  readonly purchase: Subscription | Membership
  readonly payment: Payment
  /** False when it was there already. */
  readonly created: boolean
}

/** `now`: once the difference is paid; or with the next period, for nothing now. */
export interface PreviewedChange extends ChangePreview {
  readonly effective: "now" | DateTime.Utc
}

export const standingOf = (account: BillingAccount, at: DateTime.Utc, plans: Plans): Standing => {
  const { memberships, subscriptions } = account
  const subscription = subscriptions.find(isOpen) ?? subscriptions.at(-1)
  const membership = memberships.find(({ state }) => state === "active") ?? memberships.at(-1)
  const refundable = refundableOf(account, at)
  const credit = creditOf(account)
  return {
    access: accessAt(account, at, plans),
    ...(subscription && { subscription }),
    ...(membership && { membership }),
    ...(refundable && { refundable }),
    ...(credit && { credit })
  }
}

/** One person has one credit: the latest look at any of their subscriptions tells it. */
const creditOf = ({ observed, subscriptions }: BillingAccount): Money | undefined =>
  subscriptions.reduce<{ readonly at: DateTime.Utc; readonly credit: Money | undefined } | undefined>(
    (latest, { credit, externalId, id }) => {
      const at = observed[id]
      if (externalId === undefined || at === undefined) return latest
      return latest !== undefined && DateTime.isGreaterThan(latest.at, at) ? latest : { at, credit }
    },
    undefined
  )?.credit

export const orderedOf = (account: BillingAccount, id: PurchaseId, created: boolean): Ordered | undefined => {
  const purchase = [...account.subscriptions, ...account.memberships].find((it) => it.id === id)
  const [payment] = paymentsOf(account, id)
  return purchase === undefined || payment === undefined ? undefined : { purchase, payment, created }
}

export const pendingOf = (
  { memberships, subscriptions }: BillingAccount,
  kind: "subscription" | "membership"
): Subscription | Membership | undefined =>
  kind === "subscription"
    ? subscriptions.find(({ state }) => state === "pending")
    : memberships.find(({ state }) => state === "pending")

/** The purchase that was there already. */
export const openOrder = (account: BillingAccount, period: Order["period"]): Ordered => {
  const open = period === "nft"
    ? account.memberships.find(({ state }) => state === "pending")
    : account.subscriptions.find(isOpen)
  const ordered = open && orderedOf(account, open.id, false)
  if (ordered === undefined) throw new Error("a purchase without a payment")
  return ordered
}

export const renewalOf = ({ autoRenew, id, method, terms }: Subscription) => ({
  purchaseId: id,
  paymentId: PaymentId.make(id),
  method,
  terms,
  autoRenew
})
