/**
 * The problems that several endpoints of subscriptions share.
 */
import { IdempotencyConflict } from "@dchat/domain/idempotency"
import {
  AccountContended,
  AssetNotOffered,
  CancelAlreadyScheduled,
  ChangeInProgress,
  LifetimeHeld,
  NoSubscription,
  NotChangeable,
  PaymentInProgress,
  PlanUnknown,
  PriceUnavailable,
  RefundInProgress,
  RefusedByProvider,
  RenewalInProgress,
  SamePlan,
  StripeNotConfigured,
  StripeUnavailable,
  TooManyCheckouts,
  TooManyQuotes,
  WalletNotUsable,
  WalletPlaceholder,
  Web3NotConfigured
} from "@dchat/domain/subscription"
import { problem } from "./Problems.ts"

/** The problems of a quote for a payment by wallet. */
export const quoteProblems = [
  problem(Web3NotConfigured),
  problem(AssetNotOffered),
  problem(WalletPlaceholder),
  problem(WalletNotUsable),
  problem(PriceUnavailable),
  problem(TooManyQuotes)
] as const

export const checkoutProblems = [
  problem(TooManyCheckouts),
  problem(LifetimeHeld),
  problem(PaymentInProgress),
  problem(PlanUnknown),
  problem(StripeNotConfigured),
  problem(StripeUnavailable),
  problem(IdempotencyConflict),
  problem(AccountContended),
  ...quoteProblems
] as const

export const changeProblems = [
  problem(NoSubscription),
  problem(NotChangeable),
  problem(RenewalInProgress),
  problem(CancelAlreadyScheduled),
  problem(ChangeInProgress),
  problem(SamePlan),
  problem(LifetimeHeld),
  problem(TooManyCheckouts),
  problem(RefundInProgress),
  problem(PlanUnknown)
] as const

/** The problems of a request that the provider carries out too, and of a key that was used for another request. */
export const keyedProblems = [problem(RefusedByProvider), problem(IdempotencyConflict)] as const
