/**
 * Moves a track of one chain forward: finds the last block that the chain still has, reads page by page from there, and
 * stores what each page has shown.
 */
import { DateTime, Effect } from "effect"
import { isSameBlock } from "./model/Block.ts"
import type { Chain } from "./model/Chain.ts"
import type { Movement, TokenMoved, TransferMoved } from "./model/Movement.ts"
import { NodeFault } from "./model/OnchainErrors.ts"
import type { StoredTransfer } from "./model/StoredTransfer.ts"
import { headerOf, type Page, readPage, type Want } from "./PageReader.ts"
import { ChainLedger, type ScanLease, type TokenOwner, type TrackName } from "./ports/ChainLedger.ts"
import type { BlockRange, ChainEndpoint } from "./ports/ChainNodes.ts"
import type { DepthNumbers } from "./rules/Depths.ts"
import { agree, type Observation, reconcile } from "./rules/Reconciling.ts"
import { advancedTo, cursorOf, cutTo, type Track } from "./rules/Track.ts"
import { TokenMemberships } from "./TokenMemberships.ts"
import { TransferAttribution } from "./TransferAttribution.ts"

/** How many accounts are told at once. */
const concurrency = 8

/** The chain has no block any more that was final. An administrator has to look. */
export class HistoryLost extends NodeFault {}

/** Two endpoints say different things about blocks that are deep enough to be settled. */
export class Disagreement extends NodeFault {}

/** One attempt to read a chain. */
export interface Reading {
  readonly chain: Chain
  readonly lease: ScanLease
  readonly endpoint: ChainEndpoint
  /** Another endpoint that has to say the same, if one answers. */
  readonly witness?: ChainEndpoint | undefined
  readonly depths: DepthNumbers
  readonly want: Want
}

const isToken = (movement: Movement): movement is TokenMoved => movement._tag === "TokenMoved"

const isTransfer = (movement: Movement): movement is TransferMoved => movement._tag === "TransferMoved"

/** The ranges that an endpoint answers, learnt by halving: providers do not say what they accept. */
const ranges = new WeakMap<ChainEndpoint, number>()

const rangeOf = (endpoint: ChainEndpoint, { maxRange }: Chain): number => ranges.get(endpoint) ?? maxRange

