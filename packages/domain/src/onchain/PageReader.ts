/**
 * Reads a range of blocks from one endpoint, and refuses answers that contradict themselves or the chain.
 */
import { Effect } from "effect"
import { type Header, isSameBlock } from "./model/Block.ts"
import type { Movement } from "./model/Movement.ts"
import { NodeFault } from "./model/OnchainErrors.ts"
import type { BlockRange, ChainEndpoint } from "./ports/ChainNodes.ts"

export interface Page {
  /** The last block of the page. */
  readonly last: Header
  readonly movements: ReadonlyArray<Movement>
}

/** Whether the native currency is looked for, too. */
export interface Want {
  readonly native: boolean
}

/** The block of this number. Fails if the endpoint is behind. */
export const headerOf = (endpoint: ChainEndpoint, number: number): Effect.Effect<Header, NodeFault> =>
  Effect.flatMap(
    endpoint.header(number),
    (header) => header === undefined ? fault(endpoint, `block ${number} is missing`) : Effect.succeed(header)
  )

const fault = ({ name }: ChainEndpoint, detail: string) => new NodeFault({ endpoint: name, detail })

/**
 * The movements of a range. Every log has to be of a block that the endpoint holds for canonical, before and after. Logs
 * that are missing where the bloom filter has some are looked for in the receipts of the block.
 */
export const readPage = Effect.fnUntraced(function*(endpoint: ChainEndpoint, range: BlockRange, want: Want) {
  const last = yield* headerOf(endpoint, range.to)
  const movements = range.from === range.to
    ? yield* readBlock(endpoint, last, want)
    : yield* endpoint.movements(range, want)
  yield* checkBlocks(endpoint, range, movements, last)
  if (movements.length > 0 && !isSameBlock(yield* headerOf(endpoint, range.to), last)) {
    return yield* fault(endpoint, "the blocks changed while they were read")
  }
  return { last, movements }
})

const readBlock = Effect.fnUntraced(function*(endpoint: ChainEndpoint, header: Header, want: Want) {
  const movements = yield* endpoint.movements(header, want)
  return movements.length === 0 && header.mayConcern ? yield* endpoint.receipts(header) : movements
})

const checkBlocks = Effect.fnUntraced(function*(
  endpoint: ChainEndpoint,
  { from, to }: BlockRange,
  movements: ReadonlyArray<Movement>,
  last: Header
) {
  const hashes = new Map<number, string>([[last.number, last.hash]])
  for (const { block } of movements) {
    if (block.number < from || block.number > to) return yield* fault(endpoint, `a log of block ${block.number}`)
    const known = hashes.get(block.number) ?? (yield* headerOf(endpoint, block.number)).hash
    hashes.set(block.number, known)
    if (known !== block.hash) return yield* fault(endpoint, "a log of another history")
  }
})
