/**
 * The state of an account after an event. An event is a fact and is never refused.
 */
import { DateTime, Struct } from "effect"
import { type BillingAccount, emptyBillingAccount } from "../model/BillingAccount.ts"
import { isFullyRefunded, isUnpaid, type Payment, type PaymentKind } from "../model/Payment.ts"
import { isOpen } from "../model/Subscription.ts"
import type { PurchaseEvent, SubscriptionEvent } from "../model/SubscriptionEvent.ts"
import type { PaymentId, PurchaseId } from "../model/SubscriptionIds.ts"
import { creditOf, netCredit } from "../model/WalletBalance.ts"
import * as MembershipEvolution from "./MembershipEvolution.ts"
import * as SubscriptionEvolution from "./SubscriptionEvolution.ts"

export const evolve = (
  account: BillingAccount,
  event: SubscriptionEvent,
  at: DateTime.Utc
): BillingAccount => ({ ...apply(account, event, at), version: account.version + 1, updatedAt: at })

const apply = (account: BillingAccount, event: SubscriptionEvent, at: DateTime.Utc): BillingAccount => {
  switch (event._tag) {
    case "SubscriptionCreated":
      return {
        ...Struct.omit(account, ["closed", "leftAt"]),
        subscriptions: [...account.subscriptions, event.subscription],
        payments: [...account.payments, event.payment]
      }
    case "MembershipCreated":
      return {
        ...Struct.omit(account, ["closed", "leftAt"]),
        memberships: [...account.memberships, event.membership],
        payments: [...account.payments, event.payment]
      }
    case "MembershipClaimed":
      return { ...account, memberships: [...account.memberships, event.membership] }
    case "CheckoutOpened":
      return payment(account, event.paymentId, (it) => ({ ...it, checkout: event.checkout }))
    case "PaymentRequested":
      return withPayment(
        lapsedPayment(account, event.payment.purchaseId, event.payment.kind),
        event.payment
      )
    case "PaymentQuoted":
      return payment(account, event.paymentId, (it) => ({ ...it, quotes: [...it.quotes ?? [], event.quote] }))
    case "PaymentSubmitted":
      return payment(account, event.paymentId, (it) => ({
        ...it,
        state: "submitted",
        ...(event.transactionHash && { transactionHash: event.transactionHash })
      }))
    case "PaymentConfirming":
      return payment(account, event.paymentId, (it) => ({
        ...it,
        state: "confirming",
        transfer: event.transfer,
        ...(event.provisional && { provisional: event.provisional })
      }))
    case "PaymentDropped":
      return droppedPayment(account, event.paymentId)
    case "WalletCreditChanged":
      return {
        ...Struct.omit(account, ["walletCredit", "walletDebt"]),
        ...(event.credit && { walletCredit: event.credit }),
        ...(event.debt && { walletDebt: event.debt })
      }
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
    case "Ended":
    case "Expired":
      return lapsedPayment(purchase(account, event, at), event.purchaseId)
    case "ChangeLapsed":
    case "ChangeUndone":
      return lapsedPayment(purchase(account, event, at), event.purchaseId, "change")
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
  ...Struct.omit(account, ["walletCredit", "walletDebt"]),
  subscriptions: [...account.subscriptions, ...other.subscriptions].toSorted(byAge),
  memberships: [...account.memberships, ...other.memberships].toSorted(byAge),
  grants: [...account.grants, ...other.grants],
  payments: [...account.payments, ...other.payments].toSorted(byAge),
  refundedTiers: [...new Set([...account.refundedTiers, ...other.refundedTiers])],
  ...joinedCredit(account, other),
  observed: { ...account.observed, ...other.observed }
})

const joinedCredit = (account: BillingAccount, other: BillingAccount): ReturnType<typeof creditOf> => {
  const { currency } = account.walletCredit ?? account.walletDebt ?? other.walletCredit ?? other.walletDebt ?? {}
  return currency === undefined ? {} : creditOf(netCredit(account) + netCredit(other), currency)
}

const byAge = (one: { readonly createdAt: DateTime.Utc }, other: { readonly createdAt: DateTime.Utc }): number =>
  DateTime.Order(one.createdAt, other.createdAt)

const purchase = (account: BillingAccount, event: PurchaseEvent, at: DateTime.Utc): BillingAccount => {
  const isMembership = account.memberships.some(({ id }) => id === event.purchaseId)
  return isMembership
    ? {
      ...account,
      memberships: account.memberships.map((it) =>
        it.id === event.purchaseId ? MembershipEvolution.evolve(it, event, at) : it
      )
    }
    : {
      ...account,
      subscriptions: account.subscriptions.map((it) =>
        it.id === event.purchaseId ? SubscriptionEvolution.evolve(it, event, at) : it
      )
    }
}

const payment = (
  account: BillingAccount,
  id: PaymentId,
  change: (payment: Payment) => Payment
): BillingAccount => ({ ...account, payments: account.payments.map((it) => it.id === id ? change(it) : it) })

const withPayment = (account: BillingAccount, changed: Payment): BillingAccount =>
  account.payments.some(({ id }) => id === changed.id)
    ? payment(account, changed.id, () => changed)
    : { ...account, payments: [...account.payments, changed] }

const lapsedPayment = (account: BillingAccount, id: PurchaseId, kind?: PaymentKind): BillingAccount => ({
  ...account,
  payments: account.payments.map((it) =>
    it.purchaseId === id && isUnpaid(it) && (kind ?? it.kind) === it.kind ? { ...it, state: "lapsed" } : it
  )
})

/** The payment can be paid again, unless its purchase is over. */
const droppedPayment = (account: BillingAccount, id: PaymentId): BillingAccount =>
  payment(account, id, (it) => {
    const isAwaited = account.subscriptions.some((other) => other.id === it.purchaseId && isOpen(other)) ||
      account.memberships.some((other) => other.id === it.purchaseId && other.state === "pending")
    return { ...Struct.omit(it, ["transfer", "provisional"]), state: isAwaited ? "quoted" : "lapsed" }
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
