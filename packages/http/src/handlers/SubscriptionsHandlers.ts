/**
 * The handlers of the group `subscriptions`.
 */
import {
  Catalogue,
  Entitlements,
  PlanUnknown,
  soldOf,
  type StartedCheckout,
  Subscriptions,
  type SubscriptionSummary,
  Usage
} from "@dchat/domain/subscription"
import { Effect, Schema } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/Authentication.ts"
import { paymentViewOf } from "../api/PaymentView.ts"
import { entitlementsViewOf, planViewOf, pricingViewOf } from "../api/PlanView.ts"
import { quoteWishOf } from "../api/QuoteWishView.ts"
import { CheckoutView } from "../api/SubscriptionsApi.ts"
import { changePreviewViewOf, membershipViewOf, subscriptionViewOf, summaryViewOf } from "../api/SubscriptionView.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { exactly } from "./DeclaredErrors.ts"
import { requireServiceKey } from "./ServiceKeys.ts"

const encodeCheckout = Schema.encodeSync(Schema.toCodecJson(CheckoutView))

const checkoutViewOf = ({ payment, purchase }: StartedCheckout): CheckoutView => ({
  ...("biller" in purchase
    ? { subscription: subscriptionViewOf(purchase) }
    : { membership: membershipViewOf(purchase) }),
  payment: paymentViewOf(payment)
})

/** A purchase that existed before this request is answered with status 200 instead of 201. */
const checkoutAnswer = (started: StartedCheckout) =>
  started.created
    ? checkoutViewOf(started)
    : HttpServerResponse.jsonUnsafe(encodeCheckout(checkoutViewOf(started)), { status: 200 })

const me = Effect.map(CurrentSession, ({ user }) => user.id)

export const SubscriptionsHandlers = HttpApiBuilder.group(
  Api,
  "subscriptions",
  Effect.fn(function*(handlers) {
    const subscriptions = yield* Subscriptions
    const entitlements = yield* Entitlements
    const catalogue = yield* Catalogue
    const usage = yield* Usage
    const settings = yield* HostSettings

    const viewOf = (summary: SubscriptionSummary) => summaryViewOf(catalogue[0].tier, summary)

    return handlers.handleAll(exactly(handlers, {
      plans: () => Effect.succeed({ items: soldOf(catalogue).map(planViewOf) }),
      pricing: Effect.fn(function*({ params }) {
        const plan = soldOf(catalogue).find(({ tier }) => tier === params.tier)
        return plan === undefined ? yield* new PlanUnknown() : pricingViewOf(plan)
      }),
      usage: Effect.fn(function*({ headers, payload: { action = "consume", observedAt, userId, ...consumption } }) {
        yield* Effect.provideService(requireServiceKey(headers.authorization), HostSettings, settings)
        if (action === "set") return yield* usage.set(userId, consumption, observedAt)
        return yield* (action === "consume" ? usage.consume(userId, consumption) : usage.release(userId, consumption))
      }),
      me: () => Effect.map(Effect.flatMap(me, subscriptions.summary), viewOf),
      entitlements: Effect.fn(function*() {
        const user = yield* me
        return entitlementsViewOf(yield* entitlements.of(user), yield* usage.of(user))
      }),
      create: Effect.fn(function*({ headers, payload: { web3, ...order } }) {
        const request = { ...order, web3: web3 && quoteWishOf(web3) }
        return checkoutAnswer(yield* subscriptions.create(yield* me, request, headers["idempotency-key"]))
      }),
      renew: Effect.fn(function*({ headers, payload: { web3, ...order } }) {
        const request = { ...order, web3: web3 && quoteWishOf(web3) }
        return checkoutAnswer(yield* subscriptions.renew(yield* me, request, headers["idempotency-key"]))
      }),
      cancel: Effect.fn(function*({ headers, payload: { confirmNoRefund = false, purchaseId, when = "period_end" } }) {
        const how = { when, confirmed: confirmNoRefund, purchaseId }
        return viewOf(yield* subscriptions.cancel(yield* me, how, headers["idempotency-key"]))
      }),
      undoCancel: Effect.fn(function*({ headers }) {
        return viewOf(yield* subscriptions.undoCancel(yield* me, headers["idempotency-key"]))
      }),
      change: Effect.fn(function*({ headers, payload }) {
        return viewOf(yield* subscriptions.change(yield* me, payload, headers["idempotency-key"]))
      }),
      previewChange: Effect.fn(function*({ payload }) {
        return changePreviewViewOf(yield* subscriptions.previewChange(yield* me, payload))
      }),
      portal: Effect.fn(function*() {
        const url = yield* subscriptions.portal(yield* me)
        return { url: url.toString() }
      }),
      undoChange: Effect.fn(function*({ headers }) {
        return viewOf(yield* subscriptions.undoChange(yield* me, headers["idempotency-key"]))
      }),
      refund: Effect.fn(function*({ headers, query: { purchaseId } }) {
        return viewOf(yield* subscriptions.refund(yield* me, purchaseId, headers["idempotency-key"]))
      }),
      history: Effect.fn(function*({ query: { cursor, limit = 50 } }) {
        const account = yield* subscriptions.account(yield* me)
        const payments = account.payments.toReversed()
        const from = cursor === undefined ? 0 : payments.findIndex(({ id }) => id === cursor) + 1
        const page = payments.slice(from, from + limit)
        const last = page.at(-1)
        return {
          subscriptions: account.subscriptions.map(subscriptionViewOf).toReversed(),
          memberships: account.memberships.map(membershipViewOf).toReversed(),
          payments: page.map(paymentViewOf),
          ...(last !== undefined && from + limit < payments.length && { nextCursor: last.id })
        }
      }),
      payment: Effect.fn(function*({ params }) {
        return paymentViewOf(yield* subscriptions.payment(yield* me, params.id))
      })
    }))
  })
)
