/**
 * How a purchase begins, and how people end one: creating, renewing, cancelling and undoing that.
 */
import { DateTime, Result } from "effect"
import type { AccountDraft } from "./AccountDraft.ts"
import { isAtLeast } from "./Catalogue.ts"
import * as ChangeMachine from "./ChangeMachine.ts"
import type { Membership } from "./Membership.ts"
import type { Payment } from "./Payment.ts"
import { isSamePlan, type LifetimeTerms } from "./PlanTerms.ts"
import { billerOf, type EndingCause, isLive, isOwing, type Subscription } from "./Subscription.ts"
import { membershipOf, openSubscription, paymentsOf, pendingMembership, subscriptionOf } from "./SubscriptionAccount.ts"
import type { SubscriptionCommandOf } from "./SubscriptionCommand.ts"
import {
  AutoRenewUnsupported,
  ConfirmationRequired,
  LifetimeHeld,
  NoSubscription,
  NotCancelled,
  NotChangeable,
  PastDue,
  PaymentInProgress,
  RefundInProgress,
  RenewsAutomatically,
  SubscriptionExists,
  type SubscriptionRefusal,
  SupersededByLifetime,
  TooManyOrders,
  UseUndoCancel
} from "./SubscriptionErrors.ts"
import type { ExternalId, PurchaseId } from "./SubscriptionIds.ts"

type Decided = Result.Result<void, SubscriptionRefusal>

/** Nobody pays later than this for what they began to buy, in hours: Stripe keeps a checkout open for 24 h at most. */
export const pendingHours = 23

/** Everything that was ever ordered is kept: so many orders a day may come to nothing. */
export const unpaidOrdersADay = 20

/** Checkouts of one purchase at a time: the same again changes nothing, another needs the first one closed. */
export const create = (command: SubscriptionCommandOf<"Create" | "Renew">, draft: AccountDraft): Decided => {
  const { autoRenew, closed, method, purchaseId, terms } = command
  // An id names one purchase, whatever became of that.
  if (subscriptionOf(draft.account, purchaseId) !== undefined) return done
  if (autoRenew && method === "web3") return Result.fail(new AutoRenewUnsupported())
  if (holdsForGood(draft, terms)) return Result.fail(new LifetimeHeld())
  const open = openSubscription(draft.account)
  if (open !== undefined) {
    if (open.state !== "pending") return Result.fail(new SubscriptionExists())
    const isSame = isSamePlan(open.terms, terms) && open.method === method && open.autoRenew === autoRenew
    if (isSame && DateTime.isLessThan(draft.at, open.lapsesAt)) return done
    if (!isClosed(draft, open, closed)) return Result.fail(new PaymentInProgress())
    draft.emit({ _tag: "Superseded", purchaseId: open.id })
  }
  if (hasOrderedTooOften(draft)) return Result.fail(new TooManyOrders())
  const lapsesAt = DateTime.add(draft.at, { hours: pendingHours })
  const subscription: Subscription = {
    id: command.purchaseId,
    state: "pending",
    terms,
    method,
    biller: billerOf(method),
    autoRenew,
    createdAt: draft.at,
    lapsesAt
  }
  draft.emit({ _tag: "SubscriptionCreated", subscription, payment: quoted(command, "first", draft) })
  openCheckout(command, "subscription", lapsesAt, draft)
  return done
}

/** As `create` for somebody who has no subscription that goes on; every other gets told what to do instead. */
export const renew = (command: SubscriptionCommandOf<"Renew">, draft: AccountDraft): Decided => {
  const live = draft.account.subscriptions.find(isLive)
  if (live === undefined) return create(command, draft)
  if (live.state === "suspended") return Result.fail(new NotChangeable())
  if (live.abandoned === true) return Result.fail(new PaymentInProgress())
  if (live.ending !== undefined) return Result.fail(new UseUndoCancel())
  if (live.state === "active") return Result.fail(new RenewsAutomatically())
  return Result.fail(new PastDue(live.invoiceUrl === undefined ? {} : { invoiceUrl: live.invoiceUrl }))
}

export const createLifetime = (command: SubscriptionCommandOf<"CreateLifetime">, draft: AccountDraft): Decided => {
  const { closed, method, purchaseId, terms } = command
  if (membershipOf(draft.account, purchaseId) !== undefined) return done
  if (holdsForGood(draft, terms)) return Result.fail(new LifetimeHeld())
  const pending = pendingMembership(draft.account)
  if (pending !== undefined) {
    const isSame = pending.terms.tier === terms.tier && pending.method === method
    if (isSame && DateTime.isLessThan(draft.at, pending.lapsesAt)) return done
    if (!isClosed(draft, pending, closed)) return Result.fail(new PaymentInProgress())
    draft.emit({ _tag: "Superseded", purchaseId: pending.id })
  }
  if (hasOrderedTooOften(draft)) return Result.fail(new TooManyOrders())
  const lapsesAt = DateTime.add(draft.at, { hours: pendingHours })
  const membership = {
    id: command.purchaseId,
    state: "pending" as const,
    terms,
    method,
    createdAt: draft.at,
    lapsesAt
  }
  draft.emit({ _tag: "MembershipCreated", membership, payment: quoted(command, "lifetime", draft) })
  openCheckout(command, "lifetime", lapsesAt, draft)
  return done
}

