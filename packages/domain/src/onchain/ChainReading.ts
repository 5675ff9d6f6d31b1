/**
 * Moves a track of one chain forward: finds the last block that the chain still has, reads page by page from there, and
 * stores what each page has shown.
 */
import { DateTime, Effect } from "effect"
import type { Transfer } from "../subscription/index.ts"
import { type BlockRef, type Header, isSameBlock } from "./model/Block.ts"
import type { Chain } from "./model/Chain.ts"
import { type Movement, movementId, type TransferMoved } from "./model/Movement.ts"
import { Disagreement, HistoryLost, NodeFault } from "./model/OnchainErrors.ts"
import type { StoredTransfer } from "./model/StoredTransfer.ts"
import { headerOf, type Page, readPage, requireBlock, type Want } from "./PageReader.ts"
import { ChainLedger, type PageCommit, type ScanLease, type TrackName } from "./ports/ChainLedger.ts"
import type { BlockRange, ChainEndpoint } from "./ports/ChainNodes.ts"
import { QuotedPayments } from "./ports/QuotedPayments.ts"
import type { DepthNumbers } from "./rules/Depths.ts"
import { agree, reconcile } from "./rules/Reconciling.ts"
import { advancedTo, cursorOf, cutTo, type Track } from "./rules/Track.ts"
import { makeTokenOwners } from "./TokenOwners.ts"
import { makeTransferTelling } from "./TransferTelling.ts"

/** The receipts of at most so many blocks are compared if two endpoints disagree about the logs. */
const mostCompared = 20

/** For how long after the limit of a quote a transfer of the native currency is still looked for, in hours. */
const lateHours = 1

/** One attempt to read a chain. */
export interface Reading {
  readonly chain: Chain
  readonly lease: ScanLease
  readonly endpoint: ChainEndpoint
  /** Another endpoint, which has to say the same. Absent if the chain has one endpoint only. */
  readonly witness?: ChainEndpoint | undefined
  readonly depths: DepthNumbers
  readonly want: Want
}

const isTransfer = (movement: Movement): movement is TransferMoved => movement._tag === "TransferMoved"

/** Whether the transfer is the value of a transaction, which has no log. */
const isValue = ({ moved: { transfer: { externalId } } }: StoredTransfer): boolean => externalId.endsWith(":native")

/** The ranges that an endpoint answers, learnt by halving: providers do not say what they accept. */
const ranges = new WeakMap<ChainEndpoint, number>()

const rangeOf = (endpoint: ChainEndpoint, { maxRange }: Chain): number => ranges.get(endpoint) ?? maxRange

