/**
 * Whether a transfer pays a quote, and the value of the money that arrived.
 */
import { DateTime, Result } from "effect"
import type { Money } from "../model/Money.ts"
import type { Payment } from "../model/Payment.ts"
import type { Quote } from "../model/Quote.ts"
import type { Transfer, TransferMisfit } from "../model/Transfer.ts"

/** A block states the time of its start, and may take transactions a little later. */
const blockSeconds = 60

/** The further down the list, the closer the transfer comes to the quote. */
const closeness: ReadonlyArray<TransferMisfit> = [
  "unknown_quote",
  "other_asset",
  "other_recipient",
  "other_sender",
  "before_quote",
  "too_late",
  "too_little"
]

const misfitOf = (transfer: Transfer, quote: Quote): TransferMisfit | undefined => {
  const { amount, chainId, paidAt, payer, recipient, token } = transfer
  if (chainId !== quote.chainId) return "unknown_quote"
  if (token !== quote.asset.token) return "other_asset"
  if (recipient !== quote.recipient) return "other_recipient"
  if (payer !== quote.payer) return "other_sender"
  if (DateTime.isLessThan(paidAt, DateTime.subtract(quote.quotedAt, { seconds: blockSeconds }))) return "before_quote"
  if (DateTime.isGreaterThan(paidAt, quote.acceptedUntil)) return "too_late"
  return amount < quote.amount ? "too_little" : undefined
}

/**
 * The quote of a payment that a transfer pays: of those that fit, the one with the highest amount, which leaves the smallest
 * credit; the latest one of equal amounts. Fails with the closest reason.
 */
export const quotePaidBy = (transfer: Transfer, { quotes = [] }: Payment): Result.Result<Quote, TransferMisfit> => {
  const judged = quotes.map((quote) => ({ quote, misfit: misfitOf(transfer, quote) }))
  const [first, ...fitting] = judged.flatMap(({ misfit, quote }) => misfit === undefined ? [quote] : [])
  if (first !== undefined) {
    return Result.succeed(fitting.reduce((best, quote) => quote.amount < best.amount ? best : quote, first))
  }
  const reasons = new Set(judged.map(({ misfit }) => misfit))
  return Result.fail(closeness.findLast((reason) => reasons.has(reason)) ?? "unknown_quote")
}

/** The value of what a transfer has beyond the quoted amount, by the price of the quote, rounded down. */
export const overpaid = ({ amount }: Transfer, quote: Quote): Money => ({
  ...quote.price,
  minorUnits: quote.amount === 0n || amount <= quote.amount
    ? 0n
    : quote.price.minorUnits * (amount - quote.amount) / quote.amount
})
