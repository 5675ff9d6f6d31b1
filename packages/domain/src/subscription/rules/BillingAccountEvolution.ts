/**
 * The state of an account after an event. An event is a fact and is never refused.
 */
import { DateTime } from "effect"
import { type BillingAccount, emptyBillingAccount } from "../model/BillingAccount.ts"
import type { Membership } from "../model/Membership.ts"
import { isFullyRefunded, type Payment } from "../model/Payment.ts"
import type { Subscription } from "../model/Subscription.ts"
import type { SubscriptionEvent, SubscriptionEventOf } from "../model/SubscriptionEvent.ts"
import type { PaymentId, PurchaseId } from "../model/SubscriptionIds.ts"

export const evolve = (
  account: BillingAccount,
  event: SubscriptionEvent,
  at: DateTime.Utc
): BillingAccount => ({ ...apply(account, event, at), version: account.version + 1, updatedAt: at })

const apply = (account: BillingAccount, event: SubscriptionEvent, at: DateTime.Utc): BillingAccount => {
  switch (event._tag) {
    case "SubscriptionCreated":
      return {
        ...without(account, "closed", "leftAt"),
        subscriptions: [...account.subscriptions, event.subscription],
        payments: [...account.payments, event.payment]
      }
    case "MembershipCreated":
      return {
        ...without(account, "closed", "leftAt"),
        memberships: [...account.memberships, event.membership],
        payments: [...account.payments, event.payment]
      }
    case "MembershipClaimed":
      return { ...account, memberships: [...account.memberships, event.membership] }
    case "CheckoutOpened":
      return payment(account, event.paymentId, (it) => ({ ...it, checkout: event.checkout }))
    case "PaymentSubmitted":
      return payment(account, event.paymentId, (it) => ({ ...it, state: "submitted" }))
    case "PaymentRecorded":
    case "PaymentChanged":
      return withPayment(account, event.payment)
    case "LatePayment":
      return payment(account, event.paymentId, (it) => event.returned ? { ...it, reason: "returned" } : it)
    case "PaymentReversed":
      return payment(account, event.paymentId, (it) => ({ ...it, state: "reversed" }))
    case "PaymentRestored":
      return payment(account, event.paymentId, (it) => ({ ...it, state: "settled" }))
    case "Granted":
      return { ...account, grants: [...account.grants, event.grant] }
    case "GrantRevoked":
      return {
        ...account,
        grants: account.grants.map((grant) => grant.id === event.grantId ? { ...grant, revokedAt: at } : grant)
      }
    case "BillingEnded":
      return { ...account, closed: true, ...(event.leftAt && { leftAt: event.leftAt }) }
    case "MergedOut":
      return emptyBillingAccount(account.userId)
    case "MergedIn":
      return joined(account, event.account)
    case "Synced":
      return { ...account, observed: { ...account.observed, [event.purchaseId]: event.observedAt } }
    case "CheckoutExpired":
    case "Superseded":
    case "Cancelled":
      return lapsedPayment(purchase(account, event, at), event.purchaseId)
    // The refund of a tier counts from its request, even if the plan changes before the refund arrives.
    case "Refunded":
    case "RefundRequested":
      return refundedTier(purchase(account, event, at), event.purchaseId)
    case "RefundFailed":
      return keptTier(purchase(account, event, at), event.purchaseId)
    default:
      return purchase(account, event, at)
  }
}

const joined = (account: BillingAccount, other: BillingAccount): BillingAccount => ({
  ...account,
  subscriptions: [...account.subscriptions, ...other.subscriptions].toSorted(byAge),
  memberships: [...account.memberships, ...other.memberships].toSorted(byAge),
  grants: [...account.grants, ...other.grants],
  payments: [...account.payments, ...other.payments].toSorted(byAge),
  refundedTiers: [...new Set([...account.refundedTiers, ...other.refundedTiers])],
  observed: { ...account.observed, ...other.observed }
})

const byAge = (one: { readonly createdAt: DateTime.Utc }, other: { readonly createdAt: DateTime.Utc }): number =>
  DateTime.Order(one.createdAt, other.createdAt)

type PurchaseEvent = Extract<SubscriptionEvent, { readonly purchaseId: PurchaseId }>

const purchase = (account: BillingAccount, event: PurchaseEvent, at: DateTime.Utc): BillingAccount => {
  const isMembership = account.memberships.some(({ id }) => id === event.purchaseId)
  return isMembership
    ? {
      ...account,
      memberships: account.memberships.map((it) => it.id === event.purchaseId ? membership(it, event, at) : it)
    }
    : {
      ...account,
      subscriptions: account.subscriptions.map((it) => it.id === event.purchaseId ? subscription(it, event, at) : it)
    }
}

