/** What is said about plans and subscriptions, in plain words. */
import {
  type ChangePreview,
  type Limit,
  type Limits,
  type Money,
  type OwnSubscription,
  type Payment,
  type Period,
  type Plan,
  type PlanChoice,
  type Standing,
  type Usage
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
  nft: "once, for good"
}

export const periodAdverbs: Record<Period, string> = { monthly: "by the month", yearly: "by the year" }

const sizes = [[1024 ** 4, "TB"], [1024 ** 3, "GB"], [1024 ** 2, "MB"], [1024, "KB"]] as const

const size = (bytes: number): string => {
  const [unit, name] = sizes.find(([unit]) => bytes >= unit) ?? [1, "bytes"]
  return `${number(bytes / unit)} ${name}`
}

const number = (value: number): string => new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(value)

const counted: Record<string, (value: number) => string> = {
  uploadBytes: size,
  storageBytes: size,
  callSeconds: (seconds) => `${number(seconds / 60)} minutes`
}

const amount = (name: string, value: Limit): string =>
  value === "unlimited" ? "unlimited" : (counted[name] ?? number)(value)

const limitNames: Record<string, string> = {
  groupMembers: "People in a group",
  uploadBytes: "Size of a file",
  callSeconds: "Length of a call",
  storageBytes: "Storage",
  customStickers: "Own stickers"
}

