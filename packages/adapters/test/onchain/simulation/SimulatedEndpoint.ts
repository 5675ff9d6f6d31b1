/**
 * An endpoint over a simulated chain, with the faults of real providers.
 */
import { type BlockRef, type ChainEndpoint, type Header, isSameBlock, NodeFault } from "@dchat/domain/onchain"
import { Effect } from "effect"
import type { Dice } from "../../../../domain/test/call/support/Dice.ts"
import { type Block, headOf, type History, isLog, movementsOf } from "./SimulatedChain.ts"

/**
 * `lagging`: answers from an older history. `forked`: answers from another history. `mixed`: two nodes behind one
 * address, one of them lagging. `empty`: no logs. `truncated`: half of the logs. `forgetful`: leaves one log out.
 * `narrow`: refuses ranges. `failing`: fails now and then.
 */
export type Mood =
  | { readonly _tag: "honest" | "empty" | "truncated" | "forgetful" | "failing" | "down" }
  | { readonly _tag: "lagging" | "forked" | "mixed"; readonly history: History }
  | { readonly _tag: "narrow"; readonly most: number }

/** The safe and the finalized block are this far behind. */
const tagDepths = { safe: 8, finalized: 70 }

/** How many requests of each kind were answered. */
export interface Requests {
  head: number
  header: number
  movements: number
  receipts: number
}

export interface SimulatedEndpoint extends ChainEndpoint {
  mood: Mood
  readonly requests: Requests
}

/** `before`: runs before each request, and may change the chain. */
export const simulatedEndpoint = (
  name: string,
  canonical: () => History,
  dice: Dice,
  before: Effect.Effect<void> = Effect.void
): SimulatedEndpoint => {
  const fault = (detail: string) => new NodeFault({ endpoint: name, detail })

  const viewOf = (): History => {
    const { mood } = endpoint
    if (mood._tag === "lagging" || mood._tag === "forked") return mood.history
    return mood._tag === "mixed" && dice.chance(50) ? mood.history : canonical()
  }

  const ask = <A>(kind: keyof Requests, answer: (history: History) => Effect.Effect<A, NodeFault>) =>
    Effect.andThen(
      before,
      Effect.suspend(() => {
        endpoint.requests[kind] += 1
        const { _tag } = endpoint.mood
        if (_tag === "down" || (_tag === "failing" && dice.chance(20))) return Effect.fail(fault("does not answer"))
        return answer(viewOf())
      })
    )

  /** The logs that the endpoint finds. */
  const found = <A>(logs: ReadonlyArray<A>): ReadonlyArray<A> => {
    if (endpoint.mood._tag === "empty") return []
    if (endpoint.mood._tag === "truncated") return logs.slice(0, Math.floor(logs.length / 2))
    if (endpoint.mood._tag !== "forgetful") return logs
    const forgotten = dice.below(Math.max(1, logs.length))
    return logs.filter((_, index) => index !== forgotten)
  }

  const blockOf = (history: History, wanted: BlockRef): Effect.Effect<Block, NodeFault> => {
    const block = history[wanted.number]
    return block !== undefined && isSameBlock(block.header, wanted)
      ? Effect.succeed(block)
      : Effect.fail(fault("unknown block"))
  }

  const movementsIn = (blocks: ReadonlyArray<Block>, want: { readonly native: boolean }) => {
    const all = blocks.flatMap(movementsOf)
    return [...found(all.filter(isLog)), ...(want.native ? all.filter((it) => !isLog(it)) : [])]
  }

  const endpoint: SimulatedEndpoint = {
    name,
    mood: { _tag: "honest" },
    requests: { head: 0, header: 0, movements: 0, receipts: 0 },
    head: (tags) =>
      ask("head", (history) => {
        const latest: Header = headOf(history).header
        return Effect.succeed({
          latest,
          ...(tags.safe && { safe: latest.number - tagDepths.safe }),
          ...(tags.finalized && { finalized: latest.number - tagDepths.finalized })
        })
      }),
    header: (number) => ask("header", (history) => Effect.succeed(history[number]?.header)),
    movements: (blocks, want) =>
      ask("movements", (history) => {
        if ("hash" in blocks) return Effect.map(blockOf(history, blocks), (block) => movementsIn([block], want))
        const { from, to } = blocks
        if (endpoint.mood._tag === "narrow" && to - from + 1 > endpoint.mood.most) {
          return Effect.fail(fault("range too wide"))
        }
        return Effect.succeed(movementsIn(history.slice(from, to + 1), want))
      }),
    receipts: (wanted) =>
      ask("receipts", (history) => Effect.map(blockOf(history, wanted), (block) => movementsOf(block).filter(isLog))),
    ownerOf: () => Effect.succeed(undefined),
    transaction: () => Effect.fail(fault("not simulated"))
  }
  return endpoint
}
