/**
 * The deadlines of an account, derived from its state: the next deadline, and the event when it passes.
 */
import { DateTime } from "effect"
import { type BillingAccount, paymentsOf } from "../model/BillingAccount.ts"
import type { Membership } from "../model/Membership.ts"
import { isOpen, type Subscription } from "../model/Subscription.ts"
import type { SubscriptionEvent } from "../model/SubscriptionEvent.ts"
import type { PurchaseId } from "../model/SubscriptionIds.ts"
import type { TimeDraft } from "./BillingAccountDraft.ts"
import { graceEnd } from "./Dunning.ts"
import { confirmingUntil } from "./PurchaseLimits.ts"
import { renewsByAuthorization } from "./RenewalAuthorization.ts"

/** The end of a subscription is announced this many days before it. */
export const reminderDays = [7, 3, 1] as const

/** A payment dropped by its chain may come back within this time, in hours. */
const reorgHours = 24

/** `ask`: the provider has to be asked for the outcome. */
interface Deadline {
  readonly at: DateTime.Utc
  readonly purchaseId: PurchaseId
  readonly event: SubscriptionEvent
  readonly ask: boolean
}

/** When the account wants its next `Tick`. */
export const nextDueAt = (account: BillingAccount): DateTime.Utc | undefined => nextDeadline(account)?.at

/** Applies every deadline that has passed, in the order of their times. */
export const applyDeadlines = (draft: TimeDraft): void => {
  for (
    let next = nextDeadline(draft.account);
    next !== undefined && !DateTime.isGreaterThan(next.at, draft.at);
    next = nextDeadline(draft.account)
  ) {
    draft.emitDue(next.event, next.at)
    if (next.ask) draft.sync(next.purchaseId)
  }
}

const nextDeadline = (account: BillingAccount): Deadline | undefined => {
  let first: Deadline | undefined
  const consider = (deadline: Deadline) => {
    if (first === undefined || DateTime.isLessThan(deadline.at, first.at)) first = deadline
  }
  for (const subscription of account.subscriptions) {
    if (isOpen(subscription)) deadlinesOf(account, subscription).forEach(consider)
  }
  for (const membership of account.memberships) {
    if (membership.state === "pending") {
      pendingDeadlines(account, membership, membership.method === "stripe").forEach(consider)
    }
    reorganised(membership).forEach(consider)
  }
  return first
}

const deadlinesOf = (account: BillingAccount, subscription: Subscription): ReadonlyArray<Deadline> => {
  if (subscription.state === "pending") return pendingDeadlines(account, subscription, subscription.biller === "stripe")
  const end = subscription.biller === "stripe" ? asked(subscription) : own(account, subscription)
  return subscription.state === "active" ? [...end, ...reminders(subscription)] : end
}

/** A pending purchase expires. A transfer that is confirming defers that. */
const pendingDeadlines = (
  account: BillingAccount,
  purchase: Subscription | Membership,
  hasProvider: boolean
): ReadonlyArray<Deadline> => {
  const { id: purchaseId, lapsesAt } = purchase
  if (hasProvider) return ask(purchase, lapsesAt)
  const at = deferred(account, purchaseId, lapsesAt)
  return [{ at, purchaseId, event: { _tag: "CheckoutExpired", purchaseId }, ask: false }]
}

/** A deadline is not before the transfers of the purchase have had time to settle. */
const deferred = (account: BillingAccount, id: PurchaseId, deadline: DateTime.Utc): DateTime.Utc =>
  paymentsOf(account, id).reduce(
    (latest, { state, transfer }) =>
      state === "confirming" && transfer !== undefined ? DateTime.max(latest, confirmingUntil(transfer)) : latest,
    deadline
  )

/** The provider is asked at the end of the period, of the grace, of the subscription and of an unpaid change. */
const asked = (subscription: Subscription): ReadonlyArray<Deadline> => {
  const { change, ending, paidThrough } = subscription
  return [
    ...(ending === undefined ? [] : ask(subscription, ending.endsAt)),
    ...(paidThrough === undefined
      ? []
      : [...ask(subscription, paidThrough), ...ask(subscription, graceEnd(paidThrough))]),
    ...(change?.direction === "up" ? ask(subscription, change.until) : [])
  ]
}

const ask = (purchase: Subscription | Membership, at: DateTime.Utc): ReadonlyArray<Deadline> => {
  const { askedAt, id: purchaseId } = purchase
  if (askedAt !== undefined && !DateTime.isGreaterThan(at, askedAt)) return []
  return [{ at, purchaseId, event: { _tag: "SyncRequested", purchaseId, deadline: at }, ask: true }]
}

/** A payment that its chain does not include again within 24 hours is void. */
const reorganised = ({ id: purchaseId, state, suspension }: Subscription | Membership): ReadonlyArray<Deadline> => {
  if (state !== "suspended" || suspension?.cause !== "reorg") return []
  const at = DateTime.add(suspension.since, { hours: reorgHours })
  return [{ at, purchaseId, event: { _tag: "Revoked", purchaseId, cause: "reorg" }, ask: false }]
}

/** A subscription that is billed here ends by its own deadlines. A transfer that is confirming defers them. */
const own = (account: BillingAccount, subscription: Subscription): ReadonlyArray<Deadline> => {
  const { change, ending, id: purchaseId, paidThrough } = subscription
  const deadlines: Array<Deadline> = [...reorganised(subscription)]
  const add = (due: DateTime.Utc, event: SubscriptionEvent) =>
    deadlines.push({ at: deferred(account, purchaseId, due), purchaseId, event, ask: false })
  if (change?.direction === "up") add(change.until, { _tag: "ChangeLapsed", purchaseId })
  if (ending !== undefined && subscription.state === "active") {
    add(ending.endsAt, { _tag: "Ended", purchaseId, endedAt: ending.endsAt })
  }
  if (paidThrough !== undefined) add(paidThrough, { _tag: "Expired", purchaseId, endedAt: paidThrough })
  return deadlines
}

/** Reminders of an end that is certain: a scheduled cancellation, or a subscription that only the user renews. */
const reminders = (subscription: Subscription): ReadonlyArray<Deadline> => {
  const { biller, ending, id: purchaseId, paidThrough, reminded } = subscription
  const endsAt = ending?.endsAt ?? (biller === "dchat" ? paidThrough : undefined)
  const since = uncertainSince(subscription)
  if (endsAt === undefined || since === undefined || renewsByAuthorization(subscription)) return []
  const isSameEnd = reminded !== undefined && DateTime.Equivalence(reminded.endsAt, endsAt)
  const days = reminderDays.find((days) =>
    (!isSameEnd || days < reminded.days) && DateTime.isGreaterThan(DateTime.subtract(endsAt, { days }), since)
  )
  if (days === undefined) return []
  const at = DateTime.subtract(endsAt, { days })
  return [{ at, purchaseId, event: { _tag: "ReminderDue", purchaseId, endsAt, days }, ask: false }]
}

/** From when on the subscription is known to end unless the user acts. */
const uncertainSince = (
  { activatedAt, ending, unauthorizedSince, warning }: Subscription
): DateTime.Utc | undefined => {
  if (ending !== undefined) return ending.since
  const later = [unauthorizedSince, warning?.since].filter((at) => at !== undefined)
  return activatedAt && later.reduce(DateTime.max<DateTime.Utc, DateTime.Utc>, activatedAt)
}
