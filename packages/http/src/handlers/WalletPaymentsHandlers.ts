/**
 * The handlers of the group `walletPayments`.
 */
import { ContractGrants, TokenMemberships } from "@dchat/domain/onchain"
import { Catalogue, Quoting, Subscriptions, WalletPayments } from "@dchat/domain/subscription"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/Authentication.ts"
import { paymentViewOf } from "../api/PaymentView.ts"
import { chainViewOf } from "../api/QuoteView.ts"
import { addressOf, quoteWishOf } from "../api/QuoteWishView.ts"
import { summaryViewOf } from "../api/SubscriptionView.ts"
import { exactly } from "./DeclaredErrors.ts"

const me = Effect.map(CurrentSession, ({ user }) => user.id)

export const WalletPaymentsHandlers = HttpApiBuilder.group(
  Api,
  "walletPayments",
  Effect.fn(function*(handlers) {
    const payments = yield* WalletPayments
    const quoting = yield* Quoting
    const tokens = yield* TokenMemberships
    const grants = yield* ContractGrants
    const subscriptions = yield* Subscriptions
    const catalogue = yield* Catalogue

    return handlers.handleAll(exactly(handlers, {
      chains: () => Effect.map(quoting.offered, (chains) => ({ items: chains.map(chainViewOf) })),
      quote: Effect.fn(function*({ params, payload }) {
        return paymentViewOf(yield* payments.quote(yield* me, params.id, quoteWishOf(payload)))
      }),
      submit: Effect.fn(function*({ params, payload: { transactionHash } }) {
        const { inspection, payment } = yield* payments.submit(yield* me, params.id, transactionHash)
        return { inspection, payment: paymentViewOf(payment) }
      }),
      refreshMemberships: Effect.fn(function*() {
        const user = yield* me
        yield* tokens.review(user)
        yield* grants.review(user)
        return summaryViewOf(catalogue[0].tier, yield* subscriptions.summary(user))
      }),
      claimToken: Effect.fn(function*({ payload: { chainId, contract, tokenId } }) {
        const user = yield* me
        yield* tokens.claim(user, { chainId, contract: addressOf(contract), tokenId: BigInt(tokenId) })
        return summaryViewOf(catalogue[0].tier, yield* subscriptions.summary(user))
      })
    }))
  })
)
