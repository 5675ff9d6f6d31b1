/**
 * Starts purchases: new ones and renewals.
 */
import { DateTime, Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { membershipOf, paymentsOf, pendingMembership, subscriptionOf } from "../model/BillingAccount.ts"
import { isUnpaid, type Payment } from "../model/Payment.ts"
import { isAtLeast } from "../model/Plans.ts"
import { isSamePlan, type LifetimeTerms } from "../model/PlanTerms.ts"
import { billerOf, isLive, type Subscription } from "../model/Subscription.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import {
  AutoRenewUnsupported,
  LifetimeHeld,
  NotChangeable,
  PastDue,
  PaymentInProgress,
  RenewalNotOpen,
  RenewsAutomatically,
  SubscriptionExists,
  TooManyCheckouts,
  UseUndoCancel
} from "../model/SubscriptionErrors.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import { isClosed } from "./CancelMachine.ts"
import { isPriced, nextTermsOf, renewalOpensAt } from "./OwnPeriods.ts"
import { hasTooManyRequests, pendingHours, unpaidCheckoutsADay } from "./PurchaseLimits.ts"

type Bought = Omit<SubscriptionCommandOf<"Create" | "Renew" | "CreateLifetime">, "_tag">

/** One checkout at a time: the same request changes nothing, another request needs the open checkout closed. */
const purchase = rule((command: Omit<SubscriptionCommandOf<"Create">, "_tag">, draft: BillingAccountDraft) => {
  const { autoRenew, closed, method, purchaseId, terms } = command
  // An id belongs to one purchase, even after its end.
  if (subscriptionOf(draft.account, purchaseId) !== undefined) return Result.void
  const pending = draft.account.subscriptions.find(({ state }) => state === "pending")
  if (pending !== undefined) {
    const isSame = isSamePlan(pending.terms, terms) && pending.method === method && pending.autoRenew === autoRenew
    if (isSame && DateTime.isLessThan(draft.at, pending.lapsesAt)) return Result.void
    if (!isClosed(draft, pending, closed)) return Result.fail(new PaymentInProgress())
    draft.emit({ _tag: "Superseded", purchaseId: pending.id })
  }
  if (hasTooManyUnpaid(draft)) return Result.fail(new TooManyCheckouts())
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
  return Result.void
})

export const create = rule((command: SubscriptionCommandOf<"Create">, draft: BillingAccountDraft) => {
  if (command.autoRenew && command.method === "web3") return Result.fail(new AutoRenewUnsupported())
  if (holdsForGood(draft, command.terms)) return Result.fail(new LifetimeHeld())
  if (draft.account.subscriptions.some(isLive)) return Result.fail(new SubscriptionExists())
  return purchase(command, draft)
})

/** As `create` without a live subscription. Otherwise the refusal names the right action. */
export const renew = rule((command: SubscriptionCommandOf<"Renew">, draft: BillingAccountDraft) => {
  const { subscriptions } = draft.account
  const live = subscriptions.find(isLive)
  if (live === undefined) {
    if (holdsForGood(draft, command.terms)) return Result.fail(new LifetimeHeld())
    const last = subscriptions.at(-1)
    const autoRenew = last?.method === command.method ? last.autoRenew : command.method === "stripe"
    return purchase({ ...command, autoRenew }, draft)
  }
  if (live.state === "suspended") return Result.fail(new NotChangeable())
  if (live.collectionStopped === true) return Result.fail(new PaymentInProgress())
  if (live.ending !== undefined) return Result.fail(new UseUndoCancel())
  if (live.biller === "dchat") return renewEarly(live, command, draft)
  if (live.state === "active") return Result.fail(new RenewsAutomatically())
  return Result.fail(new PastDue(live.invoiceUrl === undefined ? {} : { invoiceUrl: live.invoiceUrl }))
})

/** A subscription that dchat bills is renewed by a payment in the last days of its period. */
const renewEarly = rule((
  live: Subscription,
  { method, paymentId }: SubscriptionCommandOf<"Renew">,
  draft: BillingAccountDraft
) => {
  if (method !== live.method) return Result.fail(new SubscriptionExists())
  const { id: purchaseId } = live
  const own = paymentsOf(draft.account, purchaseId).filter(({ kind }) => kind === "renewal")
  if (own.some(({ state }) => state === "confirming")) return Result.fail(new PaymentInProgress())
  const next = nextTermsOf(live)
  if (own.some((it) => isUnpaid(it) && isPriced(it, next))) return Result.void
  const opensAt = renewalOpensAt(live)
  if (opensAt !== undefined && DateTime.isLessThan(draft.at, opensAt)) {
    return Result.fail(new RenewalNotOpen({ opensAt }))
  }
  if (hasTooManyRequests(draft)) return Result.fail(new TooManyCheckouts())
  const payment = { ...quoted({ method, paymentId, purchaseId, terms: next }, "renewal", draft), terms: next }
  draft.emit({ _tag: "PaymentRequested", payment })
  return Result.void
})

export const createLifetime = rule((
  command: SubscriptionCommandOf<"CreateLifetime">,
  draft: BillingAccountDraft
) => {
  const { closed, method, purchaseId, terms } = command
  if (membershipOf(draft.account, purchaseId) !== undefined) return Result.void
  if (holdsForGood(draft, terms)) return Result.fail(new LifetimeHeld())
  const pending = pendingMembership(draft.account)
  if (pending !== undefined) {
    const isSame = pending.terms.tier === terms.tier && pending.method === method
    if (isSame && DateTime.isLessThan(draft.at, pending.lapsesAt)) return Result.void
    if (!isClosed(draft, pending, closed)) return Result.fail(new PaymentInProgress())
    draft.emit({ _tag: "Superseded", purchaseId: pending.id })
  }
  if (hasTooManyUnpaid(draft)) return Result.fail(new TooManyCheckouts())
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
  return Result.void
})

/** Whether a lifetime membership covers a tier. */
const holdsForGood = ({ account, plans }: BillingAccountDraft, { tier }: LifetimeTerms): boolean =>
  account.memberships.some(({ state, terms }) =>
    (state === "active" || state === "suspended") && isAtLeast(plans, terms.tier, tier)
  )

const hasTooManyUnpaid = ({ account, at }: BillingAccountDraft): boolean => {
  const since = DateTime.subtract(at, { days: 1 })
  const unpaid = [...account.subscriptions, ...account.memberships].filter(({ activatedAt, createdAt }) =>
    activatedAt === undefined && DateTime.isGreaterThan(createdAt, since)
  )
  return unpaid.length >= unpaidCheckoutsADay
}

const quoted = (
  command: Pick<Bought, "method" | "paymentId" | "purchaseId" | "terms">,
  kind: "first" | "renewal" | "lifetime",
  { at }: BillingAccountDraft
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
  { method, paymentId, purchaseId, terms }: Bought,
  mode: "subscription" | "lifetime",
  expiresAt: DateTime.Utc,
  draft: BillingAccountDraft
): void => {
  if (method === "stripe") draft.enqueue(purchaseId, { _tag: "OpenCheckout", paymentId, terms, mode, expiresAt })
}
