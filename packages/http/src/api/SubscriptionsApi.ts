/**
 * The endpoints of plans, and of the subscription of a signed-in user.
 */
import { IdempotencyConflict, IdempotencyKey } from "@dchat/domain/idempotency"
import { UserId } from "@dchat/domain/identity"
import { StorableText } from "@dchat/domain/storable"
import {
  AccountContended,
  AutoRenewUnsupported,
  BillingPeriod,
  ConfirmationRequired,
  FeatureUnknown,
  NoCustomer,
  NoPendingChange,
  NoSubscription,
  NotCancelled,
  NotChangeable,
  PastDue,
  PaymentId,
  PaymentInProgress,
  PaymentMethod,
  PaymentNotFound,
  PlanUnknown,
  PreviewExpired,
  PurchaseId,
  RefundInProgress,
  RefundNotAllowed,
  RenewalNotOpen,
  RenewsAutomatically,
  StripeNotConfigured,
  StripeUnavailable,
  SubscriptionExists,
  SupersededByLifetime,
  Tier,
  UsageLimitReached,
  UsageOwnerUnknown,
  UseUndoCancel
} from "@dchat/domain/subscription"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Authentication } from "./Authentication.ts"
import { bodyLeftOut } from "./BodyLeftOut.ts"
import { nullAsLeftOut } from "./NullAsLeftOut.ts"
import { PaymentView } from "./PaymentView.ts"
import { EntitlementsView, PlanView, PricingView, UsageView } from "./PlanView.ts"
import { problem } from "./Problems.ts"
import { QuoteWishView } from "./QuoteWishView.ts"
import { PersonLimited, RateLimit, ratePolicies } from "./RateLimited.ts"
import { ServiceKeyRequired } from "./RequestErrors.ts"
import { changeProblems, checkoutProblems, keyedProblems } from "./SubscriptionProblems.ts"
import { ChangePreviewView, MembershipView, SubscriptionView, SummaryView } from "./SubscriptionView.ts"
import { RequestTime } from "./Time.ts"

/** A purchase and its payment. */
export const CheckoutView = Schema.Struct({
  subscription: Schema.optionalKey(SubscriptionView),
  membership: Schema.optionalKey(MembershipView),
  payment: PaymentView
}).annotate({ identifier: "SubscriptionCheckout" })
export type CheckoutView = typeof CheckoutView.Type

const keyHeaders = { "idempotency-key": Schema.optionalKey(IdempotencyKey) }

const checkout = { success: [CheckoutView.pipe(HttpApiSchema.status(201)), CheckoutView] } as const