export const makeChainReading = Effect.gen(function*() {
  const ledger = yield* ChainLedger
  const attribution = yield* TransferAttribution
  const memberships = yield* TokenMemberships

  /** Reads at most the range that the endpoint answers. */
  const readNext = Effect.fnUntraced(function*({ chain, endpoint, want }: Reading, { from, to }: BlockRange) {
    for (;;) {
      const size = rangeOf(endpoint, chain)
      const page = yield* readPage(endpoint, { from, to: Math.min(to, from + size - 1) }, want).pipe(
        Effect.catch((fault) => size === 1 || from === to ? Effect.fail(fault) : Effect.succeed(undefined))
      )
      const next = page === undefined ? Math.max(1, Math.floor(size / 2)) : size + Math.ceil(size / 8)
      ranges.set(endpoint, Math.min(chain.maxRange, next))
      if (page !== undefined) return page
    }
  })

  /** Reads the whole range, in several requests if needed. */
  const readAll = Effect.fnUntraced(function*(reading: Reading, { from, to }: BlockRange) {
    let page: Page = yield* readNext(reading, { from, to })
    while (page.last.number < to) {
      const more: Page = yield* readNext(reading, { from: page.last.number + 1, to })
      page = { last: more.last, movements: [...page.movements, ...more.movements] }
    }
    return page
  })

  /** The newest block of the track that the chain still has. An endpoint that lacks a block that was read is behind. */
  const commonBlock = Effect.fnUntraced(function*(endpoint: ChainEndpoint, { anchors }: Track) {
    for (const anchor of anchors.toReversed()) {
      if (isSameBlock(yield* headerOf(endpoint, anchor.number), anchor)) return anchor
    }
    if (anchors.length === 0) return undefined
    return yield* new HistoryLost({ endpoint: endpoint.name, detail: "has none of the blocks that were read before" })
  })

  /** A chain that was never read is read from now on. */
  const startAt = Effect.fnUntraced(function*(endpoint: ChainEndpoint, target: number) {
    const { hash, number } = yield* headerOf(endpoint, Math.max(0, target))
    return { number, hash }
  })

  /** A transfer whose block is still there cannot be gone: then the endpoint left out a log. */
  const checkOmissions = Effect.fnUntraced(function*(
    { endpoint }: Reading,
    known: ReadonlyArray<StoredTransfer>,
    found: ReadonlyArray<TransferMoved>
  ) {
    const now = new Set(found.map(({ transfer }) => transfer.externalId))
    for (const { moved, stage } of known) {
      if (stage === "dropped" || now.has(moved.transfer.externalId)) continue
      const header = yield* endpoint.header(moved.block.number)
      if (header !== undefined && isSameBlock(header, moved.block)) {
        return yield* new NodeFault({
          endpoint: endpoint.name,
          detail: `block ${moved.block.number} lacks a known log`
        })
      }
    }
  })

  /** Another endpoint has to have the same blocks and the same transfers. An endpoint that does not answer is no witness. */
  const confirm = Effect.fnUntraced(function*(reading: Reading, range: BlockRange, page: Page) {
    const { endpoint, witness } = reading
    if (witness === undefined) return
    const other = yield* readAll({ ...reading, endpoint: witness }, range).pipe(
      Effect.catch(() => Effect.succeed(undefined))
    )
    if (other === undefined) return
    const isSame = isSameBlock(page.last, other.last) &&
      agree(page.movements.filter(isTransfer), other.movements.filter(isTransfer))
    if (!isSame) {
      return yield* new Disagreement({
        endpoint: endpoint.name,
        detail: `disagrees with ${witness.name} about the blocks ${range.from} to ${range.to}`
      })
    }
  })

  const judge = (known: ReadonlyArray<StoredTransfer>, observations: ReadonlyArray<Observation>) => {
    const before = new Map(known.map((it) => [it.moved.transfer.externalId, it]))
    return Effect.forEach(observations, ({ moved, stage }) =>
      Effect.gen(function*() {
        const { transfer } = moved
        const stored = before.get(transfer.externalId) ?? (yield* ledger.transfer(transfer.externalId))
        const verdict = yield* attribution.follow({ transfer, stage }, stored)
        return { moved, stage, verdict }
      }), { concurrency })
  }

  const commit = Effect.fnUntraced(function*(
    { chain, lease }: Reading,
    track: TrackName,
    state: Track,
    { known, observations, tokens }: {
      readonly known: ReadonlyArray<StoredTransfer>
      readonly observations: ReadonlyArray<Observation>
      readonly tokens: ReadonlyArray<TokenOwner>
    }
  ) {
    const transfers = yield* judge(known, observations)
    const isStored = yield* ledger.commit(lease, { track, state, transfers, tokens, at: yield* DateTime.now })
    if (!isStored) {
      return yield* new NodeFault({ endpoint: "this host", detail: `lost the lease of chain ${chain.chainId}` })
    }
    return observations.length
  })

  /** The owners of the tokens that moved in a page, as the contract states them after the page. */
  const ownersAfter = Effect.fnUntraced(function*({ chain, endpoint }: Reading, { last, movements }: Page) {
    const moved = new Map(
      movements.filter(isToken).map(({ contract, tokenId }) => [`${contract}:${tokenId}`, { contract, tokenId }])
    )
    const owners = yield* Effect.forEach(
      moved.values(),
      ({ contract, tokenId }) =>
        Effect.map(endpoint.ownerOf(contract, tokenId, last.number), (owner) => ({ contract, tokenId, owner })),
      {
        concurrency
      }
    )
    yield* Effect.forEach(owners, (owner) => memberships.follow(chain, owner), { discard: true })
    return owners
  })

  /** Reads one range, compares, and stores the result. `knownTo`: where the former history ended. */
  const readStep = Effect.fnUntraced(function*(
    reading: Reading,
    name: TrackName,
    state: Track,
    { from, knownTo, to }: BlockRange & { readonly knownTo: number }
  ) {
    const { chain, depths } = reading
    const page = yield* readAll(reading, { from, to })
    const known = yield* ledger.transfersIn(chain.chainId, { from, to: knownTo })
    const found = page.movements.filter(isTransfer)
    yield* checkOmissions(reading, known, found)
    if (name === "settled") yield* confirm(reading, { from, to }, page)
    const next = advancedTo(state, { number: page.last.number, hash: page.last.hash }, depths.final)
    const tokens = name === "settled" ? yield* ownersAfter(reading, page) : []
    const observations = reconcile(known, found, depths)
    const changes = yield* commit(reading, name, next, { known, observations, tokens })
    return { changes, state: next }
  })

  /** Reads from the last common block to `target`. Returns the number of changes. */
  const advance = Effect.fnUntraced(function*(reading: Reading, name: TrackName, before: Track, target: number) {
    const { chain, endpoint } = reading
    const common = yield* commonBlock(endpoint, before)
    const first = common ?? (yield* startAt(endpoint, target))
    const formerEnd = cursorOf(before)?.number ?? first.number
    if (first.number >= target && formerEnd === first.number) {
      return common === undefined
        ? yield* commit(reading, name, { anchors: [first] }, { known: [], observations: [], tokens: [] })
        : 0
    }
    let state = common === undefined ? { anchors: [first] } : cutTo(before, first.number)
    let changes = 0
    let from = first.number + 1
    // What was reorganised is read as one page: a transfer that moved within these blocks was never gone.
    const end = Math.max(target, formerEnd)
    while (from <= end) {
      const to = from <= formerEnd ? formerEnd : Math.min(end, from + rangeOf(endpoint, chain) - 1)
      const step = yield* readStep(reading, name, state, { from, to, knownTo: to })
      changes += step.changes
      state = step.state
      from = to + 1
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
    const observations = reconcile(present, present.map(({ moved }) => moved), reading.depths)
    if (observations.length === 0) return 0
    const state = yield* ledger.track(reading.chain.chainId, name)
    return yield* commit(reading, name, state, { known, observations, tokens: [] })
  })

  return { advance, deepen }
})
