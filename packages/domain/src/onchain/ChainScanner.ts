/**
 * Reads one chain once: the blocks at settling depth, and the tip while somebody is about to pay.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import type { ChainId } from "../identity/model/ChainId.ts"
import { makeChainReading, type Reading } from "./ChainReading.ts"
import type { Head } from "./model/Block.ts"
import type { Chain } from "./model/Chain.ts"
import { Disagreement, HistoryLost, NodeFault } from "./model/OnchainErrors.ts"
import type { Want } from "./PageReader.ts"
import { ChainLedger, type ScanLease } from "./ports/ChainLedger.ts"
import { type ChainEndpoint, ChainNodes } from "./ports/ChainNodes.ts"
import { Chains } from "./ports/Chains.ts"
import { QuotedPayments } from "./ports/QuotedPayments.ts"
import { type DepthNumbers, depthsOf, shallower, tagsOf } from "./rules/Depths.ts"
import { isDust } from "./rules/Dust.ts"
import { cursorOf } from "./rules/Track.ts"

/** For how many seconds a host has the right to read a chain. Other hosts take over after that. */
const leaseSeconds = 60

/** How many transfers become final at once. */
const finalBatch = 500

/** The outcome of a scan. */
export interface ScanOutcome {
  /** `held`: another host reads the chain. */
  readonly _tag: "read" | "held" | "failed"
  readonly changes: number
  readonly latest?: number
}

export class ChainScanner extends Context.Service<ChainScanner, {
  /** Reads everything that is new. A failure is reported, and never loses what was read before. */
  scan(chainId: ChainId): Effect.Effect<ScanOutcome>
}>()("@dchat/domain/onchain/ChainScanner") {
  static readonly layer = Layer.effect(
    ChainScanner,
    Effect.gen(function*() {
      const ledger = yield* ChainLedger
      const nodes = yield* ChainNodes
      const chains = yield* Chains
      const quoted = yield* QuotedPayments
      const random = yield* SecureRandom.SecureRandom
      const host = yield* random.uuidV7()
      const { advance, deepen, tellAccounts } = yield* makeChainReading

      /** The settled track first: the tip begins where the settled blocks end. */
      const settle = Effect.fnUntraced(function*(reading: Reading) {
        const { chain, depths } = reading
        if (depths.settled < 0) return 0
        const track = yield* ledger.track(chain.chainId, "settled")
        const changes = yield* advance(reading, "settled", track, depths.settled)
        const deeper = yield* ledger.unsettledBelow(chain.chainId, depths.final, finalBatch)
        return changes + (yield* deepen(reading, "settled", deeper))
      })

      const readTip = Effect.fnUntraced(function*(reading: Reading) {
        const { chain: { chainId }, depths } = reading
        // What is settled is decided by the other track, which has a witness.
        const tipDepths: DepthNumbers = { ...depths, settled: -1, final: -1 }
        const settledTo = cursorOf(yield* ledger.track(chainId, "settled"))
        const stored = yield* ledger.track(chainId, "tip")
        const newer = stored.anchors.filter(({ number }) => number > (settledTo?.number ?? -1))
        const track = { anchors: settledTo === undefined ? newer : [settledTo, ...newer] }
        const tip = { ...reading, depths: tipDepths, witness: undefined }
        const changes = yield* advance(tip, "tip", track, depths.latest)
        const known = yield* ledger.transfersIn(chainId, { from: (settledTo?.number ?? -1) + 1, to: depths.latest })
        return changes + (yield* deepen(tip, "tip", known))
      })

      /** The first of the other endpoints that answers, with its depths. */
      const witnessOf = Effect.fnUntraced(function*(chain: Chain, others: ReadonlyArray<ChainEndpoint>) {
        for (const witness of others) {
          const head = yield* Effect.option(witness.head(tagsOf(chain)))
          if (head._tag === "Some") return { witness, depths: depthsOf(chain, head.value) }
        }
        return yield* new NodeFault({
          endpoint: chain.name,
          detail: "no second endpoint answers, so nothing is settled"
        })
      })

      /** Settles what two endpoints agree on. A chain with one endpoint has no witness. */
      const settleWitnessed = Effect.fnUntraced(function*(alone: Reading, others: ReadonlyArray<ChainEndpoint>) {
        if (others.length === 0) return yield* settle(alone)
        const { depths, witness } = yield* witnessOf(alone.chain, others)
        const want = { ...alone.want, everyHeader: false }
        return yield* settle({ ...alone, want, witness, depths: shallower(alone.depths, depths) })
      })

      const readBy = Effect.fnUntraced(
        function*(chain: Chain, lease: ScanLease, endpoint: ChainEndpoint, others: ReadonlyArray<ChainEndpoint>) {
          const head: Head = yield* endpoint.head(tagsOf(chain))
          const depths = depthsOf(chain, head)
          const { isAwaited } = yield* quoted.interest(chain.chainId, yield* DateTime.now)
          const want: Want = {
            native: false,
            everyHeader: isAwaited,
            isTooSmall: (transfer) => isDust(chain, transfer)
          }
          const reading: Reading = { chain, lease, endpoint, depths, want }
          const settled = yield* Effect.result(settleWitnessed(reading, others))
          // A chain that settles nothing still answers quickly, within the budget.
          const tip = isAwaited ? yield* readTip({ ...reading, want: { ...want, everyHeader: false } }) : 0
          const changes = yield* Effect.fromResult(settled)
          yield* ledger.halt(lease, undefined)
          return { _tag: "read" as const, changes: changes + tip, latest: depths.latest }
        }
      )

      /** The endpoints in turn, until one answers. The others are witnesses. */
      const read = Effect.fnUntraced(function*(chain: Chain, lease: ScanLease) {
        yield* tellAccounts(chain.chainId)
        const endpoints = nodes.endpoints(chain.chainId)
        let failure = new NodeFault({ endpoint: chain.name, detail: "has no endpoint" })
        for (const [index, endpoint] of endpoints.entries()) {
          const others = [...endpoints.slice(index + 1), ...endpoints.slice(0, index)]
          const outcome = yield* Effect.result(readBy(chain, lease, endpoint, others))
          if (outcome._tag === "Success") return outcome.success
          failure = outcome.failure
          if (failure instanceof Disagreement) break
        }
        return yield* failure
      })

      return ChainScanner.of({
        scan: Effect.fn("ChainScanner.scan")(function*(chainId) {
          const chain = chains.of(chainId)
          const lease = chain && (yield* ledger.lease(chainId, host, leaseSeconds))
          if (chain === undefined || lease === undefined) return { _tag: "held", changes: 0 }
          return yield* read(chain, lease).pipe(
            Effect.catch((fault) =>
              Effect.gen(function*() {
                const isHalted = fault instanceof Disagreement || fault instanceof HistoryLost
                yield* Effect.logWarning(`could not read ${chain.name}: ${fault.message}`)
                if (isHalted) yield* ledger.halt(lease, fault.message)
                return { _tag: "failed" as const, changes: 0 }
              })
            )
          )
        })
      })
    })
  )
}