export const cancel = (command: SubscriptionCommandOf<"Cancel">, draft: AccountDraft): Decided => {
  const open = openSubscription(draft.account)
  if (open === undefined || (command.purchaseId ?? open.id) !== open.id) return cancelMembership(command, draft)
  if (open.state === "pending") return withdraw(open, command, draft)
  const cause = command.admin === true ? "admin" : "user"
  // Of what is not paid for, or suspended, nothing is left to be used up.
  if (command.when === "now" || open.state !== "active") {
    const isConfirmed = command.confirmed === true || command.admin === true || open.state !== "active"
    if (!isConfirmed) return Result.fail(new ConfirmationRequired())
    // What is on its way back ends the plan by itself; a plan that had ended before would not count as refunded.
    if (open.refund !== undefined && command.admin !== true) return Result.fail(new RefundInProgress())
    if (isOwing(open)) endUnlessPaid(open, cause, draft)
    else cancelNow(open, draft)
    return done
  }
  if (open.ending === undefined) cancelAtEnd(open, cause, draft)
  return done
}

export const undoCancel = (draft: AccountDraft): Decided => {
  const open = draft.account.subscriptions.find(isLive)
  if (open === undefined) return Result.fail(new NoSubscription())
  if (open.refund !== undefined) return Result.fail(new RefundInProgress())
  if (open.state === "suspended") return Result.fail(new NotChangeable())
  if (open.ending === undefined || !DateTime.isLessThan(draft.at, open.ending.endsAt)) {
    return Result.fail(new NotCancelled())
  }
  if (isHadForGood(open, draft)) return Result.fail(new SupersededByLifetime())
  goOn(open.id, draft)
  return done
}

/** Ends a live subscription with its paid period; a change that waits is let go of first. */
export const cancelAtEnd = (subscription: Subscription, cause: EndingCause, draft: AccountDraft): void => {
  const { externalId, id: purchaseId, paidThrough = draft.at } = subscription
  ChangeMachine.release(subscription, draft)
  draft.emit({ _tag: "CancelScheduled", purchaseId, ending: { endsAt: paidThrough, since: draft.at, cause } })
  if (externalId === undefined) return
  const isToCome = DateTime.isGreaterThan(paidThrough, draft.at)
  // Stripe has begun another period, which it charges about an hour later: nobody wants to pay for that any more.
  if (!isToCome && cause !== "refund" && cause !== "dispute") {
    return draft.tell(purchaseId, { _tag: "CancelNow", externalId })
  }
  draft.tell(purchaseId, { _tag: "CancelAtPeriodEnd", externalId, ...(isToCome && { endsAt: paidThrough }) })
}

/** What is paid period by period ends where as much is had for good: with what was paid, or now if that is over. */
export const letRunOut = (draft: AccountDraft): void => {
  const live = draft.account.subscriptions.find(isLive)
  if (live === undefined || live.ending !== undefined || !isHadForGood(live, draft)) return
  if (isOwing(live)) endUnlessPaid(live, "lifetime", draft)
  else cancelAtEnd(live, "lifetime", draft)
}

/**
 * Ends what is believed to be unpaid. Whether it is knows the provider alone: where it was paid meanwhile, it ends with
 * the period that was paid, and where it is paid in the very moment of its end, the money goes back.
 */
const endUnlessPaid = (subscription: Subscription, cause: EndingCause, draft: AccountDraft): void => {
  const { abandoned, ending, externalId, id: purchaseId, paidThrough = draft.at } = subscription
  if (externalId === undefined) return cancelNow(subscription, draft)
  if (abandoned === true && ending !== undefined) return
  ChangeMachine.release(subscription, draft)
  draft.emit({ _tag: "CancelScheduled", purchaseId, ending: { endsAt: paidThrough, since: draft.at, cause } })
  abandon(purchaseId, externalId, draft)
}

/** Has the provider end what it has seen no payment for by then. */
export const abandon = (purchaseId: PurchaseId, externalId: ExternalId, draft: AccountDraft): void => {
  draft.emit({ _tag: "Abandoned", purchaseId })
  draft.tell(purchaseId, { _tag: "CancelNow", externalId, ifUnpaid: true })
  draft.tell(purchaseId, { _tag: "VoidOpenInvoice", externalId })
}

