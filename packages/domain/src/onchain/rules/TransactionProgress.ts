/**
 * What happens next with an open transaction of the charging account, by what the nodes say of it.
 */
import { DateTime } from "effect"
import type { OperatorTransaction, OperatorTransactionState, TransactionOutcome } from "../model/OperatorTransaction.ts"

/** A transaction that waits this long gets higher fees, in minutes. */
export const replaceMinutes = 5

/** A nonce has at most this many signed transactions. */
export const mostSigned = 10

/** The state of each signed transaction by the nodes, in the order of the transactions. */
export interface TransactionView {
  readonly outcomes: ReadonlyArray<TransactionOutcome>
  /** The number of transactions of the account at final depth. */
  readonly finalCount: number
  /** Whether the transaction still has a purpose. */
  readonly isWanted: boolean
  readonly now: DateTime.Utc
}

/** `Void`: a transaction that does nothing takes the nonce. */
export type Progress =
  | { readonly _tag: "Wait" | "Resend" | "Replace" | "Void" }
  | { readonly _tag: "Close"; readonly state: Exclude<OperatorTransactionState, "open"> }

export const progressOf = (
  { nonce, signed }: OperatorTransaction,
  { finalCount, isWanted, now, outcomes }: TransactionView
): Progress => {
  const index = outcomes.findIndex(({ _tag }) => _tag === "included" || _tag === "reverted")
  const found = outcomes[index]
  if (found !== undefined && "stage" in found) {
    if (found.stage !== "final") return { _tag: "Wait" }
    if (found._tag === "reverted") return { _tag: "Close", state: "failed" }
    return { _tag: "Close", state: signed[index]?.isVoid === true ? "voided" : "succeeded" }
  }
  // No block takes the nonce a second time.
  if (finalCount > nonce) return { _tag: "Close", state: "superseded" }
  const newest = signed.at(-1) ?? signed[0]
  const isFull = signed.length >= mostSigned
  if (!isWanted && newest.isVoid !== true && !isFull) return { _tag: "Void" }
  const isOld = DateTime.isGreaterThan(now, DateTime.add(newest.signedAt, { minutes: replaceMinutes }))
  if (isOld && !isFull) return { _tag: newest.isVoid === true ? "Void" : "Replace" }
  return { _tag: outcomes.at(-1)?._tag === "pending" ? "Wait" : "Resend" }
}
