/**
 * Reads payments from Stripe's invoices, with their refunds and disputes.
 */
import type { Dispute, Payment, PaymentKind, ProviderPayment, Refund } from "@dchat/domain/subscription"
import { ExternalId, type PaymentId } from "@dchat/domain/subscription"
import { DateTime, Effect } from "effect"
import type { Stripe } from "stripe"
import { fromStripe } from "./StripeAmounts.ts"
import { ask, decoded } from "./StripeFailure.ts"
import { idOf, StripeDisputes, type StripeInvoice, StripePaymentIntent, StripeRefunds } from "./StripeObjects.ts"

export const timeOf = (seconds: number): DateTime.Utc => DateTime.makeUnsafe(seconds * 1000)

/** The state of a charge after its payment. */
export interface Aftermath {
  readonly receiptUrl: string | undefined
  readonly refunds: ReadonlyArray<Refund>
  readonly disputes: ReadonlyArray<Dispute>
}

const refundState = (status: string | null): Refund["state"] =>
  status === "succeeded" ? "succeeded" : status === "failed" || status === "canceled" ? "failed" : "pending"

/** An inquiry (`warning_`) takes no money yet, and what was prevented never did. */
const disputeState = (status: string): Dispute["state"] | undefined => {
  if (status.startsWith("warning_") || status === "prevented") return undefined
  return status === "won" ? "won" : status === "lost" ? "lost" : "open"
}

export const makeMoney = (stripe: Stripe) => {
  const paymentIntent = (id: string) =>
    Effect.flatMap(
      ask(() => stripe.paymentIntents.retrieve(id, { expand: ["latest_charge"] })),
      decoded(StripePaymentIntent)
    )

  const refundsOf = (id: string) =>
    ask(() => stripe.refunds.list({ payment_intent: id, limit: 100 })).pipe(
      Effect.flatMap(decoded(StripeRefunds)),
      Effect.map(({ data }) =>
        data.map(({ amount, created, currency, id, status }): Refund => ({
          externalId: ExternalId.make(id),
          amount: fromStripe(amount, currency),
          state: refundState(status),
          at: timeOf(created)
        }))
      )
    )

  const disputesOf = (id: string) =>
    ask(() => stripe.disputes.list({ payment_intent: id, limit: 100 })).pipe(
      Effect.flatMap(decoded(StripeDisputes)),
      Effect.map(({ data }) =>
        data.flatMap(({ created, id, status }): ReadonlyArray<Dispute> => {
          const state = disputeState(status)
          return state === undefined ? [] : [{ externalId: ExternalId.make(id), state, openedAt: timeOf(created) }]
        })
      )
    )

  /**
   * Lists are asked for only where the charge says that there is something in them, or something was in them, or should
   * be: of a refund that failed the charge tells nothing.
   */
  const aftermath = Effect.fnUntraced(
    function*(intent: StripePaymentIntent, known: Payment | undefined, awaited: boolean) {
      const charge = intent.latest_charge
      const wasRefunded = awaited || (charge?.amount_refunded ?? 0) > 0 || (known?.refunds.length ?? 0) > 0
      const wasDisputed = charge?.disputed === true || (known?.disputes.length ?? 0) > 0
      const result: Aftermath = {
        receiptUrl: charge?.receipt_url ?? undefined,
        refunds: wasRefunded ? yield* refundsOf(intent.id) : [],
        disputes: wasDisputed ? yield* disputesOf(intent.id) : []
      }
      return result
    }
  )

  const lifetime = Effect.fnUntraced(function*(
    id: string,
    ownId: PaymentId,
    known: Payment | undefined,
    /** Whether it is to be given back. */
    awaited: boolean
  ) {
    const intent = yield* paymentIntent(id)
    if (intent.status !== "succeeded") return []
    const { receiptUrl, ...rest } = yield* aftermath(intent, known, awaited || known?.reason === "returned")
    const payment: ProviderPayment = {
      id: known?.id ?? ownId,
      externalId: ExternalId.make(id),
      paymentIntent: ExternalId.make(id),
      kind: "lifetime",
      amount: fromStripe(intent.amount_received, intent.currency),
      paidAt: timeOf(intent.latest_charge?.created ?? 0),
      ...(receiptUrl !== undefined && { receiptUrl }),
      ...rest
    }
    return [payment]
  })

  const ofInvoice = Effect.fnUntraced(function*(
    invoice: StripeInvoice,
    ownId: PaymentId,
    known: Payment | undefined,
    /** Whether it is to be given back. */
    awaited: boolean
  ) {
    const intentId = paidIntentOf(invoice) ?? known?.paymentIntent
    const { receiptUrl = invoice.hosted_invoice_url ?? undefined, ...rest } = intentId === undefined
      ? { refunds: [], disputes: [] }
      : yield* aftermath(yield* paymentIntent(intentId), known, awaited)
    const payment: ProviderPayment = {
      id: known?.id ?? ownId,
      externalId: ExternalId.make(invoice.id),
      ...(intentId !== undefined && { paymentIntent: ExternalId.make(intentId) }),
      kind: kindOf(invoice),
      amount: fromStripe(invoice.amount_paid, invoice.currency),
      paidAt: timeOf(invoice.status_transitions.paid_at ?? invoice.created),
      ...periodOf(invoice),
      ...countedIn(invoice),
      ...(receiptUrl !== undefined && { receiptUrl }),
      ...rest
    }
    return payment
  })

  return { lifetime, ofInvoice }
}

