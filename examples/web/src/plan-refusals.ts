/** Why something about a plan is refused, in plain words. */
import { DchatProblem } from "./dchat-http.ts"
import { day } from "./plan-words.ts"

export const withoutCards = "Card payments are not set up on this server."

const refusals: Record<string, string> = {
  stripe_not_configured: withoutCards,
  stripe_unavailable: "The payment provider does not answer. Try again in a minute.",
  payment_in_progress: "Another order or payment is in progress. Cancel the open order first, or wait for its payment.",
  subscription_exists: "You already have a subscription.",
  lifetime_held: "You already have a lifetime membership of this plan or a higher plan.",
  refund_not_allowed: "You can request one refund for each plan, within 7 days of its first payment.",
  refund_in_progress: "You have already requested a refund.",
  refused_by_provider: "The payment provider refused the request. Nothing changed.",
  preview_expired: "The price has changed. Check the new price and confirm again.",
  renewal_in_progress: "Your plan is being renewed. Try again in an hour.",
  cancel_scheduled: "The subscription is cancelled. Undo the cancellation first.",
  change_in_progress: "Another change waits for its payment. Pay for that change or undo it first.",
  payment_missing:
    "You cannot change the subscription while a payment is missing or disputed. Pay the open invoice first.",
  no_subscription: "You have no subscription.",
  same_plan: "You already have this plan.",
  plan_not_found: "This plan is no longer available. Choose another plan.",
  superseded_by_lifetime: "Your lifetime membership replaces the subscription, so you cannot renew it.",
  no_customer: "You have not paid by card yet, so there are no invoices.",
  past_due: "A payment failed. Pay the open invoice.",
  web3_not_configured: "Payments by wallet are not set up on this server.",
  asset_not_offered: "This currency is not accepted on this chain. Choose another currency.",
  wallet_placeholder: "You have no linked wallet. Link the wallet with which you want to pay in your account.",
  wallet_not_usable:
    "You cannot pay from this wallet on this chain. Link the wallet in your account, or choose another wallet or chain.",
  price_unavailable:
    "The price of this currency is not known now. Choose another currency, or try again in some minutes.",
  payment_not_open: "This payment is paid already, or it has expired.",
  payment_not_found: "This payment does not exist.",
  too_many_quotes: "You have asked for too many amounts. Pay one of them, or order again tomorrow.",
  too_many_checkouts: "You have made too many orders without a payment. Try again tomorrow.",
  token_not_held:
    "This token gives no membership to you: no linked wallet of yours owns the token, or its contract gives no membership here.",
  token_unreadable: "The chain of this token cannot be read now. Try again in some minutes.",
  renews_automatically: "Your subscription renews by itself.",
  use_undo_cancel: "Your subscription is cancelled. Undo the cancellation first.",
  auto_renewal_unsupported: "A plan that is paid by wallet does not renew by itself.",
  idempotency_conflict: "This request was made before in another form. Reload the page.",
  contended: "Another change was made at the same time. Try again.",
  rate_limited: "Too many requests. Try again in a minute."
}

/** By the `reason` of the refusal. */
const refundRefusals: Record<string, string> = {
  too_late: "The 7 days for a refund have passed.",
  used: "You have already had a refund for this plan.",
  no_payment: "This period has no payment to refund.",
  not_active: "You can request a refund only while the subscription is active."
}

/** Tells the time from which the next period can be paid. */
const notOpenYet = (opensAt: string | undefined): string =>
  opensAt === undefined
    ? "You cannot pay for the next period yet."
    : `You can pay for the next period from ${day(opensAt)}.`

const wordsOf = (problem: DchatProblem): string =>
  problem.code === "renewal_not_open" ?
    notOpenYet(problem.opensAt) :
    (problem.code === "refund_not_allowed" ? refundRefusals[problem.reason ?? ""] : undefined) ??
      refusals[problem.code] ?? problem.message

export const planRefusal = (problem: unknown): { readonly code: string; readonly words: string } =>
  problem instanceof DchatProblem
    ? { code: problem.code, words: wordsOf(problem) }
    : { code: "unknown", words: "Something went wrong. Try again." }
