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

/** How long an idle chain may rest at most, in milliseconds. Tokens of memberships are to be followed sooner. */
const longestRest = { payments: 20 * 60_000, memberships: 2 * 60_000 }

/** How many blocks a chain with memberships makes while it rests. */
const membershipBlocks = 10

/** How long a chain rests on which somebody is about to pay: a quarter of the time of a block, within these bounds. */
const awaitedRest = { least: 1000, most: 4000 }

/** How long a chain rests that could not be read, or that another host reads. */
const shortRest = 5000

/** The memory of a host between two reads of a chain. */
interface Memory {
  /** The last token that was reviewed. */
  token: TokenOwner | undefined
  /** When the chain is read next, if nobody is about to pay. */
  nextAt: number
  /** When the chain is read next, if somebody is about to pay. */
  awaitedAt: number
  latest: { readonly number: number; readonly at: number } | undefined
  millisPerBlock: number
}

/** How many pages of an idle chain are read at once, because each scan costs some requests of its own. */
const idlePages = 10

const newMemory = (): Memory => ({
  token: undefined,
  nextAt: 0,
  awaitedAt: 0,
  latest: undefined,
  millisPerBlock: 1000
})

const idleRest = ({ maxRange, memberships }: Chain, { millisPerBlock }: Memory): number => {
  const hasTokens = memberships.length > 0
  const blocks = hasTokens ? membershipBlocks : idlePages * maxRange
  const most = hasTokens ? longestRest.memberships : longestRest.payments
  return Math.min(most, Math.max(1000, blocks * millisPerBlock))
}

const shortestRest = ({ millisPerBlock }: Memory): number =>
  Math.min(awaitedRest.most, Math.max(awaitedRest.least, millisPerBlock / 4))

const remember = (memory: Memory, chain: Chain, outcome: ScanOutcome, now: number): void => {
  const { latest } = outcome
  if (outcome._tag !== "read" || latest === undefined) {
    memory.nextAt = now + shortRest
    memory.awaitedAt = memory.nextAt
    return
  }
  const before = memory.latest
  if (before !== undefined && latest > before.number) {
    memory.millisPerBlock = (now - before.at) / (latest - before.number)
  }
  if (before === undefined || latest > before.number) memory.latest = { number: latest, at: now }
  memory.nextAt = now + idleRest(chain, memory)
  memory.awaitedAt = now + shortestRest(memory)
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
      const memory = memories.get(chainId) ?? newMemory()
      memories.set(chainId, memory)
      const { isAwaited } = yield* quoted.interest(chainId, yield* DateTime.now)
      const now = yield* Clock.currentTimeMillis
      if (now < (isAwaited ? memory.awaitedAt : memory.nextAt)) return
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
