/**
 * The view of a payment.
 */
import {
  Bytes32,
  isUnpaid,
  type Payment,
  PaymentId,
  PaymentKind,
  PaymentMethod,
  PaymentState,
  PurchaseId,
  refundedUnits
} from "@dchat/domain/subscription"
import { Schema } from "effect"
import { MoneyView, moneyViewOf } from "./MoneyView.ts"
import { QuoteView, quoteViewOf, TransferView, transferViewOf } from "./QuoteView.ts"
import { Time } from "./Time.ts"

export const PaymentView = Schema.Struct({
  id: PaymentId,
  /** The subscription or membership of the payment. */
  purchaseId: PurchaseId,
  kind: PaymentKind,
  method: PaymentMethod,
  state: PaymentState,
  amount: MoneyView,
  /** The part of the amount that was refunded. */
  refunded: Schema.optionalKey(MoneyView),
  createdAt: Time,
  paidAt: Schema.optionalKey(Time),
  periodStart: Schema.optionalKey(Time),
  periodEnd: Schema.optionalKey(Time),
  /** The page on which the user can pay. */
  checkoutUrl: Schema.optionalKey(Schema.String),
  receiptUrl: Schema.optionalKey(Schema.String),
  /** The latest offer of a payment by wallet that is not paid. */
  quote: Schema.optionalKey(QuoteView),
  /** The transaction that the user named. */
  transactionHash: Schema.optionalKey(Bytes32),
  /** The transfer that pays. */
  transfer: Schema.optionalKey(TransferView),
  /** The payment gives access, although it is not settled. */
  provisional: Schema.optionalKey(Schema.Boolean)
}).annotate({ identifier: "Payment" })
export type PaymentView = typeof PaymentView.Type

export const paymentViewOf = (payment: Payment): PaymentView => {
  const {
    amount,
    checkout,
    createdAt,
    id,
    kind,
    method,
    paidAt,
    periodEnd,
    periodStart,
    purchaseId,
    provisional,
    quotes,
    receiptUrl,
    state,
    transactionHash,
    transfer
  } = payment
  const quote = isUnpaid(payment) ? quotes?.at(-1) : undefined
  const minorUnits = refundedUnits(payment)
  return {
    id,
    purchaseId,
    kind,
    method,
    state,
    amount: moneyViewOf(amount),
    ...(minorUnits > 0n && { refunded: moneyViewOf({ ...amount, minorUnits }) }),
    createdAt,
    ...(paidAt && { paidAt }),
    ...(periodStart && { periodStart }),
    ...(periodEnd && { periodEnd }),
    ...(state === "quoted" && checkout && { checkoutUrl: checkout.url }),
    ...(receiptUrl !== undefined && { receiptUrl }),
    ...(quote && { quote: quoteViewOf(quote) }),
    ...(transactionHash !== undefined && { transactionHash }),
    ...(transfer && { transfer: transferViewOf(transfer) }),
    ...(provisional && { provisional })
  }
}
