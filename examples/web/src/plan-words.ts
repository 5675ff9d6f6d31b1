/** The texts about plans and subscriptions. */
import {
  type ChangePreview,
  type Money,
  type OwnSubscription,
  type Payment,
  type Period,
  type Plan,
  type PlanChoice,
  type SubscriptionSummary
} from "./dchat-subscription.ts"
import { type Closed, isLive } from "./fitting.ts"

/** Digits behind the point, where there are not two (ISO 4217). Intl leaves those out that are hardly used. */
const digits: Record<string, number> = Object.fromEntries([
  ..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ").map((it) => [it, 0]),
  ..."BHD IQD JOD KWD LYD OMR TND".split(" ").map((it) => [it, 3])
])

export const money = ({ currency, minorUnits }: Money): string => {
  const fraction = digits[currency] ?? 2
  return new Intl.NumberFormat("en", {
    style: "currency",
    currency,
    minimumFractionDigits: fraction,
    maximumFractionDigits: fraction
  }).format(minorUnits / 10 ** fraction)
}

export const day = (iso: string): string =>
  new Intl.DateTimeFormat("en", { day: "numeric", month: "long", year: "numeric" }).format(new Date(iso))

const names: Record<string, string> = { FREE: "Free", PRO: "Pro", ENTERPRISE: "Enterprise" }

export const tierName = (tier: string): string => names[tier] ?? tier

export const periodWords: Record<Period | "nft", string> = {
  monthly: "a month",
  yearly: "a year",
  nft: "once, for lifetime access"
}

export const periodAdverbs: Record<Period, string> = { monthly: "monthly", yearly: "yearly" }

const priceWords = (plans: ReadonlyArray<Plan>, { period, tier }: PlanChoice): string | undefined => {
  const plan = plans.find((one) => one.tier === tier)
  return plan && `${money(plan.prices[period])} ${periodWords[period]}`
}

const nameOf = ({ period, tier }: { readonly tier: string; readonly period: Period }): string =>
  `${tierName(tier)}, paid ${periodAdverbs[period]}`

/** The current plan, and its next event and time. */
export const summaryWords = (
  { accessUntil, credit, membership, source, subscription, tier }: SubscriptionSummary,
  plans: ReadonlyArray<Plan>
): ReadonlyArray<string> => {
  const held = membership?.state === "active" ? [`You have a lifetime membership of ${tierName(membership.tier)}.`] : []
  const waiting = membership?.state === "pending"
    ? [`Your lifetime membership of ${tierName(membership.tier)} waits for your payment. ${lapses}`]
    : membership?.state === "suspended"
    ? [`Your lifetime membership of ${tierName(membership.tier)} is suspended, because ${lossWords(membership)}.`]
    : []
  const granted = source === "grant"
    ? [`An administrator gave you ${tierName(tier)}${accessUntil === undefined ? "" : ` until ${day(accessUntil)}`}.`]
    : []
  const words = [
    ...held,
    ...waiting,
    ...granted,
    ...subscription === undefined
      ? []
      : subscriptionWords(subscription, {
        debt: debtWords(source, accessUntil),
        hasAccess: source === "subscription",
        plans
      })
  ]
  const owed = credit === undefined ? [] : [creditWords(credit)]
  return [...(words.length > 0 ? words : [`Your plan is ${tierName(tier)}. There is nothing to pay.`]), ...owed]
}

const creditWords = (credit: Money): string =>
  `You have a credit of ${money(credit)}. The credit reduces your next payments.`

const removed = "the chain has removed the block with the payment"

/** Why a payment that was received does not count any more. */
const lossWords = ({ method }: Pick<OwnSubscription, "method">): string =>
  method === "web3" ? removed : "the payment is disputed"

const lapses = "The order expires if you do not pay within a day."

/** The consequence of a failed payment, if it is known: another plan may give as much or more. */
const debtWords = (source: SubscriptionSummary["source"], accessUntil: string | undefined): ReadonlyArray<string> => {
  if (source === "none") return ["You have no access until you pay the open invoice."]
  if (source !== "subscription" || accessUntil === undefined) return []
  return [`Pay by ${day(accessUntil)} to keep the plan.`]
}

const subscriptionWords = (
  subscription: OwnSubscription,
  { debt, hasAccess, plans }: {
    readonly debt: ReadonlyArray<string>
    readonly hasAccess: boolean
    readonly plans: ReadonlyArray<Plan>
  }
): ReadonlyArray<string> => {
  const { activatedAt, change, endedAt, endsAt, method, paidThrough, price, refundRequestedAt, state } = subscription
  const isByWallet = method === "web3"
  if (!isLive(subscription) && state !== "pending" && activatedAt === undefined) {
    return [`${nameOf(subscription)}: you did not pay, and the order expired.`]
  }
  const plan = nameOf(subscription)
  switch (state) {
    case "pending":
      return isByWallet && hasAccess
        ? [`${plan}. You have access. The payment is complete after some more blocks.`]
        : [`${plan}. The order waits for your payment. ${lapses}`]
    case "active": {
      if (refundRequestedAt !== undefined) {
        return [`${plan}. You have requested a refund. The plan ends with the refund.`]
      }
      if (endsAt !== undefined) return [`${plan}. The plan ends on ${day(endsAt)}. You keep access until then.`]
      const waiting = change?.direction === "up"
        ? [`The change to ${nameOf(change)} waits for its payment until ${moment(change.until)}.`]
        : []
      if (subscription.renewableFrom !== undefined) return [...renewableWords(subscription, plans), ...waiting]
      const next = paidThrough === undefined ? "" : ` The plan renews on ${day(paidThrough)}`
      if (change?.direction === "down") {
        const newPrice = priceWords(plans, change)
        return [`${plan}.${next} as ${nameOf(change)}${newPrice === undefined ? "" : `, for ${newPrice}`}.`]
      }
      return [`${plan}.${next} for ${money(price)}.`, ...waiting]
    }
    case "past_due":
      return [`${plan}. The last payment failed.`, ...debt]
    case "suspended":
      return [
        `${plan}. The subscription is suspended, because ${lossWords(subscription)}. ` +
        (isByWallet
          ? "You have access again when another block includes the payment. After a day without the payment, the plan ends."
          : "You have no access until the dispute ends.")
      ]
    case "expired": {
      const ended = `${plan}. The plan ended${endedAt === undefined ? "" : ` on ${day(endedAt)}`}`
      return [`${ended}, because ${isByWallet ? "the next period was not paid" : "the payment failed"}.`]
    }
    case "cancelled":
      return [`${plan}. The plan ended${endedAt === undefined ? "" : ` on ${day(endedAt)}`}.`]
    case "refunded":
      return [`${plan}. The plan ended, and the payment was refunded.`]
  }
}

