/**
 * Whole intents for the provider, as tests expect them: about the first purchase, which is `sub_1` there.
 */
import type {
  BillingIntent,
  LifetimeTerms,
  Money,
  PlanTerms,
  ProviderPayment,
  PurchaseIntent
} from "@dchat/domain/subscription"
import { DateTime } from "effect"
import { external, monthOne, paymentId, purchaseId } from "./accounts.ts"

const about = (intent: BillingIntent, n = 1): PurchaseIntent => ({ purchaseId: purchaseId(n), intent })

const externalId = external("sub_1")

/** The page closes 23 hours after the order. */
export const openCheckout = (
  n: number,
  orderedAt: DateTime.Utc,
  terms: PlanTerms | LifetimeTerms
): PurchaseIntent =>
  about({
    _tag: "OpenCheckout",
    paymentId: paymentId(n),
    terms,
    mode: "period" in terms ? "subscription" : "lifetime",
    expiresAt: DateTime.add(orderedAt, { hours: 23 })
  }, n)

export const cancelAtPeriodEnd = (endsAt: DateTime.Utc = monthOne): PurchaseIntent =>
  about({ _tag: "CancelAtPeriodEnd", externalId, endsAt })

/** Ends the subscription with the period that runs at the provider, whichever that is. */
export const cancelAtAnyPeriodEnd = (): PurchaseIntent => about({ _tag: "CancelAtPeriodEnd", externalId })

export const cancelNow = (): PurchaseIntent => about({ _tag: "CancelNow", externalId })

/** The subscription ends unless the open invoice was paid. */
export const cancelIfUnpaid = (): PurchaseIntent => about({ _tag: "CancelNow", externalId, ifUnpaid: true })

export const voidOpenInvoice = (): PurchaseIntent => about({ _tag: "VoidOpenInvoice", externalId })

export const undoCancel = (): PurchaseIntent => about({ _tag: "UndoCancel", externalId })

export const changeUp = (
  terms: PlanTerms,
  prorationDate: DateTime.Utc,
  rest: { readonly promised?: true } = {}
): PurchaseIntent => about({ _tag: "ChangeUp", externalId, terms, prorationDate, ...rest })

export const changeDown = (terms: PlanTerms): PurchaseIntent => about({ _tag: "ChangeDown", externalId, terms })

export const releaseChange = (): PurchaseIntent => about({ _tag: "ReleaseChange", externalId })

/** Refunds a payment for the n-th purchase, or the rest of it. */
export const refund = (
  { amount: whole, id, kind, paymentIntent = external("none") }: ProviderPayment,
  { amount = whole, n = 1 }: { readonly amount?: Money; readonly n?: number } = {}
): PurchaseIntent => {
  const isOrdered = kind === "first" || kind === "lifetime"
  return about({ _tag: "Refund", paymentId: isOrdered ? paymentId(n) : id, paymentIntent, amount }, n)
}

export const closeCheckout = (n = 1, sessionId?: string): PurchaseIntent =>
  about({ _tag: "CloseCheckout", ...(sessionId !== undefined && { sessionId: external(sessionId) }) }, n)
