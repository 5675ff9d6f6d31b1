/**
 * Somebody who pays at Stripe by the cards that it has for tests, in a time of their own
 * (https://docs.stripe.com/billing/testing/test-clocks). Works with Stripe's test mode and with the stand-in alike.
 */
import type { StripeAccess } from "@dchat/adapters/stripe"
import { BillingCustomers } from "@dchat/domain/billing"
import { UserId } from "@dchat/domain/identity"
import {
  ExternalId,
  type LifetimeTerms,
  lookupKeyOf,
  type PlanTerms,
  type PurchaseId
} from "@dchat/domain/subscription"
import { DateTime, Effect, Redacted, Schedule } from "effect"
import { SecureRandom } from "effect/crypto"
import { Stripe } from "stripe"

/** https://docs.stripe.com/testing */
const cards = {
  works: "pm_card_visa",
  declined: "pm_card_chargeCustomerFail",
  disputed: "pm_card_createDispute"
} as const

export type Card = keyof typeof cards

/** Stripe limits how often it is asked in test mode: here it may be asked again. */
const clientOf = ({ apiBase, secretKey }: StripeAccess): Stripe =>
  new Stripe(Redacted.value(secretKey), {
    maxNetworkRetries: 3,
    telemetry: false,
    ...(apiBase && { host: apiBase.hostname, port: apiBase.port, protocol: "http" })
  })

export const makePayer = Effect.fnUntraced(function*(access: StripeAccess) {
  const stripe = clientOf(access)
  const userId = UserId.make(SecureRandom.uuidV7Unsafe())
  const clock = yield* Effect.acquireRelease(
    Effect.promise(() => stripe.testHelpers.testClocks.create({ frozen_time: Math.floor(Date.now() / 1000) })),
    ({ id }) => Effect.promise(() => stripe.testHelpers.testClocks.del(id))
  )
  const customer = yield* Effect.promise(() =>
    stripe.customers.create({ test_clock: clock.id, metadata: { dchat_user: userId } })
  )
  yield* (yield* BillingCustomers).keep(userId, ExternalId.make(customer.id))

  const time = Effect.promise(() => stripe.testHelpers.testClocks.retrieve(clock.id))

  const attach = (card: Card) =>
    Effect.promise(() => stripe.paymentMethods.attach(cards[card], { customer: customer.id }))

  /** By id. */
  const begun = new Set<string>()

  /** As the portal does it: for the customer, and where a checkout has put a card. */
  const payBy = Effect.fnUntraced(function*(card: Card) {
    const { id: default_payment_method } = yield* attach(card)
    yield* Effect.promise(() => stripe.customers.update(customer.id, { invoice_settings: { default_payment_method } }))
    yield* Effect.forEach(begun, (id) =>
      Effect.promise(async () => {
        const known = await stripe.subscriptions.retrieve(id)
        if (known.default_payment_method !== null) await stripe.subscriptions.update(id, { default_payment_method })
      }), { discard: true })
  })

  const metadataOf = (purchaseId: PurchaseId) => ({ dchat_user: userId, dchat_purchase: purchaseId })

  return {
    userId,
    now: Effect.map(time, ({ frozen_time }) => DateTime.makeUnsafe(frozen_time * 1000)),
    /** Puts their time forward, and waits for everything that falls due. */
    waitUntil: (until: DateTime.Utc) =>
      Effect.promise(() =>
        stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: Math.floor(until.epochMilliseconds / 1000) })
      ).pipe(
        Effect.andThen(time),
        Effect.repeat({ until: ({ status }) => status === "ready", schedule: Schedule.spaced("2 seconds") })
      ),
    payBy,
    /** What a checkout leaves behind that was paid: the card is the subscription's, and the customer has none. */
    subscribe: Effect.fnUntraced(function*(purchaseId: PurchaseId, terms: PlanTerms, card: Card = "works") {
      const { id: default_payment_method } = yield* attach(card)
      const { data: [price] } = yield* Effect.promise(() =>
        stripe.prices.list({ lookup_keys: [lookupKeyOf(terms.tier, terms.period)], limit: 1 })
      )
      const { id } = yield* Effect.promise(() =>
        stripe.subscriptions.create({
          customer: customer.id,
          default_payment_method,
          items: [{ price: price?.id ?? "" }],
          metadata: metadataOf(purchaseId),
          billing_mode: { type: "flexible" },
          payment_behavior: "error_if_incomplete"
        })
      )
      begun.add(id)
      return ExternalId.make(id)
    }),
    buyForGood: Effect.fnUntraced(function*(purchaseId: PurchaseId, { price }: LifetimeTerms) {
      const { id: payment_method } = yield* attach("works")
      const { id } = yield* Effect.promise(() =>
        stripe.paymentIntents.create({
          customer: customer.id,
          amount: Number(price.minorUnits),
          currency: price.currency.toLowerCase(),
          payment_method,
          allowed_payment_method_types: ["card"],
          off_session: true,
          confirm: true,
          metadata: metadataOf(purchaseId)
        })
      )
      return ExternalId.make(id)
    }),
    payInvoice: (id: string) => Effect.promise(() => stripe.invoices.pay(id)),
    /** As the portal does it. */
    endAt: (id: string, at: DateTime.Utc) =>
      Effect.promise(() => stripe.subscriptions.update(id, { cancel_at: Math.floor(at.epochMilliseconds / 1000) })),
    argue: (dispute: string, outcome: "winning" | "losing") =>
      Effect.promise(() =>
        stripe.disputes.update(dispute, { evidence: { uncategorized_text: `${outcome}_evidence` }, submit: true })
      ),
    refundsOf: (payment_intent: string) => Effect.promise(() => stripe.refunds.list({ payment_intent, limit: 100 })),
    /** What Stripe told about somebody's things, newest first. */
    told: Effect.map(
      Effect.promise(() => stripe.events.list({ limit: 100 })),
      ({ data }) => data.filter(({ data: { object } }) => "customer" in object && object.customer === customer.id)
    ),
    /** A message as Stripe would send it, and how it would sign it. */
    signed: (event: Stripe.Event, secret: string, at: DateTime.Utc) => {
      const payload = JSON.stringify(event)
      const timestamp = Math.floor(at.epochMilliseconds / 1000)
      return { payload, signature: stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }) }
    }
  }
})
