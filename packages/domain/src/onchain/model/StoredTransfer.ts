/**
 * A transfer as this installation keeps it: where it is, how certain it is, and what it pays.
 */
import { Schema } from "effect"
import { PaymentId, TransferMisfit, TransferStage } from "../../subscription/index.ts"
import { TransferMoved } from "./Movement.ts"

/**
 * `Unjudged`: no account was told yet. `Paid`: the transfer pays a payment. `Unmatched`: the transfer pays nothing, and waits for an administrator.
 * `SentBack`: an administrator sent the money back.
 */
export const Verdict = Schema.TaggedUnion({
  Unjudged: {},
  Paid: { paymentId: PaymentId, assigned: Schema.optionalKey(Schema.Literal(true)) },
  Unmatched: { reason: TransferMisfit },
  SentBack: { note: Schema.String.check(Schema.isMaxLength(500)), reason: TransferMisfit }
})
export type Verdict = typeof Verdict.Type

export const StoredTransfer = Schema.Struct({
  moved: TransferMoved,
  stage: TransferStage,
  verdict: Verdict,
  /** Counts the changes of this transfer. */
  revision: Schema.Int,
  seenAt: Schema.DateTimeUtc
})
export type StoredTransfer = typeof StoredTransfer.Type
