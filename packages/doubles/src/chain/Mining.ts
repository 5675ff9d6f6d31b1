/**
 * Controls the blocks and the time of a simulated chain.
 */
import { Effect } from "effect"
import type { Hash, Hex } from "viem"
import type { Client } from "./Client.ts"

/** When the chain makes a block: for each transaction, only by `mine`, or periodically. */
export type Mode = "each-transaction" | "on-demand" | { readonly everySeconds: number }

export interface Head {
  readonly number: bigint
  readonly hash: Hash
  readonly parentHash: Hash
  /** In seconds since 1970. */
  readonly timestamp: bigint
}

/** A transaction that a reorganisation removed from its block. */
export interface Dropped {
  readonly hash: Hash
  /** The signed bytes, with which the transaction can be sent again. */
  readonly raw: Hex
  /** The number of the removed block. */
  readonly blockNumber: bigint
  readonly transactionIndex: number
}

/** The new blocks: the raw transactions of each block, in order. */
export type Replacement = (dropped: ReadonlyArray<Dropped>) => ReadonlyArray<ReadonlyArray<Hex>>

export interface Mining {
  current(): Mode
  setMode(mode: Mode): Effect.Effect<void>
  /** Mines blocks, one by default. Each block has the timestamp of its predecessor plus `intervalSeconds`. */
  mine(blocks?: number, intervalSeconds?: number): Effect.Effect<Head>
  readonly head: Effect.Effect<Head>
  /**
   * Replaces the newest `depth` blocks and returns the transactions of the replaced blocks.
   *
   * The chain keeps the first two blocks, which have its contracts. Without `replacement` the new blocks are empty. With `replacement` the new blocks have these transactions, and
   * empty blocks follow until the chain is as long as before. Transactions that waited for a block enter the first
   * new block.
   */
  reorg(depth: number, replacement?: Replacement): Effect.Effect<ReadonlyArray<Dropped>>
  /** Sets the time of the chain, in seconds since 1970. The next block has at least this timestamp. */
  setTime(seconds: number): Effect.Effect<void>
  increaseTime(seconds: number): Effect.Effect<void>
  /** Records the state of the chain. The resulting effect restores this state, once. */
  readonly snapshot: Effect.Effect<Effect.Effect<void>>
}

export const make = (client: Client): Mining => {
  let mode: Mode = "each-transaction"

  /** viem has no types for some methods of anvil. */
  const request = client.request as (call: { readonly method: string; readonly params: unknown }) => Promise<unknown>
  const control = (method: string, ...params: ReadonlyArray<unknown>) =>
    Effect.promise(() => request({ method, params }))

  const apply = (next: Mode) =>
    Effect.promise(async () => {
      await client.setAutomine(next === "each-transaction")
      // Zero stops the interval, and has to come last only if the chain does not mine each transaction.
      if (next !== "each-transaction") {
        await client.setIntervalMining({ interval: next === "on-demand" ? 0 : next.everySeconds })
      }
    })

  const head = Effect.map(
    Effect.promise(() => client.getBlock()),
    ({ hash, number, parentHash, timestamp }): Head => ({ number, hash, parentHash, timestamp })
  )

  const mine = (blocks = 1, intervalSeconds?: number) =>
    Effect.andThen(
      Effect.promise(() =>
        client.mine({ blocks, ...(intervalSeconds !== undefined && { interval: intervalSeconds }) })
      ),
      head
    )

  const transactionsAbove = (number: bigint, newest: bigint) =>
    Effect.promise(async () => {
      const numbers = Array.from({ length: Number(newest - number) }, (_, index) => number + BigInt(index) + 1n)
      const blocks = await Promise.all(numbers.map((blockNumber) => client.getBlock({ blockNumber })))
      return Promise.all(blocks.flatMap((block) =>
        block.transactions.map(async (hash, transactionIndex): Promise<Dropped> => ({
          hash,
          raw: await request({ method: "eth_getRawTransactionByHash", params: [hash] }) as Hex,
          blockNumber: block.number,
          transactionIndex
        }))
      ))
    })

  return {
    current: () => mode,
    setMode: (next) => Effect.tap(apply(next), () => Effect.sync(() => void (mode = next))),
    mine,
    head,
    reorg: Effect.fnUntraced(function*(depth, replacement = () => []) {
      yield* apply("on-demand")
      const { number } = yield* head
      const dropped = yield* transactionsAbove(number - BigInt(depth), number)
      yield* control("anvil_rollback", depth)
      const blocks = replacement(dropped)
      for (const raws of blocks) {
        for (const raw of raws) yield* control("eth_sendRawTransaction", raw)
        yield* mine()
      }
      if (blocks.length < depth) yield* mine(depth - blocks.length)
      yield* apply(mode)
      return dropped
    }),
    setTime: (seconds) => Effect.asVoid(control("evm_setTime", seconds)),
    increaseTime: (seconds) => Effect.asVoid(Effect.promise(() => client.increaseTime({ seconds }))),
    snapshot: Effect.map(
      Effect.promise(() => client.snapshot()),
      (id) => Effect.promise(() => client.revert({ id }))
    )
  }
}
