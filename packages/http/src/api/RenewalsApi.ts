/**
 * The endpoints by which users let the operator charge renewals from their wallet.
 */
import {
  AuthorizationIneffective,
  ChargingNotConfigured,
  ChargingUnavailable,
  PermitRejected,
  TooManyPermits
} from "@dchat/domain/onchain"
import {
  AccountContended,
  AssetNotOffered,
  NoSubscription,
  NotChangeable,
  PriceUnavailable,
  RenewsAutomatically,
  UseUndoCancel,
  WalletNotUsable,
  WalletPlaceholder,
  Web3NotConfigured
} from "@dchat/domain/subscription"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Authentication } from "./Authentication.ts"
import { nullAsLeftOut } from "./NullAsLeftOut.ts"
import { problem } from "./Problems.ts"
import { PersonLimited, RateLimit, ratePolicies } from "./RateLimited.ts"
import { authorizationWish, InstructionsView, signedPermit } from "./RenewalView.ts"
import { SummaryView } from "./SubscriptionView.ts"

const wishProblems = [
  problem(ChargingNotConfigured),
  problem(Web3NotConfigured),
  problem(AssetNotOffered),
  problem(WalletPlaceholder),
  problem(WalletNotUsable),
  problem(PriceUnavailable),
  problem(NoSubscription)
] as const

const authorizing = [
  ...wishProblems,
  problem(AuthorizationIneffective),
  problem(NotChangeable),
  problem(RenewsAutomatically),
  problem(UseUndoCancel),
  problem(AccountContended)
] as const

export class RenewalsApi extends HttpApiGroup.make("renewals")
  .add(
    HttpApiEndpoint.post("instructions", "/instructions", {
      payload: nullAsLeftOut(Schema.Struct({
        ...authorizationWish,
        /** The number of periods that the allowance covers. */
        periods: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 120 })))
      })),
      success: InstructionsView,
      error: [...wishProblems, problem(ChargingUnavailable)]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("authorize", "/authorize", {
      payload: Schema.Struct(authorizationWish),
      success: SummaryView,
      error: authorizing
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("permit", "/permit", {
      payload: nullAsLeftOut(Schema.Struct({ ...authorizationWish, ...signedPermit })),
      success: SummaryView,
      error: [...authorizing, problem(PermitRejected), problem(TooManyPermits), problem(ChargingUnavailable)]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("revoke", "/revoke", {
      success: SummaryView,
      error: problem(AccountContended)
    }).annotate(RateLimit, ratePolicies.billing)
  )
  .middleware(PersonLimited)
  .middleware(Authentication)
  .prefix("/api/subscriptions/authorization")
{}
