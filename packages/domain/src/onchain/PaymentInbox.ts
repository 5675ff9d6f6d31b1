/**
 * The transfers that pay nothing: an administrator looks at them, assigns them, or notes that the money was sent back.
 */
import { Context, Effect, Layer, Schema } from "effect"
import type { ExternalId, PaymentId } from "../subscription/index.ts"
import type { StoredTransfer, Verdict } from "./model/StoredTransfer.ts"
import { ChainLedger, type InboxQuery } from "./ports/ChainLedger.ts"
import { TransferAttribution } from "./TransferAttribution.ts"

/** No such transfer was seen on the chains of this installation. */
export class TransferNotFound extends Schema.TaggedError<TransferNotFound>()("TransferNotFound", {}) {
  override get message() {
    return "no such transfer was seen on the chains of this installation"
  }
}

/** The transfer pays a payment, or the money was sent back. */
export class TransferHandled extends Schema.TaggedError<TransferHandled>()("TransferHandled", {}) {
  override get message() {
    return "the transfer pays a payment already, or the money was sent back"
  }
}

const observed = ({ moved: { transfer }, stage }: StoredTransfer) => ({ transfer, stage })

/** A transfer that waits for an administrator. */
type UnmatchedTransfer = StoredTransfer & { readonly verdict: Extract<Verdict, { readonly _tag: "Unmatched" }> }

interface By {
  readonly actor: string
  readonly reason: string
}

export class PaymentInbox extends Context.Service<PaymentInbox, {
  list(query: InboxQuery): Effect.Effect<ReadonlyArray<StoredTransfer>>
  show(externalId: ExternalId): Effect.Effect<StoredTransfer, TransferNotFound>
  /** Judges the transfer once more, for example after the user linked the wallet. */
  recheck(externalId: ExternalId): Effect.Effect<StoredTransfer, TransferNotFound | TransferHandled>
  /** The transfer pays this payment, whatever its quote says. */
  assign(
    externalId: ExternalId,
    paymentId: PaymentId,
    by: By
  ): Effect.Effect<StoredTransfer, TransferNotFound | TransferHandled>
  /** Notes that the money of a transfer was sent back. */
  noteRefund(externalId: ExternalId, note: string): Effect.Effect<StoredTransfer, TransferNotFound | TransferHandled>
}>()("@dchat/domain/onchain/PaymentInbox") {
  static readonly layer = Layer.effect(
    PaymentInbox,
    Effect.gen(function*() {
      const ledger = yield* ChainLedger
      const attribution = yield* TransferAttribution

      const show = Effect.fnUntraced(function*(externalId: ExternalId) {
        return (yield* ledger.transfer(externalId)) ?? (yield* new TransferNotFound())
      })

      /** The transfer, if nobody has dealt with it yet. */
      const open = Effect.fnUntraced(function*(externalId: ExternalId) {
        const stored = yield* show(externalId)
        return stored.verdict._tag === "Unmatched"
          ? { ...stored, verdict: stored.verdict }
          : yield* new TransferHandled()
      })

      /** Judges a transfer and stores the verdict. A transfer that has changed meanwhile is judged once more. */
      const decide = (
        externalId: ExternalId,
        judge: (stored: UnmatchedTransfer) => Effect.Effect<Verdict>
      ): Effect.Effect<StoredTransfer, TransferNotFound | TransferHandled> =>
        Effect.gen(function*() {
          const stored = yield* open(externalId)
          const isStored = yield* ledger.judge(externalId, stored.revision, yield* judge(stored))
          return yield* isStored ? show(externalId) : decide(externalId, judge)
        })

      return PaymentInbox.of({
        list: ledger.inbox,
        show,
        recheck: Effect.fn("PaymentInbox.recheck")((externalId) =>
          decide(externalId, (stored) => attribution.follow(observed(stored), stored))
        ),
        assign: Effect.fn("PaymentInbox.assign")((externalId, paymentId, by) =>
          decide(externalId, (stored) => attribution.assign(observed(stored), paymentId, by))
        ),
        noteRefund: Effect.fn("PaymentInbox.noteRefund")((externalId, note) =>
          decide(externalId, ({ verdict: { reason } }) => Effect.succeed({ _tag: "SentBack", note, reason }))
        )
      })
    })
  )
}