export class SubscriptionsApi extends HttpApiGroup.make("subscriptions")
  .add(
    HttpApiEndpoint.get("me", "/me", { success: SummaryView }),
    HttpApiEndpoint.get("entitlements", "/entitlements", { success: EntitlementsView }),
    HttpApiEndpoint.post("create", "/create", {
      ...checkout,
      headers: keyHeaders,
      payload: nullAsLeftOut(Schema.Struct({
        tier: Tier,
        /** `nft` is a lifetime membership. */
        period: Schema.Literals([...BillingPeriod.literals, "nft"]),
        method: PaymentMethod,
        /** With `false`, the subscription ends with its first period. */
        autoRenew: Schema.optionalKey(Schema.Boolean),
        web3: Schema.optionalKey(QuoteWishView)
      })),
      error: [...checkoutProblems, problem(AutoRenewUnsupported), problem(SubscriptionExists)]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("renew", "/renew", {
      ...checkout,
      headers: keyHeaders,
      payload: bodyLeftOut(nullAsLeftOut(Schema.Struct({
        method: Schema.optionalKey(PaymentMethod),
        period: Schema.optionalKey(BillingPeriod),
        web3: Schema.optionalKey(QuoteWishView)
      }))),
      error: [
        ...checkoutProblems,
        problem(NoSubscription),
        problem(NotChangeable),
        problem(UseUndoCancel),
        problem(RenewsAutomatically),
        problem(RenewalNotOpen),
        problem(SubscriptionExists),
        problem(PastDue)
      ]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("cancel", "/cancel", {
      headers: keyHeaders,
      payload: bodyLeftOut(nullAsLeftOut(Schema.Struct({
        when: Schema.optionalKey(Schema.Literals(["period_end", "now"])),
        /** Confirms that an immediate cancellation gives no refund. */
        confirmNoRefund: Schema.optionalKey(Schema.Boolean),
        /** The purchase to cancel. The default is the subscription, if there is one. */
        purchaseId: Schema.optionalKey(PurchaseId)
      }))),
      success: SummaryView,
      error: [
        problem(NoSubscription),
        problem(PaymentInProgress),
        problem(RefundInProgress),
        problem(ConfirmationRequired),
        ...keyedProblems,
        problem(StripeNotConfigured),
        problem(StripeUnavailable),
        problem(AccountContended)
      ]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("undoCancel", "/undo-cancel", {
      headers: keyHeaders,
      success: SummaryView,
      error: [
        problem(NoSubscription),
        problem(NotCancelled),
        problem(NotChangeable),
        problem(RefundInProgress),
        problem(SupersededByLifetime),
        ...keyedProblems,
        problem(AccountContended)
      ]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("change", "/change", {
      headers: keyHeaders,
      payload: nullAsLeftOut(Schema.Struct({
        tier: Tier,
        period: BillingPeriod,
        /**
         * The `prorationDate` of a preview, so that the user pays the previewed price. The preview must be less than an
         * hour old and from the current period.
         */
        prorationDate: Schema.optionalKey(RequestTime)
      })),
      success: SummaryView,
      error: [...changeProblems, problem(PreviewExpired), ...keyedProblems, problem(AccountContended)]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("previewChange", "/change/preview", {
      payload: Schema.Struct({ tier: Tier, period: BillingPeriod }),
      success: ChangePreviewView,
      error: [...changeProblems, problem(StripeNotConfigured), problem(StripeUnavailable)]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("portal", "/portal", {
      /** The provider's page on which users see their invoices, change their card or cancel. */
      success: Schema.Struct({ url: Schema.String }),
      error: [problem(NoCustomer), problem(StripeNotConfigured), problem(StripeUnavailable)]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("undoChange", "/undo-change", {
      headers: keyHeaders,
      success: SummaryView,
      error: [problem(NoSubscription), problem(NoPendingChange), ...keyedProblems, problem(AccountContended)]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.post("refund", "/refund", {
      headers: keyHeaders,
      /** The purchase to refund. The default is the first purchase that can be refunded. */
      query: { purchaseId: Schema.optionalKey(PurchaseId) },
      success: SummaryView,
      error: [
        problem(NoSubscription),
        problem(RefundInProgress),
        problem(RefundNotAllowed),
        ...keyedProblems,
        problem(AccountContended)
      ]
    }).annotate(RateLimit, ratePolicies.billing),
    HttpApiEndpoint.get("history", "/history", {
      query: {
        /** The number of payments. */
        limit: Schema.optionalKey(
          Schema.NumberFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 1, maximum: 100 }))
        ),
        /** The `nextCursor` of the previous page. */
        cursor: Schema.optionalKey(PaymentId)
      },
      /** All purchases, and a page of the payments, newest first. */
      success: Schema.Struct({
        subscriptions: Schema.Array(SubscriptionView),
        memberships: Schema.Array(MembershipView),
        payments: Schema.Array(PaymentView),
        /** The cursor of the page with older payments, if there are any. */
        nextCursor: Schema.optionalKey(PaymentId)
      })
    }),
    HttpApiEndpoint.get("payment", "/payments/:id", {
      params: { id: PaymentId },
      success: PaymentView,
      error: problem(PaymentNotFound)
    })
  )
  .middleware(PersonLimited)
  .middleware(Authentication)
  .add(
    HttpApiEndpoint.get("plans", "/plans", { success: Schema.Struct({ items: Schema.Array(PlanView) }) }),
    HttpApiEndpoint.post("usage", "/usage", {
      /** `Bearer` and a key of `DCHAT_SERVICE_KEYS`. */
      headers: { authorization: Schema.optionalKey(StorableText) },
      payload: nullAsLeftOut(Schema.Struct({
        userId: UserId,
        feature: StorableText.check(Schema.isMaxLength(64)),
        /** Bytes of storage; pieces of everything else. */
        amount: Schema.Natural,
        /** The same key is counted once, for `usageRetention`. */
        key: StorableText.check(Schema.isMinLength(1), Schema.isMaxLength(128)),
        /** `set` states the amount that the user holds. `release` subtracts from that amount. */
        action: Schema.optionalKey(Schema.Literals(["consume", "set", "release"])),
        /**
         * For `set`: the time at which this amount was held, by default now. A time before the last one changes
         * nothing.
         */
        observedAt: Schema.optionalKey(RequestTime)
      })),
      success: UsageView,
      error: [
        problem(ServiceKeyRequired),
        problem(UsageOwnerUnknown),
        problem(FeatureUnknown),
        problem(UsageLimitReached),
        problem(IdempotencyConflict)
      ]
    }).annotate(RateLimit, ratePolicies.service),
    HttpApiEndpoint.get("pricing", "/pricing/:tier", {
      params: { tier: StorableText },
      success: PricingView,
      error: problem(PlanUnknown)
    })
  )
  .prefix("/api/subscriptions")
{}