/** The price of the next period, and what it is for. */
export const renewalWords = ({ change, period, price, tier }: OwnSubscription, plans: ReadonlyArray<Plan>): string => {
  const next = change?.direction === "down" ? change : { tier, period }
  const cost = change?.direction === "down" ? priceWords(plans, next) : `${money(price)} ${periodWords[period]}`
  return `${nameOf(next)}${cost === undefined ? "" : `, for ${cost}`}. The plan does not renew by itself.`
}

/** A subscription that the user has to renew. */
const renewableWords = (subscription: OwnSubscription, plans: ReadonlyArray<Plan>): ReadonlyArray<string> => {
  const { change, paidThrough, renewableFrom } = subscription
  const until = paidThrough === undefined
    ? ""
    : ` The plan is paid until ${day(paidThrough)} and does not renew by itself.`
  const from = renewableFrom === undefined ? "" : ` You can pay for the next period from ${day(renewableFrom)}.`
  const lower = change?.direction === "down" ? [`The next period is ${renewalWords(subscription, plans)}`] : []
  return [`${nameOf(subscription)}.${until}${from}`, ...lower]
}

const moment = (iso: string): string =>
  new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso))

const kinds: Record<Payment["kind"], string> = {
  first: "First payment",
  renewal: "Renewal",
  change: "Change of plan",
  lifetime: "Lifetime membership"
}

const outcomes: Record<Exclude<Payment["state"], "settled" | "quoted">, string> = {
  submitted: ", submitted",
  confirming: ", waiting for confirmation",
  rejected: ", failed",
  lapsed: ", never paid",
  reversed: ", reversed"
}

export const paymentWords = ({ kind, refunded, state }: Payment): string => {
  const outcome = refunded !== undefined
    ? `, ${money(refunded)} refunded`
    : state === "settled"
    ? ""
    : state === "quoted"
    ? ", not paid yet"
    : outcomes[state]
  return `${kinds[kind]}${outcome}`
}

/** The cost of a change, and its start. */
export const previewWords = (
  { amountDue, credit, effective }: ChangePreview,
  choice: PlanChoice,
  plans: ReadonlyArray<Plan>
): string => {
  const price = priceWords(plans, choice)
  const after = price === undefined ? "" : ` The plan then costs ${price}.`
  if (effective !== "now") return `You pay nothing now. The plan changes on ${day(effective)}.${after}`
  const due = amountDue.minorUnits > 0
    ? `You pay ${money(amountDue)} now: the price of the new plan minus the unused part of the current plan.`
    : "You pay nothing now."
  const used = credit === undefined || credit.used.minorUnits === 0
    ? ""
    : ` Your credit pays ${money(credit.used)} of this amount.`
  const left = credit === undefined || credit.left.minorUnits === 0
    ? ""
    : ` You then have a credit of ${money(credit.left)}, which reduces your next payments.`
  return `${due}${used} The new plan begins now.${left}${after}`
}

/** The outcome of a requested change. */
export const changedWords = ({ subscription }: SubscriptionSummary): string => {
  const change = subscription?.change
  if (change === undefined) return "Your plan has changed."
  if (change.direction === "down") return `Your plan changes on ${day(change.until)}.`
  return change.invoiceUrl === undefined ? "Your plan is being changed." : "The change waits for its payment."
}

/** The outcome of a refund request: the provider has refunded the payment, or has not answered yet. */
export const refundedWords = ({ subscription }: SubscriptionSummary): string =>
  subscription?.state === "refunded"
    ? "Your payment was refunded."
    : "You have requested a refund. The plan ends with the refund."

/** The refunded amount, and the consequences. */
export const refundWords = ({ amount, until }: NonNullable<SubscriptionSummary["refundable"]>): string =>
  `You get back ${money(amount)}, and the plan ends with the refund. ` +
  `You can request the refund until ${day(until)}, once for each plan.`

export const closedWords = (closed: Closed): string => {
  switch (closed.type) {
    case "free":
      return "Included for all users."
    case "active":
      return "Included in your lifetime membership."
    case "ordered":
      return "Your order of this plan waits for your payment."
    case "same":
      return "Your current plan."
    case "scheduled":
      return `Begins on ${day(closed.from)}.`
    case "blocked":
      return {
        payment: "To change to this plan, pay the open invoice first.",
        cancellation: "Your plan is cancelled. To change to this plan, undo the cancellation first.",
        end: "Your plan ends with its paid period. To have this plan now, end your plan first.",
        refund: "You have requested a refund.",
        change: "Another change waits for its payment."
      }[closed.missing]
  }
}
