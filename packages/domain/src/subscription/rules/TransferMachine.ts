/**
 * Payments on a chain: quoted, named by the user, confirming, settled, and dropped by a reorganisation.
 */
import { Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { membershipOf, paymentOf, subscriptionOf } from "../model/BillingAccount.ts"
import { isUnpaid, type Payment } from "../model/Payment.ts"
import type { Quote } from "../model/Quote.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import { NoSubscription, PaymentNotOpen, TooManyQuotes, TransferMismatch } from "../model/SubscriptionErrors.ts"
import { ExternalId } from "../model/SubscriptionIds.ts"
import type { Transfer, TransferMisfit } from "../model/Transfer.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import { mostQuotes } from "./PurchaseLimits.ts"
import { overpaid, quotePaidBy } from "./QuoteRules.ts"
import * as ReorganisationMachine from "./ReorganisationMachine.ts"
import { applyPayment } from "./SettlementMachine.ts"
import { addCredit, freeCredit, useCredit } from "./WalletCredit.ts"

/** The credit of a payment whose quote it pays in full. */
const creditId = ({ id }: Payment): ExternalId => ExternalId.make(`credit:${id}`)

export const quotePayment = rule((
  { paymentId, quote }: SubscriptionCommandOf<"QuotePayment">,
  draft: BillingAccountDraft
) => {
  const payment = paymentOf(draft.account, paymentId)
  if (payment?.method !== "web3" || !isUnpaid(payment)) return Result.fail(new PaymentNotOpen())
  if ((payment.quotes ?? []).length >= mostQuotes) return Result.fail(new TooManyQuotes())
  if ((quote.credit?.minorUnits ?? 0n) > freeCredit(draft.account, paymentId)) return Result.fail(new PaymentNotOpen())
  draft.emit({ _tag: "PaymentQuoted", paymentId, quote })
  if (quote.amount > 0n) return Result.void
  if (quote.credit !== undefined) useCredit(quote.credit, "used", paymentId, draft)
  const quoted = paymentOf(draft.account, paymentId) ?? payment
  settle(quoted, { externalId: creditId(payment), paidAt: draft.at }, draft)
  return Result.void
})

export const submitPayment = rule((
  { paymentId, transactionHash }: SubscriptionCommandOf<"SubmitPayment">,
  draft: BillingAccountDraft
) => {
  const payment = paymentOf(draft.account, paymentId)
  if (payment?.method !== "web3" || payment.quotes === undefined) return Result.fail(new PaymentNotOpen())
  if (isUnpaid(payment) && payment.transactionHash !== transactionHash) {
    draft.emit({ _tag: "PaymentSubmitted", paymentId, transactionHash })
  }
  return Result.void
})

export const followTransfer = rule((command: SubscriptionCommandOf<"FollowTransfer">, draft: BillingAccountDraft) => {
  const { paymentId, stage, transfer } = command
  const { account } = draft
  const payment = paymentOf(account, paymentId)
  if (payment === undefined) return Result.fail(new NoSubscription())
  const isOwn = payment.transfer?.externalId === transfer.externalId
  if (stage === "dropped") {
    if (isOwn) drop(payment, draft)
    return Result.void
  }
  const isSettled = stage === "settled" || stage === "final"
  if (isOwn && payment.state !== "confirming") {
    if (payment.state === "reversed" && isSettled) {
      ReorganisationMachine.restored({ _tag: "PaymentRestored", paymentId }, draft)
    }
    return Result.void
  }
  const judged = isOwn ? followOwn(payment, command) : judge(payment, command, draft)
  return Result.map(judged, ({ quote, transfer }) => {
    if (isSettled && payment.state === "reversed") replaceTransfer(payment, transfer, draft)
    else if (isSettled) settleTransfer(payment, transfer, quote, draft)
    else confirm(payment, { ...command, transfer }, draft)
  })
})

interface Fitting {
  readonly transfer: Transfer
  /** Absent if an administrator assigned the transfer. */
  readonly quote?: Quote
}

const misfit = (reason: TransferMisfit) => Result.fail(new TransferMismatch({ reason }))

/**
 * A transfer that was accepted stays accepted, and keeps its time, even if a reorganisation includes it in another block. An
 * endpoint may have lied about the rest.
 */
const followOwn = rule((payment: Payment, { assigned, transfer }: SubscriptionCommandOf<"FollowTransfer">) => {
  const accepted = { ...transfer, paidAt: payment.transfer?.paidAt ?? transfer.paidAt }
  if (assigned === true) return Result.succeed<Fitting>({ transfer: accepted })
  const judged = quotePaidBy(accepted, payment)
  return Result.isFailure(judged)
    ? misfit(judged.failure)
    : Result.succeed<Fitting>({ transfer: accepted, quote: judged.success })
})

/**
 * Whether a transfer that pays nothing yet pays this payment. At settling depth a transfer outdoes another one that is not
 * there, as when a wallet has replaced its transaction.
 */
const judge = rule((
  payment: Payment,
  { assigned, stage, transfer }: SubscriptionCommandOf<"FollowTransfer">,
  { account }: BillingAccountDraft
) => {
  if (account.payments.some((it) => it.transfer?.externalId === transfer.externalId)) return misfit("used")
  const isOutdone = (stage === "settled" || stage === "final") && payment.transfer !== undefined
  const isPaid = payment.state === "settled" || (payment.transfer !== undefined && !isOutdone)
  if (isPaid) return misfit("already_paid")
  if (account.closed === true) return misfit("user_deleted")
  if (assigned === true) return Result.succeed<Fitting>({ transfer })
  const judged = quotePaidBy(transfer, payment)
  if (Result.isFailure(judged)) return misfit(judged.failure)
  const quote = judged.success
  if ((quote.credit?.minorUnits ?? 0n) > freeCredit(account, payment.id)) return misfit("too_little")
  return Result.succeed<Fitting>({ transfer, quote })
})

const confirm = (
  payment: Payment,
  { admitted, transfer }: SubscriptionCommandOf<"FollowTransfer">,
  draft: BillingAccountDraft
): void => {
  const provisional = payment.provisional ?? admitted
  if (payment.state === "confirming" && payment.provisional === provisional) return
  const { id: paymentId } = payment
  draft.emit({ _tag: "PaymentConfirming", paymentId, transfer, ...(provisional && { provisional }) })
}

const settleTransfer = (
  payment: Payment,
  transfer: Transfer,
  quote: Quote | undefined,
  draft: BillingAccountDraft
): void => {
  const { externalId, paidAt } = transfer
  if (quote?.credit !== undefined) useCredit(quote.credit, "used", payment.id, draft)
  settle(payment, { externalId, paidAt, transfer }, draft)
  if (quote !== undefined) addCredit(overpaid(transfer, quote), "overpaid", payment.id, draft)
}

/** Another transfer pays instead of the one that a reorganisation took back. */
const replaceTransfer = (payment: Payment, transfer: Transfer, draft: BillingAccountDraft): void => {
  const { externalId } = transfer
  draft.emit({ _tag: "PaymentChanged", payment: { ...payment, externalId, transfer } })
  ReorganisationMachine.restored({ _tag: "PaymentRestored", paymentId: payment.id }, draft)
}

const settle = (
  { provisional: _provisional, ...payment }: Payment,
  paid: Required<Pick<Payment, "externalId" | "paidAt">> & Pick<Payment, "transfer">,
  draft: BillingAccountDraft
): void => {
  const settled: Payment = { ...payment, ...paid, state: "settled" }
  draft.emit({ _tag: "PaymentRecorded", payment: settled })
  const { purchaseId } = payment
  applyPayment(subscriptionOf(draft.account, purchaseId), membershipOf(draft.account, purchaseId), settled, draft)
}

const drop = (payment: Payment, draft: BillingAccountDraft): void => {
  const { id: paymentId, state } = payment
  if (state === "confirming") draft.emit({ _tag: "PaymentDropped", paymentId })
  else ReorganisationMachine.reversed({ _tag: "PaymentReversed", paymentId }, draft)
}
