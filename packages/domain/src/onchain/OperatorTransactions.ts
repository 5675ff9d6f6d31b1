/**
 * Sends the transactions of the charging account. Each one is stored before it is sent. While its outcome is unknown, the
 * same bytes are sent again, or other bytes with the same nonce: so it happens at most once.
 */
import { Context, DateTime, Effect, Layer, Semaphore } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Bytes32, PurchaseId } from "../subscription/index.ts"
import type { Chain } from "./model/Chain.ts"
import { ChargingUnavailable, type NotSigned } from "./model/ChargingErrors.ts"
import type { ChargeLane, HexBytes, OperatorAction, OperatorTransaction } from "./model/OperatorTransaction.ts"
import { ChargeJournal, type LaneLease } from "./ports/ChargeJournal.ts"
import { RecurringAuthorization } from "./ports/RecurringAuthorization.ts"
import { progressOf } from "./rules/TransactionProgress.ts"

/** For how many seconds a host has the right to use the charging account on a chain. */
const leaseSeconds = 120

/** A transaction that is in a block, but not in a final one, is looked at again after this many minutes. */
const includedMinutes = 2

/** How many open transactions of a chain are looked at in one round. */
const batch = 500

export interface NewTransaction {
  readonly key: string
  readonly purchaseId: PurchaseId
  readonly action: OperatorAction
}

