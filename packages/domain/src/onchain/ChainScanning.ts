/**
 * Reads the chains for as long as a host runs: at once while somebody is about to pay, and in whole pages otherwise.
 */
import { Clock, DateTime, Effect, Layer } from "effect"
import type { ChainId } from "../identity/model/ChainId.ts"
import { repeat } from "../loop/index.ts"
import { ChainScanner, type ScanOutcome } from "./ChainScanner.ts"
import type { Chain } from "./model/Chain.ts"
import type { TokenOwner } from "./ports/ChainLedger.ts"
import { Chains } from "./ports/Chains.ts"
import { QuotedPayments } from "./ports/QuotedPayments.ts"
import { TokenMemberships } from "./TokenMemberships.ts"

/** How long an idle chain may rest at most, in milliseconds. */
const longestRest = 20 * 60_000

/** How long a chain rests that could not be read, or that another host reads. */
const shortRest = 5000

/** What a host remembers of a chain between two reads. */
interface Memory {
  /** The last token that was reviewed. */
  token: TokenOwner | undefined
  nextAt: number
  latest: { readonly number: number; readonly at: number } | undefined
  millisPerBlock: number
}

/** How many pages of an idle chain are read at once, because each scan costs some requests of its own. */
const idlePages = 10

const restOf = ({ maxRange }: Chain, { millisPerBlock }: Memory): number =>
  Math.min(longestRest, Math.max(1000, idlePages * maxRange * millisPerBlock))

const remember = (memory: Memory, chain: Chain, outcome: ScanOutcome, now: number): void => {
  const { latest } = outcome
  if (outcome._tag !== "read" || latest === undefined) {
    memory.nextAt = now + shortRest
    return
  }
  const before = memory.latest
  if (before !== undefined && latest > before.number) {
    memory.millisPerBlock = (now - before.at) / (latest - before.number)
  }
  if (before === undefined || latest > before.number) memory.latest = { number: latest, at: now }
  memory.nextAt = now + restOf(chain, memory)
}

export const layer = Layer.effectDiscard(
  Effect.gen(function*() {
    const chains = yield* Chains
    const scanner = yield* ChainScanner
    const quoted = yield* QuotedPayments
    const memberships = yield* TokenMemberships
    const memories = new Map<ChainId, Memory>()

    const look = Effect.fnUntraced(function*(chain: Chain) {
      const { chainId } = chain
      const memory = memories.get(chainId) ?? { token: undefined, nextAt: 0, latest: undefined, millisPerBlock: 1000 }
      memories.set(chainId, memory)
      const { isAwaited } = yield* quoted.interest(chainId, yield* DateTime.now)
      const now = yield* Clock.currentTimeMillis
      if (!isAwaited && now < memory.nextAt) return
      const outcome = yield* scanner.scan(chainId)
      remember(memory, chain, outcome, now)
      if (outcome._tag === "read") memory.token = yield* memberships.reviewTokens(chainId, memory.token)
    })

    for (const chain of chains.all) {
      yield* repeat(
        { name: `read ${chain.name}`, every: "1 second", within: "2 minutes", isVital: false },
        look(chain)
      )
    }
  })
)
