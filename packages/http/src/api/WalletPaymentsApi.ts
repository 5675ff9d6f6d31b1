/**
 * The endpoints of payments by wallet, and of memberships by tokens.
 */
import { ChainId } from "@dchat/domain/identity"
import { TokenNotHeld, TokenUnreadable } from "@dchat/domain/onchain"
import { AccountContended, Bytes32, PaymentId, PaymentNotFound, PaymentNotOpen } from "@dchat/domain/subscription"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Authentication } from "./Authentication.ts"
import { nullAsLeftOut } from "./NullAsLeftOut.ts"
import { PaymentView } from "./PaymentView.ts"
import { problem } from "./Problems.ts"
import { ChainView, InspectionView } from "./QuoteView.ts"
import { Address, QuoteWishView } from "./QuoteWishView.ts"
import { PersonLimited, RateLimit, ratePolicies } from "./RateLimited.ts"
import { quoteProblems } from "./SubscriptionProblems.ts"
import { SummaryView } from "./SubscriptionView.ts"

export class WalletPaymentsApi extends HttpApiGroup.make("walletPayments")
  .add(
    HttpApiEndpoint.post("quote", "/payments/:id/quote", {
      params: { id: PaymentId },
      payload: nullAsLeftOut(QuoteWishView),
      success: PaymentView,
      error: [problem(PaymentNotFound), problem(PaymentNotOpen), ...quoteProblems, problem(AccountContended)]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("submit", "/payments/:id/submit", {
      params: { id: PaymentId },
      /** The hash of the transaction that pays. */
      payload: Schema.Struct({ transactionHash: Bytes32 }),
      success: Schema.Struct({ payment: PaymentView, inspection: InspectionView }),
      error: [problem(PaymentNotFound), problem(PaymentNotOpen), problem(AccountContended)]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("refreshMemberships", "/memberships/refresh", { success: SummaryView }).annotate(
      RateLimit,
      ratePolicies.billing
    ),
    HttpApiEndpoint.post("claimToken", "/memberships/claim", {
      payload: Schema.Struct({
        chainId: ChainId,
        contract: Address,
        /** The id of the token, as decimal digits. */
        tokenId: Schema.String.check(Schema.isPattern(/^\d{1,78}$/u))
      }),
      success: SummaryView,
      error: [problem(TokenNotHeld), problem(TokenUnreadable)]
    }).annotate(RateLimit, ratePolicies.billing)
  )
  .middleware(PersonLimited)
  .middleware(Authentication)
  .add(HttpApiEndpoint.get("chains", "/chains", { success: Schema.Struct({ items: Schema.Array(ChainView) }) }))
  .prefix("/api/subscriptions")
{}