const subscription = (it: Subscription, event: PurchaseEvent, at: DateTime.Utc): Subscription => {
  switch (event._tag) {
    case "Superseded":
      return over(it, "cancelled", at)
    case "CheckoutExpired":
      return over(it, "expired", at)
    case "Activated":
      return activated(it, event)
    case "Renewed":
      return { ...recovered(it), ...period(event) }
    case "PeriodCorrected":
      return { ...it, ...period(event) }
    case "Recovered":
      return recovered(it)
    case "ChargeFailed":
      return {
        ...without(it, "unpaid", "invoiceUrl"),
        ...withPaymentState(it, "past_due"),
        ...(event.unpaid && { unpaid: true as const }),
        ...(event.invoiceUrl !== undefined && { invoiceUrl: event.invoiceUrl })
      }
    case "CreditChanged":
      return { ...without(it, "credit"), ...(event.credit && { credit: event.credit }) }
    case "SyncRequested":
      return { ...it, askedAt: event.deadline }
    case "CancelScheduled":
      return { ...it, ending: event.ending }
    case "CancelUndone":
      return without(it, "ending", "reminded")
    case "Cancelled":
      return over(it, "cancelled", event.endedAt)
    case "Ended":
      return over(it, "cancelled", event.endedAt)
    case "Expired":
      return over(it, "expired", event.endedAt)
    case "Refunded":
      return over(it, "refunded", at)
    case "Revoked":
      return over(it, event.cause === "dispute" ? "refunded" : "expired", at)
    case "CollectionStopped":
      return { ...it, collectionStopped: true }
    case "ChangeRequested":
    case "ChangeScheduled":
      return { ...it, change: event.change }
    case "Changed": {
      const isOtherTier = it.terms.tier !== event.terms.tier
      return { ...without(it, "change"), terms: event.terms, ...(isOtherTier && { tierSince: event.since ?? at }) }
    }
    case "ChangeLapsed":
    case "ChangeUndone":
      return without(it, "change")
    case "RefundRequested":
      return { ...it, refund: { paymentId: event.paymentId, since: at } }
    case "RefundFailed":
      return without(it, "refund")
    case "Suspended":
      return { ...it, state: "suspended", suspension: event.suspension }
    case "Restored":
      return { ...without(it, "suspension"), state: it.suspension?.from ?? "active" }
    case "ReminderDue":
      return { ...it, reminded: { endsAt: event.endsAt, days: event.days } }
    default:
      return it
  }
}

const activated = (it: Subscription, event: SubscriptionEventOf<"Activated">): Subscription => ({
  ...without(it, "endedAt"),
  state: "active",
  ...period(event),
  activatedAt: event.activatedAt,
  tierSince: event.activatedAt,
  ...(event.externalId && { externalId: event.externalId })
})

const membership = (it: Membership, event: PurchaseEvent, at: DateTime.Utc): Membership => {
  switch (event._tag) {
    case "MembershipActivated":
      return { ...without(it, "endedAt"), state: "active", activatedAt: at }
    case "Suspended":
      return { ...it, state: "suspended", suspension: event.suspension }
    case "Restored":
      return { ...without(it, "suspension"), state: "active" }
    case "RefundRequested":
      return { ...it, refund: { paymentId: event.paymentId, since: at } }
    case "RefundFailed":
      return without(it, "refund")
    case "SyncRequested":
      return { ...it, askedAt: event.deadline }
    case "Superseded":
    case "CheckoutExpired":
    case "Cancelled":
    case "MembershipMoved":
    case "MembershipReleased":
    case "Revoked":
    case "Refunded":
      return { ...without(it, "suspension", "refund"), state: "revoked", endedAt: at }
    default:
      return it
  }
}

/** No payment is missing any more. */
const recovered = (it: Subscription): Subscription => ({
  ...without(it, "unpaid", "invoiceUrl", "collectionStopped"),
  ...withPaymentState(it, "active")
})

/** A suspended subscription keeps the state for the end of the suspension. */
const withPaymentState = (
  { state, suspension }: Subscription,
  next: "active" | "past_due"
): Partial<Pick<Subscription, "state" | "suspension">> =>
  state === "suspended" && suspension !== undefined ? { suspension: { ...suspension, from: next } } : { state: next }

const period = (
  { anchor, paidThrough, periodStart }: SubscriptionEventOf<"Activated" | "Renewed" | "PeriodCorrected">
) => ({
  anchor,
  paidThrough,
  periodStart
})

const over = (it: Subscription, state: "expired" | "cancelled" | "refunded", endedAt: DateTime.Utc): Subscription => ({
  ...without(it, "ending", "change", "suspension", "refund", "unpaid", "invoiceUrl", "collectionStopped"),
  state,
  endedAt
})

const payment = (
  account: BillingAccount,
  id: PaymentId,
  change: (payment: Payment) => Payment
): BillingAccount => ({ ...account, payments: account.payments.map((it) => it.id === id ? change(it) : it) })

const withPayment = (account: BillingAccount, changed: Payment): BillingAccount =>
  account.payments.some(({ id }) => id === changed.id)
    ? payment(account, changed.id, () => changed)
    : { ...account, payments: [...account.payments, changed] }

const lapsedPayment = (account: BillingAccount, id: PurchaseId): BillingAccount => ({
  ...account,
  payments: account.payments.map((it) =>
    it.purchaseId === id && (it.state === "quoted" || it.state === "submitted") ? { ...it, state: "lapsed" } : it
  )
})

const refundedTier = (account: BillingAccount, id: PurchaseId): BillingAccount => {
  const { terms } = account.subscriptions.find((it) => it.id === id) ??
    account.memberships.find((it) => it.id === id) ?? {}
  if (terms === undefined || account.refundedTiers.includes(terms.tier)) return account
  return { ...account, refundedTiers: [...account.refundedTiers, terms.tier] }
}

/** The tier counts as not refunded, unless another purchase of the tier was refunded. */
const keptTier = (account: BillingAccount, id: PurchaseId): BillingAccount => {
  const { memberships, payments, subscriptions } = account
  const tier = [...subscriptions, ...memberships].find((it) => it.id === id)?.terms.tier
  const isHad = subscriptions.some((it) => it.state === "refunded" && it.terms.tier === tier) ||
    memberships.some((it) =>
      it.terms.tier === tier && payments.some((payment) => payment.purchaseId === it.id && isFullyRefunded(payment))
    )
  return isHad ? account : { ...account, refundedTiers: account.refundedTiers.filter((it) => it !== tier) }
}

const without = <A extends object, K extends keyof A>(from: A, ...keys: ReadonlyArray<K>): Omit<A, K> & A => {
  const copy = { ...from }
  for (const key of keys) delete copy[key]
  return copy
}
