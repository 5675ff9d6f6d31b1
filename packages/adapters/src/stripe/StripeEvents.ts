/**
 * Reads the webhooks of Stripe: verifies the signature, and finds the purchase of each event.
 */
import { type EventConcern, ProviderEvent, SignatureRefused } from "@dchat/domain/billing"
import { ExternalId } from "@dchat/domain/subscription"
import { type DateTime, Effect, Option, Redacted, Schema } from "effect"
import type { Stripe } from "stripe"
import { ask, call, decoded } from "./StripeFailure.ts"
import { purchaseIn } from "./StripeMetadata.ts"
import {
  idOf,
  StripeEvent,
  StripeEventObject,
  StripeInvoice,
  StripeInvoicePayments,
  StripePaymentIntent,
  StripeSubscription
} from "./StripeObjects.ts"

/** The tolerated age of a webhook, in seconds: the same as in Stripe's libraries. */
const tolerance = 300

const decodeEvent = Schema.decodeUnknownOption(StripeEvent)
const decodeObject = Schema.decodeUnknownOption(StripeEventObject)
const decodeReference = Schema.decodeUnknownOption(ExternalId)
const decodeProviderEvent = Schema.decodeUnknownOption(ProviderEvent)

/** Verifies by any of several secrets, so that a secret can be rotated. */
export const makeVerify = (stripe: Stripe, secrets: ReadonlyArray<Redacted.Redacted<string>>) => {
  const verifyBy =
    (body: Uint8Array, signature: string, receivedAt: DateTime.Utc) => (secret: Redacted.Redacted<string>) =>
      Effect.tryPromise({
        try: () =>
          stripe.webhooks.constructEventAsync(
            Buffer.from(body),
            signature,
            Redacted.value(secret),
            tolerance,
            undefined,
            receivedAt.epochMilliseconds
          ),
        catch: () => new SignatureRefused()
      })

  return Effect.fn("Stripe.verify")(function*(body: Uint8Array, signature: string, receivedAt: DateTime.Utc) {
    let event: unknown
    // Each is tried, whichever fits, so that the time tells nothing of them.
    for (const secret of secrets) {
      const verified = yield* Effect.option(verifyBy(body, signature, receivedAt)(secret))
      if (Option.isSome(verified)) event = verified.value
    }
    const known = Option.flatMap(
      decodeEvent(event),
      ({ data, id, type }) => decodeProviderEvent({ externalId: id, type, concern: concernOf(data.object) })
    )
    if (Option.isNone(known)) return yield* new SignatureRefused()
    return known.value
  })
}

/** Total: an object of another kind than any we know names nothing. */
const concernOf = (told: Schema.Json): EventConcern => {
  const object = decodeObject(told)
  if (Option.isNone(object)) return { references: [] }
  const { id, invoice, metadata, object: kind, parent, payment_intent, released_subscription, subscription } =
    object.value
  const purchaseId = Option.orElse(purchaseIn(metadata), () => purchaseIn(parent?.subscription_details?.metadata))
  const named = [
    parent?.subscription_details?.subscription,
    subscription,
    released_subscription,
    payment_intent,
    invoice
  ]
  const own = kind === "subscription" || kind === "payment_intent" || kind === "invoice" ? [id] : []
  const references = [...named.map((it) => it === null || it === undefined ? undefined : idOf(it)), ...own]
    .flatMap((it) => Option.toArray(decodeReference(it)))
  return { ...(Option.isSome(purchaseId) && { purchaseId: purchaseId.value }), references }
}

/** A charge does not name its invoice: the way leads over the payment of an invoice. */
export const makePurchaseOf = (stripe: Stripe) => {
  const ofSubscription = (id: string) =>
    Effect.flatMap(call(() => stripe.subscriptions.retrieve(id)), decoded(StripeSubscription)).pipe(
      Effect.map(({ metadata }) => purchaseIn(metadata))
    )
  const ofInvoice = (id: string) =>
    Effect.flatMap(call(() => stripe.invoices.retrieve(id)), decoded(StripeInvoice)).pipe(
      Effect.map(({ parent }) => purchaseIn(parent?.subscription_details?.metadata))
    )
  const ofPaymentIntent = Effect.fnUntraced(function*(id: string) {
    const { metadata } = yield* Effect.flatMap(
      call(() => stripe.paymentIntents.retrieve(id, { expand: ["latest_charge"] })),
      decoded(StripePaymentIntent)
    )
    const own = purchaseIn(metadata)
    if (Option.isSome(own)) return own
    const { data: [payment] } = yield* Effect.flatMap(
      ask(() => stripe.invoicePayments.list({ payment: { type: "payment_intent", payment_intent: id }, limit: 1 })),
      decoded(StripeInvoicePayments)
    )
    return payment === undefined ? Option.none() : yield* ofInvoice(idOf(payment.invoice))
  })

  return Effect.fn("Stripe.purchaseOf")(
    function*(reference: ExternalId) {
      if (reference.startsWith("sub_")) return yield* ofSubscription(reference)
      if (reference.startsWith("in_")) return yield* ofInvoice(reference)
      if (reference.startsWith("pi_")) return yield* ofPaymentIntent(reference)
      return Option.none()
    },
    Effect.catchTag("StripeMissing", () => Effect.succeed(Option.none()))
  )
}
