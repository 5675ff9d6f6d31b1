/**
 * Finds the payment that a transfer pays, and tells the account of the user.
 */
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import {
  makeBillingAccountSteps,
  type PaymentId,
  paymentOf,
  quotePaidBy,
  SubscriptionRepository,
  type Transfer,
  type TransferMisfit,
  type TransferStage
} from "../subscription/index.ts"
import type { StoredTransfer, Verdict } from "./model/StoredTransfer.ts"
import { ChainLedger, type ExposureBudget } from "./ports/ChainLedger.ts"
import { LinkedWallets } from "./ports/LinkedWallets.ts"
import { QuotedPayments } from "./ports/QuotedPayments.ts"
import { closestOf } from "./rules/Misfits.ts"
import { paymentIdOf } from "./rules/References.ts"

/** How many quoted payments of one wallet are considered for a transfer. */
const mostCandidates = 20

interface Candidate {
  readonly userId: UserId
  readonly paymentId: PaymentId
}

/** A transfer with its stage now. */
interface Observed {
  readonly transfer: Transfer
  readonly stage: TransferStage
}

export class TransferAttribution extends Context.Service<TransferAttribution, {
  /** Tells the account that the transfer concerns. Returns what the transfer pays, or why it pays nothing. */
  follow(observed: Observed, stored: StoredTransfer | undefined): Effect.Effect<Verdict>
  /** An administrator decides that the transfer pays this payment. */
  assign(
    observed: Observed,
    paymentId: PaymentId,
    by: { readonly actor: string; readonly reason: string }
  ): Effect.Effect<Verdict>
}>()("@dchat/domain/onchain/TransferAttribution") {
  static layer(budget: ExposureBudget) {
    return Layer.effect(
      TransferAttribution,
      Effect.gen(function*() {
        const ledger = yield* ChainLedger
        const payments = yield* QuotedPayments
        const wallets = yield* LinkedWallets
        const repository = yield* SubscriptionRepository
        const { perform } = yield* makeBillingAccountSteps

        /** Whether a payment that is not settled yet may give access. */
        const isAdmitted = Effect.fnUntraced(function*({ stage, transfer }: Observed, candidate: Candidate) {
          if (stage !== "provisional") return false
          const payment = paymentOf(yield* repository.load(candidate.userId), candidate.paymentId)
          if (payment === undefined || quotePaidBy(transfer, payment)._tag === "Failure") return false
          const { externalId } = transfer
          return yield* ledger.expose({ externalId, userId: candidate.userId, value: payment.amount }, budget)
        })

        /** The transfer does not pay this payment, if it did before. */
        const withdrawFrom = ({ paymentId, userId }: Candidate, transfer: Transfer) =>
          perform(
            userId,
            { _tag: "FollowTransfer", paymentId, transfer, stage: "dropped" },
            { _tag: "Payment", externalId: transfer.externalId }
          ).pipe(
            Effect.catchTag("NoSubscription", () => Effect.void),
            Effect.catch(Effect.die)
          )

        /** The reason for which the transfer does not pay this payment; undefined if it does. */
        const tell = Effect.fnUntraced(
          function*(
            { stage, transfer }: Observed,
            { paymentId, userId }: Candidate,
            by?: { readonly actor: string; readonly reason: string }
          ): Effect.fn.Return<TransferMisfit | undefined> {
            const admitted = yield* isAdmitted({ stage, transfer }, { paymentId, userId })
            const command = {
              _tag: "FollowTransfer" as const,
              paymentId,
              transfer,
              stage,
              ...(admitted && { admitted: true as const }),
              ...(by && { assigned: true as const })
            }
            const cause = by === undefined
              ? { _tag: "Payment" as const, externalId: transfer.externalId }
              : { _tag: "Admin" as const, ...by }
            const misfit = yield* perform(userId, command, cause).pipe(
              Effect.as(undefined),
              Effect.catchTag("TransferMismatch", ({ reason }) => Effect.succeed(reason)),
              Effect.catchTag("NoSubscription", () => Effect.succeed("unknown_quote" as const)),
              Effect.catchTag(
                "BillingAccountConflict",
                ({ reason }) => reason._tag === "PaymentUsed" ? Effect.succeed("used" as const) : Effect.die(reason)
              ),
              Effect.catchTag("AccountContended", Effect.die)
            )
            // A transfer that was confirming may not fit any more, for example in a later block.
            if (misfit !== undefined) yield* withdrawFrom({ paymentId, userId }, transfer)
            const isOver = misfit !== undefined || stage === "settled" || stage === "final" || stage === "dropped"
            if (isOver) yield* ledger.release(transfer.externalId)
            return misfit
          }
        )

        /** The payment that the reference names comes first. */
        const candidatesOf = Effect.fnUntraced(function*({ chainId, payer, reference }: Transfer) {
          const named = reference && paymentIdOf(reference)
          const owner = named && (yield* payments.ownerOf(named))
          const quoted = yield* payments.ofPayer(chainId, payer, mostCandidates)
          return named === undefined || owner === undefined
            ? quoted
            : [{ userId: owner, paymentId: named }, ...quoted.filter(({ paymentId }) => paymentId !== named)]
        })

        /** The transfer is gone. An account may have been told of it without a record, if a host stopped between the two. */
        const withdraw = Effect.fnUntraced(function*(observed: Observed) {
          for (const candidate of yield* candidatesOf(observed.transfer)) yield* tell(observed, candidate)
        })

        const match = Effect.fnUntraced(function*(observed: Observed): Effect.fn.Return<Verdict> {
          const { transfer } = observed
          const reasons: Array<TransferMisfit> = []
          for (const candidate of yield* candidatesOf(transfer)) {
            const misfit = yield* tell(observed, candidate)
            if (misfit === undefined) return { _tag: "Paid", paymentId: candidate.paymentId }
            reasons.push(misfit)
          }
          const isKnown = (yield* wallets.ownerOf(transfer.chainId, transfer.payer)) !== undefined
          return { _tag: "Unmatched", reason: closestOf(reasons, isKnown) }
        })

        /** A transfer that was matched stays with its payment, even if it is dropped and included again. */
        const follow = Effect.fnUntraced(
          function*(observed: Observed, stored: StoredTransfer | undefined): Effect.fn.Return<Verdict> {
            const verdict = stored?.verdict
            if (verdict?._tag === "SentBack") return verdict
            if (verdict?._tag !== "Paid") {
              if (observed.stage !== "dropped") return yield* match(observed)
              yield* withdraw(observed)
              return verdict ?? { _tag: "Unjudged" }
            }
            const { paymentId } = verdict
            const userId = yield* payments.ownerOf(paymentId)
            if (userId === undefined) return { _tag: "Unmatched", reason: "unknown_quote" }
            const by = verdict.assigned && { actor: "dchat", reason: "the transfer was assigned to this payment" }
            const misfit = yield* tell(observed, { userId, paymentId }, by)
            if (misfit === undefined) return verdict
            // Another transfer pays the payment by now. This one may pay another payment.
            return observed.stage === "dropped" ? { _tag: "Unmatched", reason: misfit } : yield* match(observed)
          }
        )

        return TransferAttribution.of({
          follow,
          assign: Effect.fn("TransferAttribution.assign")(function*(observed, paymentId, by) {
            const userId = yield* payments.ownerOf(paymentId)
            const misfit = userId === undefined
              ? "unknown_quote"
              : yield* tell(observed, { userId, paymentId }, by)
            return misfit === undefined
              ? { _tag: "Paid", paymentId, assigned: true }
              : { _tag: "Unmatched", reason: misfit }
          })
        })
      })
    )
  }
}