export class OperatorTransactions extends Context.Service<OperatorTransactions, {
  /** Signs, stores and sends a transaction. Undefined if another transaction of the key is open or has succeeded. */
  issue(
    chain: Chain,
    transaction: NewTransaction
  ): Effect.Effect<OperatorTransaction | undefined, ChargingUnavailable | NotSigned>
  /** Moves the open transactions of a chain on. Returns how many were looked at. */
  advance(
    chain: Chain,
    isWanted: (transaction: OperatorTransaction) => Effect.Effect<boolean>
  ): Effect.Effect<number, ChargingUnavailable>
}>()("@dchat/domain/onchain/OperatorTransactions") {
  static readonly layer = Layer.effect(
    OperatorTransactions,
    Effect.gen(function*() {
      const journal = yield* ChargeJournal
      const operator = yield* RecurringAuthorization
      const random = yield* SecureRandom.SecureRandom
      const host = yield* random.uuidV7()
      const turns = new Map<ChargeLane["chainId"], Semaphore.Semaphore>()
      /** When a transaction that is in a block is looked at again, by its first hash. */
      const resting = new Map<Bytes32, DateTime.Utc>()

      /** A lease of this host makes an earlier lease of this host worthless, so the uses of a lane take turns. */
      const turnOf = ({ chainId }: ChargeLane): Semaphore.Semaphore => {
        const turn = turns.get(chainId) ?? Semaphore.makeUnsafe(1)
        turns.set(chainId, turn)
        return turn
      }

      const withLane = <A, E>(lane: ChargeLane, use: (lease: LaneLease) => Effect.Effect<A, E>) =>
        turnOf(lane).withPermit(Effect.acquireUseRelease(
          Effect.flatMap(
            journal.lease(lane, host, leaseSeconds),
            (lease) => lease === undefined ? Effect.fail(new ChargingUnavailable()) : Effect.succeed(lease)
          ),
          use,
          journal.release
        ))

      const laneOf = ({ chainId }: Chain): Effect.Effect<ChargeLane, ChargingUnavailable> =>
        operator.account === undefined
          ? Effect.fail(new ChargingUnavailable())
          : Effect.succeed({ chainId, account: operator.account })

      /** Whether the bytes reached a node shows in the outcome. */
      const send = ({ chainId }: Chain, raw: HexBytes) =>
        Effect.catch(operator.send(chainId, raw), () => Effect.logWarning(`no node of chain ${chainId} took a charge`))

      const record = Effect.fnUntraced(
        function*(chain: Chain, lease: LaneLease, { action, key, purchaseId }: NewTransaction) {
          const { account, chainId } = lease
          const { latest } = yield* operator.count(chain)
          const nonce = Math.max(latest, yield* journal.nextNonce(lease))
          const signed = yield* operator.sign(chainId, action, { nonce })
          const transaction: OperatorTransaction = {
            account,
            action,
            chainId,
            key,
            nonce,
            purchaseId,
            signed: [signed],
            state: "open",
            recordedAt: signed.signedAt
          }
          const recorded = yield* journal.record(lease, transaction)
          if (recorded === "lost") return yield* new ChargingUnavailable()
          return recorded === "exists" ? undefined : transaction
        }
      )

      /** Signs other bytes with the same nonce. Fees above the limit leave the transaction as it is. */
      const replace = Effect.fnUntraced(function*(
        chain: Chain,
        lease: LaneLease,
        { nonce, signed }: OperatorTransaction,
        action: OperatorAction
      ) {
        const newest = signed.at(-1) ?? signed[0]
        const how = { nonce, above: newest.fees }
        const voided = { _tag: "Void" } as const
        const next = yield* operator.sign(chain.chainId, action, how).pipe(
          // The charge would fail by now, so it must not be included.
          Effect.catchIf(({ reason }) => reason === "refused", () => operator.sign(chain.chainId, voided, how)),
          Effect.catch(({ reason }) =>
            Effect.as(Effect.logWarning(`transaction ${nonce} of chain ${chain.chainId} waits: ${reason}`), undefined)
          )
        )
        if (next === undefined) return yield* send(chain, newest.raw)
        if (yield* journal.replace(lease, nonce, next)) yield* send(chain, next.raw)
      })

      const step = Effect.fnUntraced(function*(
        chain: Chain,
        lease: LaneLease,
        transaction: OperatorTransaction,
        view: { readonly finalCount: number; readonly isWanted: boolean; readonly now: DateTime.Utc }
      ) {
        const { action, nonce, signed } = transaction
        const outcomes = yield* Effect.forEach(signed, ({ hash }) => operator.outcome(chain, hash))
        const progress = progressOf(transaction, { ...view, outcomes })
        const isIncluded = outcomes.some((outcome) => "stage" in outcome)
        if (progress._tag === "Wait" && isIncluded) {
          resting.set(signed[0].hash, DateTime.add(view.now, { minutes: includedMinutes }))
        }
        switch (progress._tag) {
          case "Wait":
            return
          case "Close":
            resting.delete(signed[0].hash)
            return yield* Effect.asVoid(journal.close(lease, nonce, progress.state, view.now))
          case "Resend":
            return yield* send(chain, (signed.at(-1) ?? signed[0]).raw)
          case "Replace":
            return yield* replace(chain, lease, transaction, action)
          case "Void":
            return yield* replace(chain, lease, transaction, { _tag: "Void" })
        }
      })

      return OperatorTransactions.of({
        issue: Effect.fn("OperatorTransactions.issue")(function*(chain, transaction) {
          const recorded = yield* withLane(yield* laneOf(chain), (lease) => record(chain, lease, transaction))
          if (recorded !== undefined) yield* send(chain, recorded.signed[0].raw)
          return recorded
        }),
        advance: Effect.fn("OperatorTransactions.advance")(function*(chain, isWanted) {
          const lane = yield* laneOf(chain)
          const now = yield* DateTime.now
          const isDue = ({ signed: [{ hash }] }: OperatorTransaction) =>
            !DateTime.isGreaterThan(resting.get(hash) ?? now, now)
          const awaited = (yield* journal.open(lane, batch)).filter(isDue)
          if (awaited.length === 0) return 0
          return yield* withLane(lane, (lease) =>
            Effect.gen(function*() {
              const open = (yield* journal.open(lane, batch)).filter(isDue)
              const { final: finalCount } = yield* operator.count(chain)
              for (const transaction of open) {
                yield* step(chain, lease, transaction, { finalCount, isWanted: yield* isWanted(transaction), now })
              }
              return open.length
            }))
        })
      })
    })
  )
}
