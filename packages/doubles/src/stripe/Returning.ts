/**
 * Creates refunds and disputes.
 */
import type { Books } from "./Books.ts"
import type * as Documents from "./Documents.ts"
import { invalid } from "./StripeRefusal.ts"

const chargeOf = (books: Books, intent: string): Documents.Charge =>
  books.charges.get(books.paymentIntents.get(intent).latest_charge)

export const refund = (
  books: Books,
  intent: string,
  asked: number | undefined,
  metadata: Record<string, string>
): Documents.Refund => {
  const charge = chargeOf(books, intent)
  if (books.disputes.list((it) => it.charge === charge.id && it.status !== "won").length > 0) {
    throw invalid("The charge has been charged back", undefined, "charge_disputed")
  }
  const left = charge.amount - charge.amount_refunded
  const amount = asked ?? left
  if (left === 0) throw invalid("The charge has been refunded", undefined, "charge_already_refunded")
  if (amount > left || amount <= 0) throw invalid("The amount is not what is left of the charge", "amount")
  const made = books.refunds.add({
    id: books.newId("re"),
    object: "refund",
    created: books.time,
    amount,
    currency: charge.currency,
    charge: charge.id,
    payment_intent: intent,
    metadata,
    status: "pending"
  })
  charge.amount_refunded += amount
  charge.refunded = charge.amount_refunded === charge.amount
  books.tell("refund.created", made)
  if (books.refundOutcome !== "pending") resolveRefund(books, made.id, books.refundOutcome === "succeeded")
  return made
}

export const resolveRefund = (books: Books, id: string, succeeds: boolean): void => {
  const made = books.refunds.get(id)
  const charge = books.charges.get(made.charge)
  made.status = succeeds ? "succeeded" : "failed"
  if (!succeeds) {
    charge.amount_refunded -= made.amount
    charge.refunded = false
  }
  books.tell(succeeds ? "refund.updated" : "refund.failed", made)
  if (succeeds) books.tell("charge.refunded", charge)
}

export const dispute = (books: Books, intent: string): Documents.Dispute => {
  const charge = chargeOf(books, intent)
  charge.disputed = true
  const made = books.disputes.add({
    id: books.newId("du"),
    object: "dispute",
    created: books.time,
    amount: charge.amount,
    currency: charge.currency,
    charge: charge.id,
    payment_intent: intent,
    metadata: {},
    status: "needs_response"
  })
  books.tell("charge.dispute.created", made)
  return made
}

export const closeDispute = (books: Books, id: string, status: "won" | "lost"): void => {
  const made = books.disputes.get(id)
  made.status = status
  books.tell("charge.dispute.closed", made)
}
