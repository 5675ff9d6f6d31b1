/** Why something about a plan is refused, in plain words. */
import { DchatProblem } from "./dchat-http.ts"

export const withoutCards = "Paying by card is not set up here."

const refusals: Record<string, string> = {
  stripe_not_configured: withoutCards,
  stripe_unavailable: "The payment provider does not answer. Nothing is lost: try again in a minute.",
  payment_in_progress: "A payment is in progress. Look again in a minute.",
  subscription_exists: "You have a subscription already.",
  lifetime_held: "You have this for good already.",
  refund_not_allowed: "A refund is possible once, within seven days of the first payment of a plan.",
  refund_in_progress: "You have asked for your money already.",
  refused_by_provider: "The payment provider refuses that. Everything stays as it was.",
  preview_expired: "The price has changed since it was shown.",
  renewal_in_progress: "Your plan is being renewed. Try again in an hour.",
  cancel_scheduled: "The subscription is cancelled. Undo that first.",
  change_in_progress: "Another change waits for its payment: pay or undo that first.",
  payment_missing: "That is not possible while a payment is missing or disputed.",
  no_subscription: "There is no subscription any more.",
  same_plan: "You have this plan already.",
  plan_not_found: "This plan is not on offer any more.",
  superseded_by_lifetime: "You have this plan for good: there is nothing to renew.",
  no_customer: "Nothing was bought by card yet, so there is nothing to see.",
  past_due: "Pay the open invoice instead.",
  contended: "Something else changed at the same moment. Please try again.",
  rate_limited: "That was asked too often. Try again in a minute."
}

/** By the `reason` of the refusal. */
const refundRefusals: Record<string, string> = {
  too_late: "The seven days in which you can have your money back are over.",
  used: "You had your money back for this plan once already.",
  no_payment: "There is no payment of this period to give back.",
  not_active: "There is nothing to give back while the subscription is not active."
}

const wordsOf = (problem: DchatProblem): string =>
  (problem.code === "refund_not_allowed" ? refundRefusals[problem.reason ?? ""] : undefined) ??
    refusals[problem.code] ?? problem.message

export const planRefusal = (problem: unknown): { readonly code: string; readonly words: string } =>
  problem instanceof DchatProblem
    ? { code: problem.code, words: wordsOf(problem) }
    : { code: "unknown", words: "Something went wrong." }
