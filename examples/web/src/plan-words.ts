/** What is said about plans and subscriptions, in plain words. */
import { DchatProblem } from "./dchat-http.ts"
import {
  type Limit,
  type Money,
  type OwnSubscription,
  type Payment,
  type Period,
  type Standing
} from "./dchat-subscription.ts"

export const money = ({ currency, minorUnits }: Money): string => {
  const format = new Intl.NumberFormat("en", { style: "currency", currency })
  const { maximumFractionDigits = 2 } = format.resolvedOptions()
  return format.format(minorUnits / 10 ** maximumFractionDigits)
}

export const day = (iso: string): string =>
  new Intl.DateTimeFormat("en", { day: "numeric", month: "long", year: "numeric" }).format(new Date(iso))

const names: Record<string, string> = { FREE: "Free", PRO: "Pro", ENTERPRISE: "Enterprise" }

export const tierName = (tier: string): string => names[tier] ?? tier

export const periodWords: Record<Period | "nft", string> = {
  monthly: "a month",
  yearly: "a year",
  nft: "once, for good"
}

const size = (bytes: number): string =>
  bytes >= 1024 ** 4
    ? `${bytes / 1024 ** 4} TB`
    : bytes >= 1024 ** 3
    ? `${bytes / 1024 ** 3} GB`
    : `${Math.round(bytes / 1024 ** 2)} MB`

const counted: Record<string, (value: number) => string> = {
  uploadBytes: size,
  storageBytes: size,
  callSeconds: (seconds) => `${seconds / 60} minutes`
}

export const amount = (name: string, value: Limit): string =>
  value === "unlimited" ? "unlimited" : counted[name]?.(value) ?? `${value}`

export const limitNames: Record<string, string> = {
  groupMembers: "People in a group",
  uploadBytes: "Size of a file",
  callSeconds: "Length of a call",
  storageBytes: "Storage",
  customStickers: "Own stickers"
}

export const featureName = (feature: string): string => {
  const words = feature.replaceAll("_", " ").replace("nft", "NFT").replace("api", "API")
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const nameOf = ({ period, tier }: { readonly tier: string; readonly period: Period }): string =>
  `${tierName(tier)}, paid ${period === "monthly" ? "by the month" : "by the year"}`

/** What somebody has, and what happens next and when. */
export const standingWords = (
  { accessUntil, membership, source, subscription, tier }: Standing
): ReadonlyArray<string> => {
  const held = membership?.state === "held" ? [`${tierName(membership.tier)} is yours for good.`] : []
  const waiting = membership?.state === "pending"
    ? [`${tierName(membership.tier)} for good waits for your payment.`]
    : membership?.state === "suspended"
    ? [`${tierName(membership.tier)} for good is suspended: your bank disputes the payment.`]
    : []
  const granted = source === "grant"
    ? [`You were given ${tierName(tier)}${accessUntil === undefined ? "" : ` until ${day(accessUntil)}`}.`]
    : []
  const words = [
    ...held,
    ...waiting,
    ...granted,
    ...subscription === undefined ? [] : subscriptionWords(subscription, accessUntil)
  ]
  return words.length > 0 ? words : [`You have ${tierName(tier)}. There is nothing to pay.`]
}

const subscriptionWords = (subscription: OwnSubscription, accessUntil: string | undefined): ReadonlyArray<string> => {
  const { change, endedAt, endsAt, paidThrough, price, refundRequestedAt, state } = subscription
  const plan = nameOf(subscription)
  switch (state) {
    case "pending":
      return [`${plan}, waits for your payment.`]
    case "active": {
      if (refundRequestedAt !== undefined) return [`${plan}. Your money is on its way back; the plan ends with it.`]
      if (endsAt !== undefined) return [`${plan}. It ends on ${day(endsAt)}; until then everything stays as it is.`]
      const next = paidThrough === undefined ? "" : ` It renews on ${day(paidThrough)}`
      if (change?.direction === "down") return [`${plan}.${next} as ${nameOf(change)}.`]
      const goesOn = `${plan}.${next} for ${money(price)}.`
      return change === undefined ? [goesOn] : [
        goesOn,
        `The change to ${nameOf(change)} waits for its payment until ${moment(change.until)}.`
      ]
    }
    case "past_due":
      return [
        `${plan}. The last payment failed.`,
        accessUntil === undefined
          ? "You do not have the plan until it is paid."
          : `Pay by ${day(accessUntil)} to keep the plan.`
      ]
    case "suspended":
      return [`${plan}. It is suspended: your bank disputes the payment.`]
    case "expired":
      return [`${plan}. It ended${endedAt === undefined ? "" : ` on ${day(endedAt)}`}, because it was not paid.`]
    case "cancelled":
      return [`${plan}. It ended${endedAt === undefined ? "" : ` on ${day(endedAt)}`}.`]
    case "refunded":
      return [`${plan}. It ended, and the money went back.`]
  }
}

const moment = (iso: string): string =>
  new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso))

const kinds: Record<Payment["kind"], string> = {
  first: "First payment",
  renewal: "Renewal",
  change: "Change of plan",
  lifetime: "For good"
}

export const paymentWords = ({ kind, refunded, state }: Payment): string => {
  const outcome = refunded !== undefined
    ? `, ${money(refunded)} given back`
    : state === "settled"
    ? ""
    : state === "quoted"
    ? ", not paid yet"
    : state === "lapsed"
    ? ", never paid"
    : `, ${state}`
  return `${kinds[kind]}${outcome}`
}

const refusals: Record<string, string> = {
  stripe_not_configured: "Paying by card is not set up here.",
  stripe_unavailable: "The payment provider does not answer. Nothing is lost: try again in a minute.",
  payment_in_progress: "A payment is in progress. Look again in a minute.",
  subscription_exists: "You have a subscription already.",
  lifetime_held: "You have this for good already.",
  refund_not_allowed: "A refund is possible once, within seven days of the first payment of a plan.",
  cancel_scheduled: "The subscription is cancelled. Undo that first."
}

export const planRefusal = (problem: unknown): { readonly code: string; readonly words: string } =>
  problem instanceof DchatProblem
    ? { code: problem.code, words: refusals[problem.code] ?? problem.message }
    : { code: "unknown", words: "Something went wrong." }
