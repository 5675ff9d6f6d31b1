/**
 * Looks at a transaction that a user named: whether it pays the quote, and if not, why.
 */
import { Effect, Result } from "effect"
import {
  type Bytes32,
  type Inspection,
  type Payment,
  quotePaidBy,
  type Transfer,
  type TransferMisfit
} from "../subscription/index.ts"
import { ChainLedger } from "./ports/ChainLedger.ts"
import { type ChainEndpoint, ChainNodes, type TransactionState } from "./ports/ChainNodes.ts"
import { closestOf } from "./rules/Misfits.ts"

export const makeTransactionInspection = Effect.gen(function*() {
  const nodes = yield* ChainNodes
  const ledger = yield* ChainLedger

  /** The first endpoint that knows the transaction. Undefined if none answers. */
  const find = Effect.fnUntraced(function*(endpoints: ReadonlyArray<ChainEndpoint>, hash: Bytes32) {
    let found: TransactionState | undefined
    for (const endpoint of endpoints) {
      const state = yield* Effect.orElseSucceed(endpoint.transaction(hash), () => undefined)
      if (state === undefined) continue
      if (state._tag !== "unknown") return state
      found = state
    }
    return found
  })

  const misfitOf = Effect.fnUntraced(function*(payment: Payment, transfer: Transfer) {
    const stored = yield* ledger.transfer(transfer.externalId)
    const paid = stored?.verdict._tag === "Paid" ? stored.verdict.paymentId : undefined
    if (paid !== undefined && paid !== payment.id) return "already_paid" as const
    return Result.match(quotePaidBy(transfer, payment), { onSuccess: () => undefined, onFailure: (reason) => reason })
  })

  const judge = Effect.fnUntraced(
    function*(payment: Payment, transfers: ReadonlyArray<Transfer>): Effect.fn.Return<Inspection> {
      const reasons: Array<TransferMisfit> = []
      for (const transfer of transfers) {
        const misfit = yield* misfitOf(payment, transfer)
        if (misfit === undefined) return { state: "fits" }
        reasons.push(misfit)
      }
      return { state: "misfit", reason: reasons.length === 0 ? "no_transfer" : closestOf(reasons, true) }
    }
  )

  return Effect.fn("Quoting.inspect")(
    function*(payment: Payment, hash: Bytes32): Effect.fn.Return<Inspection> {
      const chainId = payment.quotes?.at(-1)?.chainId
      const state = chainId && (yield* find(nodes.endpoints(chainId), hash))
      if (state === undefined) return { state: "unavailable" }
      if (state._tag !== "included") return { state: state._tag }
      return yield* judge(
        payment,
        state.movements.flatMap((it) => it._tag === "TransferMoved" ? [it.transfer] : [])
      )
    }
  )
})