export const makeChainReading = Effect.gen(function*() {
  const ledger = yield* ChainLedger
  const quoted = yield* QuotedPayments
  const ownersAfter = yield* makeTokenOwners
  const tellAccounts = yield* makeTransferTelling

  /** Reads at most the range that the endpoint answers. */
  const readNext = Effect.fnUntraced(
    function*({ chain, endpoint, want }: Reading, { from, to }: BlockRange, after: BlockRef) {
      for (;;) {
        const size = rangeOf(endpoint, chain)
        const page = yield* readPage(endpoint, { from, to: Math.min(to, from + size - 1) }, after, want).pipe(
          Effect.catch((fault) => size === 1 || from === to ? Effect.fail(fault) : Effect.succeed(undefined))
        )
        const next = page === undefined ? Math.max(1, Math.floor(size / 2)) : size + Math.ceil(size / 8)
        ranges.set(endpoint, Math.min(chain.maxRange, next))
        if (page !== undefined) return page
      }
    }
  )

  /** Reads the whole range, in several requests if needed. */
  const readAll = Effect.fnUntraced(function*(reading: Reading, { from, to }: BlockRange, after: BlockRef) {
    let page: Page = yield* readNext(reading, { from, to }, after)
    while (page.last.number < to) {
      const more: Page = yield* readNext(reading, { from: page.last.number + 1, to }, page.last)
      page = {
        last: more.last,
        movements: [...page.movements, ...more.movements],
        ignored: page.ignored + more.ignored
      }
    }
    return page
  })

  /** The newest block of the track that the chain still has. An endpoint that lacks a block that was read is behind. */
  const commonBlock = Effect.fnUntraced(function*(endpoint: ChainEndpoint, name: TrackName, { anchors }: Track) {
    for (const anchor of anchors.toReversed()) {
      const header = yield* headerOf(endpoint, anchor.number)
      if (isSameBlock(header, anchor)) return header
    }
    if (anchors.length === 0) return undefined
    const fault = { endpoint: endpoint.name, detail: "has none of the blocks that were read before" }
    return yield* name === "settled" ? new HistoryLost(fault) : new NodeFault(fault)
  })

  /**
   * A transfer whose block is still there cannot be gone: then the endpoint left out a log. If the receipts of the block
   * lack the log as well, an endpoint had invented the transfer.
   */
  const checkOmissions = Effect.fnUntraced(function*(
    { endpoint }: Reading,
    known: ReadonlyArray<StoredTransfer>,
    found: ReadonlyArray<TransferMoved>
  ) {
    const now = new Set(found.map(({ transfer }) => transfer.externalId))
    for (const stored of known) {
      const { block, transfer: { externalId } } = stored.moved
      if (stored.stage === "dropped" || now.has(externalId)) continue
      const header = yield* endpoint.header(block.number)
      if (header === undefined || !isSameBlock(header, block)) continue
      // The value of a transaction is in no receipt.
      const inBlock = isValue(stored) ? [stored.moved] : yield* endpoint.receipts(header)
      if (inBlock.some((it) => movementId(it) === externalId)) {
        return yield* new NodeFault({ endpoint: endpoint.name, detail: `block ${block.number} lacks a known log` })
      }
    }
  })

  /**
   * The witness has to have the same blocks, with the block before the page, and the same movements. Both also have to have
   * the block before the page, asked last: otherwise the chain may have changed between that block and the page. One of the
   * two alone may be several nodes behind one address, which answer from different histories.
   */
  const confirm = Effect.fnUntraced(function*(reading: Reading, range: BlockRange, page: Page, after: BlockRef) {
    const { depths, endpoint, want, witness } = reading
    // A reorganisation can make the chain shorter, so that the blocks are less deep than when the head was read.
    if (page.movements.length > 0) yield* headerOf(witness ?? endpoint, depths.latest)
    // Without a witness, the headers of all blocks were read if somebody may have paid.
    if (witness === undefined) return want.everyHeader ? undefined : yield* requireBlock(endpoint, after)
    const disagreement = new Disagreement({
      endpoint: endpoint.name,
      detail: `disagrees with ${witness.name} about the blocks ${range.from} to ${range.to}`
    })
    if (!isSameBlock(yield* headerOf(witness, after.number), after)) return yield* disagreement
    const other = yield* readAll({ ...reading, endpoint: witness }, range, after)
    if (!isSameBlock(page.last, other.last) || !agree(page.movements, other.movements)) return yield* disagreement
    yield* requireBlock(witness, after)
    yield* requireBlock(endpoint, after)
  })

  /** Endpoints that disagree may have left out logs. The receipts of the blocks have them. */
  const readConfirmed = (reading: Reading, range: BlockRange, after: BlockRef): Effect.Effect<Page, NodeFault> =>
    Effect.gen(function*() {
      const page = yield* readAll(reading, range, after)
      yield* confirm(reading, range, page, after)
      return page
    }).pipe(
      Effect.catchIf(
        (fault) => fault instanceof Disagreement && !reading.want.everyHeader && range.to - range.from < mostCompared,
        () => readConfirmed({ ...reading, want: { ...reading.want, everyHeader: true } }, range, after)
      )
    )

  /** Stores a page, and tells the accounts. */
  const commit = Effect.fnUntraced(function*(
    { chain: { chainId }, lease }: Reading,
    page: Omit<PageCommit, "at">
  ) {
    const isStored = yield* ledger.commit(lease, { ...page, at: yield* DateTime.now })
    if (!isStored) {
      return yield* new NodeFault({ endpoint: "this host", detail: `lost the lease of chain ${chainId}` })
    }
    if (page.transfers.length > 0) yield* tellAccounts(chainId)
    return page.transfers.length
  })

  /**
   * The native currency is looked for after quotes that could be paid in the blocks, and if the range had some before. A
   * known transfer is looked for whatever the minimum is by now.
   */
  const wantIn = Effect.fnUntraced(
    function*({ chain, want }: Reading, known: ReadonlyArray<StoredTransfer>, since: DateTime.Utc) {
      const { isNativeAwaited } = yield* quoted.interest(chain.chainId, DateTime.subtract(since, { hours: lateHours }))
      const ids = new Set(known.map(({ moved }) => moved.transfer.externalId))
      return {
        ...want,
        native: isNativeAwaited || known.some((it) => it.stage !== "dropped" && isValue(it)),
        isTooSmall: (transfer: Transfer) => !ids.has(transfer.externalId) && want.isTooSmall(transfer)
      }
    }
  )

  /** Reads one range, compares, and stores the result. `after`: the block before the range. `target`: the last deep block. */
  const readStep = Effect.fnUntraced(function*(
    narrow: Reading,
    name: TrackName,
    state: Track,
    { after, target, ...range }: BlockRange & { readonly after: Header; readonly target: number }
  ) {
    const { chain: { chainId }, depths } = narrow
    const known = yield* ledger.transfersIn(chainId, range)
    const reading = { ...narrow, want: yield* wantIn(narrow, known, after.at) }
    const page = name === "settled"
      ? yield* readConfirmed(reading, range, after)
      : yield* readAll(reading, range, after)
    const found = page.movements.filter(isTransfer)
    yield* checkOmissions(reading, known, found)
    // A reorganised page may be longer than what is deep enough now. Its blocks are read again when they are.
    const isDeep = page.last.number <= target
    const next = isDeep ? advancedTo(state, { number: page.last.number, hash: page.last.hash }, depths.final) : state
    const tokens = name === "settled" ? yield* ownersAfter(reading, page) : []
    const transfers = reconcile(known, found, depths)
    const changes = yield* commit(reading, { track: name, state: next, transfers, tokens, ignored: page.ignored })
    return { changes, state: next, last: page.last }
  })

  /**
   * A chain that was never read is read from its final blocks, because no later block is certain to stay; or from where
   * its tip was read first.
   */
  const startOf = ({ chainId }: Chain, { final }: DepthNumbers) =>
    Effect.map(
      ledger.track(chainId, "tip"),
      ({ anchors: [first] }) => Math.max(0, first === undefined ? final : Math.min(first.number, final))
    )

  /** Reads from the last common block to `target`. Returns the number of changes. */
  const advance = Effect.fnUntraced(function*(reading: Reading, name: TrackName, before: Track, target: number) {
    const { chain, depths, endpoint } = reading
    const common = yield* commonBlock(endpoint, name, before)
    const first = common ?? (yield* headerOf(endpoint, yield* startOf(chain, depths)))
    const formerEnd = cursorOf(before)?.number ?? first.number
    // What was reorganised is read as one page: a transfer that moved within these blocks was never gone.
    const end = Math.max(target, formerEnd)
    let state = common === undefined
      ? { anchors: [{ number: first.number, hash: first.hash }] }
      : cutTo(before, first.number)
    if (common === undefined) yield* commit(reading, { track: name, state, transfers: [], tokens: [], ignored: 0 })
    let changes = 0
    let after = first
    while (after.number < end) {
      const from = after.number + 1
      const to = from <= formerEnd ? formerEnd : Math.min(end, from + rangeOf(endpoint, chain) - 1)
      const step = yield* readStep(reading, name, state, { from, to, after, target })
      changes += step.changes
      state = step.state
      after = step.last
    }
    return changes
  })

  /** Moves the stage of known transfers on, whose blocks the track still has. */
  const deepen = Effect.fnUntraced(function*(
    reading: Reading,
    name: TrackName,
    known: ReadonlyArray<StoredTransfer>
  ) {
    const present = known.filter(({ stage }) => stage !== "dropped")
    const transfers = reconcile(present, present.map(({ moved }) => moved), reading.depths)
    if (transfers.length === 0) return 0
    const state = yield* ledger.track(reading.chain.chainId, name)
    return yield* commit(reading, { track: name, state, transfers, tokens: [], ignored: 0 })
  })

  return { advance, deepen, tellAccounts }
})
