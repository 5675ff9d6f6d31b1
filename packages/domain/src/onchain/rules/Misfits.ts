/**
 * Which reason an administrator sees if a transfer pays none of the payments that come into question.
 */
import type { TransferMisfit } from "../../subscription/index.ts"

/** The further down, the closer the transfer came to a payment. */
const order: ReadonlyArray<TransferMisfit> = [
  "unknown_sender",
  "unknown_quote",
  "other_asset",
  "other_recipient",
  "other_sender",
  "before_quote",
  "too_late",
  "already_paid",
  "used",
  "too_little",
  "user_deleted"
]

/** `isKnown`: the sender is the wallet of a user. */
export const closestOf = (reasons: ReadonlyArray<TransferMisfit>, isKnown: boolean): TransferMisfit =>
  order.findLast((reason) => reasons.includes(reason)) ?? (isKnown ? "unknown_quote" : "unknown_sender")
