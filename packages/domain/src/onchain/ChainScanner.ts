/**
 * Reads one chain once: the blocks at settling depth, and the tip while somebody is about to pay.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import type { ChainId } from "../identity/model/ChainId.ts"
import { Disagreement, HistoryLost, makeChainReading, type Reading } from "./ChainReading.ts"
import type { Head } from "./model/Block.ts"
import type { Chain } from "./model/Chain.ts"
import { NodeFault } from "./model/OnchainErrors.ts"
import { ChainLedger, type ScanLease } from "./ports/ChainLedger.ts"
import { type ChainEndpoint, ChainNodes } from "./ports/ChainNodes.ts"
import { Chains } from "./ports/Chains.ts"
import { QuotedPayments } from "./ports/QuotedPayments.ts"
import { type DepthNumbers, depthsOf, tagsOf } from "./rules/Depths.ts"
import { cursorOf } from "./rules/Track.ts"

/** For how many seconds a host has the right to read a chain. Other hosts take over after that. */
const leaseSeconds = 60

/** How many transfers become final at once. */
const finalBatch = 500

/** What a scan has done. */
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
      const { advance, deepen } = yield* makeChainReading

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

      const readBy = Effect.fnUntraced(
        function*(chain: Chain, lease: ScanLease, endpoint: ChainEndpoint, witness: ChainEndpoint | undefined) {
          const head: Head = yield* endpoint.head(tagsOf(chain))
          const depths = depthsOf(chain, head)
          const interest = yield* quoted.interest(chain.chainId, yield* DateTime.now)
          const want = { native: interest.isNativeAwaited }
          const reading: Reading = { chain, lease, endpoint, witness, depths, want }
          const settled = yield* Effect.result(settle(reading))
          // A chain that settles nothing still answers quickly, within the budget.
          const tip = interest.isAwaited ? yield* readTip(reading) : 0
          const changes = yield* Effect.fromResult(settled)
          yield* ledger.halt(lease, undefined)
          return { _tag: "read" as const, changes: changes + tip, latest: depths.latest }
        }
      )

      /** The endpoints in turn, until one answers. The next one is the witness. */
      const read = Effect.fnUntraced(function*(chain: Chain, lease: ScanLease) {
        const endpoints = nodes.endpoints(chain.chainId)
        let failure = new NodeFault({ endpoint: chain.name, detail: "has no endpoint" })
        for (const [index, endpoint] of endpoints.entries()) {
          const witness = endpoints.length > 1 ? endpoints[(index + 1) % endpoints.length] : undefined
          const outcome = yield* Effect.result(readBy(chain, lease, endpoint, witness))
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
