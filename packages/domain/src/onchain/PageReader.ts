/**
 * Reads a range of blocks from one endpoint, and refuses answers that contradict themselves or the chain.
 */
import { Effect } from "effect"
import type { Transfer } from "../subscription/index.ts"
import { type BlockRef, type Header, isSameBlock } from "./model/Block.ts"
import { type Movement, movementId } from "./model/Movement.ts"
import { NodeFault } from "./model/OnchainErrors.ts"
import type { BlockRange, ChainEndpoint } from "./ports/ChainNodes.ts"

export interface Page {
  /** The last block of the page. */
  readonly last: Header
  readonly movements: ReadonlyArray<Movement>
  /** How many transfers are too small. */
  readonly ignored: number
}

/** The parts of each block that are read. */
export interface Want {
  /** Whether the native currency is looked for, too. */
  readonly native: boolean
  /** Whether the header of every block is read: then missing logs are noticed, and blocks of another history. */
  readonly everyHeader: boolean
  /** Whether a transfer is left out, and counted only. */
  readonly isTooSmall: (transfer: Transfer) => boolean
}

/** A movement that is too small costs no further request. */
const isWanted = ({ isTooSmall }: Want) => (movement: Movement): boolean =>
  movement._tag === "TokenMoved" || !isTooSmall(movement.transfer)

/** The block of this number. Fails if the endpoint is behind. */
export const headerOf = (endpoint: ChainEndpoint, number: number): Effect.Effect<Header, NodeFault> =>
  Effect.flatMap(
    endpoint.header(number),
    (header) => header === undefined ? fault(endpoint, `block ${number} is missing`) : Effect.succeed(header)
  )

const fault = ({ name }: ChainEndpoint, detail: string) => new NodeFault({ endpoint: name, detail })

/** The endpoint still has a block that was read before. */
export const requireBlock = Effect.fnUntraced(function*(endpoint: ChainEndpoint, block: BlockRef) {
  if (!isSameBlock(yield* headerOf(endpoint, block.number), block)) {
    return yield* fault(endpoint, "the blocks changed while they were read")
  }
})

/**
 * The movements of a range. Every log has to be of a block that the endpoint holds for canonical, before and after. Logs
 * that are missing where the bloom filter has some are looked for in the receipts of the block. `after`: the block before
 * the range.
 */
export const readPage = Effect.fnUntraced(
  function*(endpoint: ChainEndpoint, range: BlockRange, after: BlockRef, want: Want) {
    if (range.from === range.to || want.everyHeader) return yield* readEachHeader(endpoint, range, after, want)
    const last = yield* headerOf(endpoint, range.to)
    const all = yield* endpoint.movements(range, want)
    const movements = all.filter(isWanted(want))
    yield* checkBlocks(endpoint, range, movements, [last])
    if (movements.length > 0) yield* requireBlock(endpoint, last)
    return { last, movements, ignored: all.length - movements.length }
  }
)

const readEachHeader = Effect.fnUntraced(
  function*(endpoint: ChainEndpoint, range: BlockRange, after: BlockRef, want: Want) {
    const headers: Array<Header> = []
    let before = after
    for (let number = range.from; number <= range.to; number++) {
      const header = yield* headerOf(endpoint, number)
      if (header.parentHash !== before.hash) return yield* fault(endpoint, "the blocks changed while they were read")
      headers.push(header)
      before = header
    }
    const last = headers.at(-1)
    if (last === undefined) return yield* fault(endpoint, "a range without blocks")
    const byIndex = yield* endpoint.movements(range.from === range.to ? last : range, want)
    yield* checkBlocks(endpoint, range, byIndex, headers)
    const all = new Map(byIndex.map((it) => [movementId(it), it]))
    for (const header of headers) {
      const isEmpty = !byIndex.some(({ block }) => block.number === header.number)
      if (!header.mayConcern || !(isEmpty || want.everyHeader)) continue
      for (const it of yield* endpoint.receipts(header)) all.set(movementId(it), it)
    }
    const movements = [...all.values()].filter(isWanted(want))
    return { last, movements, ignored: all.size - movements.length }
  }
)

const checkBlocks = Effect.fnUntraced(function*(
  endpoint: ChainEndpoint,
  { from, to }: BlockRange,
  movements: ReadonlyArray<Movement>,
  headers: ReadonlyArray<Header>
) {
  const hashes = new Map<number, string>(headers.map(({ hash, number }) => [number, hash]))
  for (const { block } of movements) {
    if (block.number < from || block.number > to) return yield* fault(endpoint, `a log of block ${block.number}`)
    const known = hashes.get(block.number) ?? (yield* headerOf(endpoint, block.number)).hash
    hashes.set(block.number, known)
    if (known !== block.hash) return yield* fault(endpoint, "a log of another history")
  }
})