const paidIntentOf = ({ payments }: StripeInvoice): string | undefined => {
  const paid = payments?.data.find(({ status }) => status === "paid")?.payment.payment_intent
  return paid === null || paid === undefined ? undefined : idOf(paid)
}

/** Below nothing, a balance is a credit. */
export const creditIn = (balance: number): number => Math.max(0, -balance)

/**
 * The earlier money that counted against the price: the rest of a plan, as far as the price used it, and the credit
 * that was used. The rest of a plan beyond the price becomes credit, and counts once that credit is used.
 */
const countedIn = (invoice: StripeInvoice): Pick<ProviderPayment, "counted"> => {
  const worths = invoice.lines.data.map(worthOf)
  const left = worths.reduce((sum, worth) => sum + Math.max(0, -worth), 0)
  const price = worths.reduce((sum, worth) => sum + Math.max(0, worth), 0)
  const { ending_balance, starting_balance } = invoice
  const used = ending_balance === null ? 0 : Math.max(0, creditIn(starting_balance) - creditIn(ending_balance))
  const counted = Math.min(left, price) + used
  return counted === 0 ? {} : { counted: fromStripe(counted, invoice.currency) }
}

/** With its taxes and without its discounts, which are negative where it gives something back. */
const worthOf = ({ amount, discount_amounts, taxes }: StripeInvoice["lines"]["data"][number]): number =>
  (taxes ?? []).reduce(
    (sum, tax) => tax.tax_behavior === "exclusive" ? sum + tax.amount : sum,
    (discount_amounts ?? []).reduce((sum, discount) => sum - discount.amount, amount)
  )

const kindOf = ({ billing_reason }: StripeInvoice): PaymentKind =>
  billing_reason === "subscription_create" ? "first" : billing_reason === "subscription_update" ? "change" : "renewal"

/** The period that it pays in full: not what was counted against it for a part of one. */
const periodOf = ({ lines: { data } }: StripeInvoice): Pick<ProviderPayment, "periodStart" | "periodEnd"> => {
  const whole = data.filter(({ parent }) => parent?.subscription_item_details?.proration === false)
  const paid = whole.length > 0 ? whole : data.filter(({ amount }) => amount > 0)
  const last = (paid.length > 0 ? paid : data).toSorted((one, other) => other.period.end - one.period.end)[0]
  return last === undefined ? {} : { periodStart: timeOf(last.period.start), periodEnd: timeOf(last.period.end) }
}
