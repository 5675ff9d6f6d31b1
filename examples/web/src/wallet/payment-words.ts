/** The texts about a payment by wallet: its state, and why a transaction does not pay. */
import { type Inspection, type Payment, type Quote } from "../dchat-subscription.ts"

export const notFromAnExchange =
  "Pay from your own wallet, not from an exchange. An exchange sends from a wallet of its own, so the server cannot " +
  "know that the payment is yours."

/** Why a transaction does not pay the quote. */
const misfits: Record<string, string> = {
  no_transfer: "The transaction sends nothing to the recipient.",
  unknown_sender: "The sender of the transaction is no wallet of yours.",
  unknown_quote: "The transaction is on another chain, or it does not belong to this order.",
  other_asset: "The transaction sends another currency. A token with the same name is not the same token.",
  other_recipient: "The transaction sends the money to another recipient.",
  other_sender: "The money comes from another wallet than the one that you chose.",
  before_quote: "The transaction is older than the order.",
  too_late: "The transaction came too late.",
  too_little: "The transaction sends less than the amount.",
  already_paid: "Another transaction has paid this already.",
  used: "The transaction has paid for something else already.",
  user_deleted: "The account of this payment is deleted."
}

const kept = "If the money reached the recipient, the operator of this server can see the transaction and help you."

export const inspectionWords = ({ reason = "", state }: Inspection): string => {
  switch (state) {
    case "unknown":
      return "No node of the chain has your transaction yet. The page looks again."
    case "pending":
      return "Your transaction waits for a block."
    case "failed":
      return "Your transaction failed and moved no money. You can pay again."
    case "fits":
      return "Your transaction is in a block. Waiting for more blocks."
    case "misfit":
      return `This transaction does not pay the order. ${misfits[reason] ?? ""} ${kept}`
    case "unavailable":
      return "No node of the chain answers now. Your payment is found as soon as a node answers."
  }
}

/** The inspection may change with the next block. */
export const isUndecided = ({ state }: Inspection): boolean =>
  state === "unknown" || state === "pending" || state === "unavailable"

/** The transaction pays nothing, whatever the next blocks have. */
export const isHopeless = ({ state }: Inspection): boolean => state === "failed" || state === "misfit"

export type Stage = "unquoted" | "expired" | "waiting" | "sent" | "taken-back" | "included" | "provisional"

export const stageOf = (
  { provisional, quote, state, transactionHash }: Payment,
  { isTakenBack, now }: { readonly isTakenBack: boolean; readonly now: number }
): Stage => {
  if (state === "confirming") return provisional === true ? "provisional" : "included"
  if (isTakenBack || (state === "quoted" && transactionHash !== undefined)) return "taken-back"
  if (state === "submitted") return "sent"
  if (quote === undefined) return "unquoted"
  return Date.parse(quote.acceptedUntil) <= now ? "expired" : "waiting"
}

export const stageWords = (stage: Stage): string => {
  switch (stage) {
    case "unquoted":
      return "Choose the currency with which you want to pay."
    case "expired":
      return "The time for this amount is over. Do not send the money. Choose a currency again to get the current amount."
    case "waiting":
      return "Waiting for your payment."
    case "sent":
      return "Your transaction is sent. You may close the page: the payment is found anyway."
    case "taken-back":
      return "Waiting again: the chain has removed the block with your payment. Usually another block includes the same " +
        "transaction, so do not pay a second time now."
    case "included":
      return "Your payment is in a block. You get access after some more blocks."
    case "provisional":
      return "You have access. The payment is complete after some more blocks."
  }
}

/** The amount and the asset to send. */
export const amountWords = ({ amountText, asset }: Quote): string => `${amountText} ${asset.symbol}`

const time = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" })

/** Until when the transfer has to be in a block. */
export const untilWords = ({ acceptedUntil }: Quote): string => time.format(new Date(acceptedUntil))
