/**
 * Implements the port `BillingProvider` by Stripe.
 */
import { BillingCustomers, BillingProvider } from "@dchat/domain/billing"
import { DateTime, Effect, Layer, Option, type Redacted } from "effect"
import { fromStripe } from "./StripeAmounts.ts"
import { prorationDateOf } from "./StripeChanges.ts"
import { makeClient, type StripeAccess } from "./StripeClient.ts"
import { makePurchaseOf, makeVerify } from "./StripeEvents.ts"
import { ask, call, decoded } from "./StripeFailure.ts"
import { creditIn } from "./StripeMoney.ts"
import { idOf, StripeCheckout, StripeInvoice, StripeSubscription } from "./StripeObjects.ts"
import { makeObservation } from "./StripeObservation.ts"
import { findPortal } from "./StripePortal.ts"
import { makePrices } from "./StripePrices.ts"
import { makeRequests } from "./StripeRequests.ts"

export interface Options extends StripeAccess {
  /** The secrets of the webhook endpoint to which Stripe sends; several while one replaces another. */
  readonly webhookSecrets: ReadonlyArray<Redacted.Redacted<string>>
  /** The page to which users come back from Stripe's pages. */
  readonly returnTo: URL
}

export const layer = ({ returnTo, webhookSecrets, ...access }: Options) =>
  Layer.effect(
    BillingProvider,
    Effect.gen(function*() {
      const stripe = makeClient(access)
      const prices = makePrices(stripe)
      const customers = yield* BillingCustomers
      const { prepare, send } = yield* makeRequests(stripe, prices, returnTo)
      const observe = yield* makeObservation(stripe, prices)

      const subscription = (id: string) =>
        Effect.flatMap(ask(() => stripe.subscriptions.retrieve(id)), decoded(StripeSubscription))

      return BillingProvider.of({
        prepare,
        send,
        observe,
        closeCheckout: Effect.fn("Stripe.closeCheckout")(function*(id) {
          // Stripe refuses to close what is closed or paid: then it says itself which of them it is.
          yield* Effect.catchTag(call(() => stripe.checkout.sessions.expire(id)), "ProviderRefused", () => Effect.void)
            .pipe(
              Effect.catchTag("StripeMissing", () => Effect.void)
            )
          const { status } = yield* Effect.flatMap(
            ask(() => stripe.checkout.sessions.retrieve(id)),
            decoded(StripeCheckout)
          )
          return status === "expired" ? "closed" : "complete"
        }),
        previewChange: Effect.fn("Stripe.previewChange")(function*(id, terms, prorationDate) {
          const current = yield* subscription(id)
          const price = yield* prices.priceOf(terms)
          const now = yield* DateTime.now
          const { amount_due, currency, starting_balance, total } = yield* Effect.flatMap(
            ask(() =>
              stripe.invoices.createPreview({
                subscription: id,
                subscription_details: {
                  items: current.items.data.slice(0, 1).map((item) => ({ id: item.id, price })),
                  billing_cycle_anchor: { type: "now" },
                  proration_behavior: "always_invoice",
                  proration_date: prorationDateOf(current, prorationDate, now)
                }
              })
            ),
            decoded(
              StripeInvoice.mapFields(({ amount_due, currency, starting_balance, total }) => ({
                amount_due,
                currency,
                starting_balance,
                total
              }))
            )
          )
          const money = (amount: number) => fromStripe(amount, currency)
          const before = creditIn(starting_balance)
          const left = creditIn(starting_balance + total)
          const credit = { used: money(Math.max(0, before - left)), left: money(left) }
          return { amountDue: money(Math.max(0, amount_due)), ...((before > 0 || left > 0) && { credit }) }
        }),
        portal: Effect.fn("Stripe.portal")(function*(userId, id) {
          const customer = id === undefined
            ? yield* customers.find(userId)
            : Option.some(idOf((yield* subscription(id)).customer))
          if (Option.isNone(customer)) return Option.none()
          const configuration = yield* ask(() => findPortal(stripe))
          const { url } = yield* ask(() =>
            stripe.billingPortal.sessions.create({
              customer: customer.value,
              return_url: returnTo.href,
              ...(configuration !== undefined && { configuration })
            })
          )
          return Option.some(new URL(url))
        }),
        verify: makeVerify(stripe, webhookSecrets),
        purchaseOf: makePurchaseOf(stripe)
      })
    })
  )