/** Ends a live subscription at once, here and at the provider. */
export const cancelNow = (subscription: Subscription | undefined, draft: AccountDraft): void => {
  if (subscription === undefined) return
  const { externalId, id: purchaseId } = subscription
  ChangeMachine.release(subscription, draft)
  draft.emit({ _tag: "Cancelled", purchaseId, endedAt: draft.at })
  if (externalId === undefined) return
  draft.tell(purchaseId, { _tag: "CancelNow", externalId })
  if (isOwing(subscription)) draft.tell(purchaseId, { _tag: "VoidOpenInvoice", externalId })
}

/** Takes back that a live subscription ends, unless something else has it end as well. */
export const goOn = (purchaseId: PurchaseId, draft: AccountDraft): void => {
  const subscription = subscriptionOf(draft.account, purchaseId)
  if (subscription?.ending === undefined) return
  const { ending, externalId, suspension } = subscription
  const cause = isHadForGood(subscription, draft) ? "lifetime" : suspension?.cause === "dispute" ? "dispute" : undefined
  if (cause !== undefined) return draft.emit({ _tag: "CancelScheduled", purchaseId, ending: { ...ending, cause } })
  draft.emit({ _tag: "CancelUndone", purchaseId })
  if (externalId !== undefined) draft.tell(purchaseId, { _tag: "UndoCancel", externalId })
}

/** Whether as much as the next period would give is held for good, so that nobody needs to pay for it any more. */
export const isHadForGood = ({ change, terms }: Subscription, { account, plans }: AccountDraft): boolean => {
  const next = change?.direction === "down" ? change.terms : terms
  return account.memberships.some((it) => it.state === "held" && isAtLeast(plans, it.terms.tier, next.tier))
}

/** Whether nothing is left to be bought of a tier. */
const holdsForGood = ({ account, plans }: AccountDraft, { tier }: LifetimeTerms): boolean =>
  account.memberships.some(({ state, terms }) =>
    (state === "held" || state === "suspended") && isAtLeast(plans, terms.tier, tier)
  )

const hasOrderedTooOften = ({ account, at }: AccountDraft): boolean => {
  const since = DateTime.subtract(at, { days: 1 })
  const unpaid = [...account.subscriptions, ...account.memberships].filter(({ activatedAt, createdAt }) =>
    activatedAt === undefined && DateTime.isGreaterThan(createdAt, since)
  )
  return unpaid.length >= unpaidOrdersADay
}

const cancelMembership = (command: SubscriptionCommandOf<"Cancel">, draft: AccountDraft): Decided => {
  const pending = pendingMembership(draft.account)
  const isMeant = pending !== undefined && (command.purchaseId ?? pending.id) === pending.id
  return isMeant ? withdraw(pending, command, draft) : Result.fail(new NoSubscription())
}

const withdraw = (
  purchase: Subscription | Membership,
  { admin, closed }: SubscriptionCommandOf<"Cancel">,
  draft: AccountDraft
): Decided => {
  const { id: purchaseId, method } = purchase
  // Nobody waits for an administrator: the page is closed afterwards, and who pays before that has paid for it.
  const isToClose = admin === true && method === "stripe" && closed !== purchaseId
  if (!isClosed(draft, purchase, isToClose ? purchaseId : closed)) return Result.fail(new PaymentInProgress())
  draft.emit({ _tag: "Cancelled", purchaseId, endedAt: draft.at })
  if (isToClose) closeCheckout(purchase, draft)
  return done
}

/** Has the provider close the page on which a purchase could be paid. */
export const closeCheckout = ({ id, method }: Subscription | Membership, draft: AccountDraft): void => {
  if (method !== "stripe") return
  const sessionId = paymentsOf(draft.account, id).flatMap(({ checkout }) => checkout?.sessionId ?? [])[0]
  draft.tell(id, { _tag: "CloseCheckout", ...(sessionId && { sessionId }) })
}

/** Nobody can pay for it any more: its checkout was closed, or, of what we bill ourselves, nothing is under way. */
const isClosed = (
  draft: AccountDraft,
  { id, method }: Subscription | Membership,
  closed: PurchaseId | undefined
): boolean => {
  const isUnderway = paymentsOf(draft.account, id).some(({ state }) => state === "submitted" || state === "confirming")
  return !isUnderway && (closed === id || method !== "stripe")
}

const quoted = (
  command: SubscriptionCommandOf<"Create" | "Renew" | "CreateLifetime">,
  kind: "first" | "lifetime",
  { at }: AccountDraft
): Payment => ({
  id: command.paymentId,
  purchaseId: command.purchaseId,
  kind,
  method: command.method,
  state: "quoted",
  amount: command.terms.price,
  createdAt: at,
  refunds: [],
  disputes: []
})

const openCheckout = (
  { method, paymentId, purchaseId, terms }: SubscriptionCommandOf<"Create" | "Renew" | "CreateLifetime">,
  mode: "subscription" | "lifetime",
  expiresAt: DateTime.Utc,
  draft: AccountDraft
): void => {
  if (method === "stripe") draft.tell(purchaseId, { _tag: "OpenCheckout", paymentId, terms, mode, expiresAt })
}

const done: Decided = Result.succeed(undefined)