export const featureName = (feature: string): string => {
  const words = feature.replaceAll("_", " ").replace(/\bnft\b/, "NFT").replace(/\bapi\b/, "API")
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export const limitName = (name: string): string => limitNames[name] ?? featureName(name)

/** Each limit by its name, and in words. */
export const limitWords = (
  { monthly = {}, ...limits }: Limits
): ReadonlyArray<{ readonly name: string; readonly words: string }> => [
  ...Object.entries(limits).map(([name, value]) => ({ name, words: `${limitName(name)}: ${amount(name, value)}` })),
  ...Object.entries(monthly).map(([name, value]) => ({
    name,
    words: `${limitName(name)}: ${amount(name, value)}${value === "unlimited" ? "" : " a month"}`
  }))
]

export const usageWords = ({ feature, limit, resetsAt, used }: Usage): string => {
  const share = limit === "unlimited"
    ? `${amount(feature, used)} used, without a limit`
    : `${amount(feature, used)} of ${amount(feature, limit)}`
  const tooMuch = limit !== "unlimited" && used > limit ? ", more than the plan gives: nothing is removed" : ""
  return `${limitName(feature)}: ${share}${tooMuch}${resetsAt === undefined ? "" : `, anew on ${day(resetsAt)}`}`
}

const priceWords = (plans: ReadonlyArray<Plan>, { period, tier }: PlanChoice): string | undefined => {
  const plan = plans.find((one) => one.tier === tier)
  return plan && `${money(plan.prices[period])} ${periodWords[period]}`
}

const nameOf = ({ period, tier }: { readonly tier: string; readonly period: Period }): string =>
  `${tierName(tier)}, paid ${periodAdverbs[period]}`

/** What somebody has, and what happens next and when. */
export const standingWords = (
  { accessUntil, credit, membership, source, subscription, tier }: Standing,
  plans: ReadonlyArray<Plan>
): ReadonlyArray<string> => {
  const held = membership?.state === "active" ? [`${tierName(membership.tier)} is yours for good.`] : []
  const waiting = membership?.state === "pending"
    ? [`${tierName(membership.tier)} for good waits for your payment. ${lapses}`]
    : membership?.state === "suspended"
    ? [`${tierName(membership.tier)} for good is suspended: the payment is disputed at your bank.`]
    : []
  const granted = source === "grant"
    ? [`You were given ${tierName(tier)}${accessUntil === undefined ? "" : ` until ${day(accessUntil)}`}.`]
    : []
  const words = [
    ...held,
    ...waiting,
    ...granted,
    ...subscription === undefined
      ? []
      : subscriptionWords(subscription, debtWords(source, accessUntil), plans)
  ]
  const owed = credit === undefined ? [] : [creditWords(credit)]
  return [...(words.length > 0 ? words : [`You have ${tierName(tier)}. There is nothing to pay.`]), ...owed]
}

const creditWords = (credit: Money): string =>
  `You have a credit of ${money(credit)}. It counts against your next payments.`

const lapses = "If it is not paid within a day, nothing comes of it."

/** What follows from a payment that failed, where that is known: something else may give as much or more. */
const debtWords = (source: Standing["source"], accessUntil: string | undefined): ReadonlyArray<string> => {
  if (source === "none") return ["It gives you nothing until that is paid."]
  if (source !== "subscription" || accessUntil === undefined) return []
  return [`Pay by ${day(accessUntil)} to keep the plan.`]
}

const subscriptionWords = (
  subscription: OwnSubscription,
  debt: ReadonlyArray<string>,
  plans: ReadonlyArray<Plan>
): ReadonlyArray<string> => {
  const { activatedAt, change, endedAt, endsAt, paidThrough, price, refundRequestedAt, state } = subscription
  if (!isLive(subscription) && state !== "pending" && activatedAt === undefined) {
    return [`${nameOf(subscription)}: that order was never paid, and nothing came of it.`]
  }
  const plan = nameOf(subscription)
  switch (state) {
    case "pending":
      return [`${plan}, waits for your payment. ${lapses}`]
    case "active": {
      if (refundRequestedAt !== undefined) {
        return [`${plan}. You have asked for your money back; the plan ends with it.`]
      }
      if (endsAt !== undefined) return [`${plan}. It ends on ${day(endsAt)}; until then everything stays as it is.`]
      const next = paidThrough === undefined ? "" : ` It renews on ${day(paidThrough)}`
      if (change?.direction === "down") {
        const newPrice = priceWords(plans, change)
        return [`${plan}.${next} as ${nameOf(change)}${newPrice === undefined ? "" : `, for ${newPrice}`}.`]
      }
      const goesOn = `${plan}.${next} for ${money(price)}.`
      return change === undefined ? [goesOn] : [
        goesOn,
        `The change to ${nameOf(change)} waits for its payment until ${moment(change.until)}.`
      ]
    }
    case "past_due":
      return [`${plan}. The last payment failed.`, ...debt]
    case "suspended":
      return [
        `${plan}. It is suspended: the payment is disputed at your bank. It gives you nothing until that is settled.`
      ]
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

const outcomes: Record<Exclude<Payment["state"], "settled" | "quoted">, string> = {
  submitted: ", on its way",
  confirming: ", being confirmed",
  rejected: ", did not work",
  lapsed: ", never paid",
  reversed: ", taken back"
}

export const paymentWords = ({ kind, refunded, state }: Payment): string => {
  const outcome = refunded !== undefined
    ? `, ${money(refunded)} given back`
    : state === "settled"
    ? ""
    : state === "quoted"
    ? ", not paid yet"
    : outcomes[state]
  return `${kinds[kind]}${outcome}`
}

/** What a change would cost, and when it would come about. */
export const previewWords = (
  { amountDue, credit, effective }: ChangePreview,
  choice: PlanChoice,
  plans: ReadonlyArray<Plan>
): string => {
  const price = priceWords(plans, choice)
  const after = price === undefined ? "" : ` After that it costs ${price}.`
  if (effective !== "now") return `You pay nothing now. The plan changes on ${day(effective)}.${after}`
  const due = amountDue.minorUnits > 0
    ? `You pay ${money(amountDue)} now: the new plan less what is left of the old one.`
    : "You pay nothing now."
  const used = credit === undefined || credit.used.minorUnits === 0
    ? ""
    : ` Your credit pays ${money(credit.used)} of it.`
  const left = credit === undefined || credit.left.minorUnits === 0
    ? ""
    : ` You have a credit of ${money(credit.left)} then, which counts against your next payments.`
  return `${due}${used} It begins at once.${left}${after}`
}

/** What came of a change that was asked for. */
export const changedWords = ({ subscription }: Standing): string => {
  const change = subscription?.change
  if (change === undefined) return "Your plan is changed."
  if (change.direction === "down") return `Your plan changes on ${day(change.until)}.`
  return change.invoiceUrl === undefined ? "Your plan is being changed." : "The change waits for its payment."
}

/** What came of asking for the money: the provider has given it back, or has not answered yet. */
export const refundedWords = ({ subscription }: Standing): string =>
  subscription?.state === "refunded"
    ? "Your money is on its way back."
    : "You have asked for your money back. The plan ends once that is done."

/** What goes back, and what follows. */
export const refundWords = ({ amount, until }: NonNullable<Standing["refundable"]>): string =>
  `You get back ${money(amount)}, and the plan ends with it. ` +
  `Until ${day(until)} you can ask for it, once in each plan.`

export const closedWords = (closed: Closed): string => {
  switch (closed.type) {
    case "everybody":
      return "For everybody."
    case "active":
      return "Part of what is yours for good."
    case "ordered":
      return "You have ordered it, and it waits for your payment."
    case "same":
      return "This is how you pay."
    case "scheduled":
      return `Yours from ${day(closed.from)}.`
    case "blocked":
      return {
        payment: "To change to it, pay first what is open.",
        cancellation: "Your plan ends. To change, undo that first.",
        end: "Your plan ends by itself. To have this one now, end that first.",
        refund: "You have asked for your money back.",
        change: "Another change waits for its payment."
      }[closed.missing]
  }
}
