/**
 * Keeps what was read from the chains in maps: for tests and examples.
 */
import type { ChainId } from "@dchat/domain/identity"
import {
  ChainLedger,
  type ChainStatus,
  type InboxQuery,
  mostTokens,
  type Observation,
  type StoredTransfer,
  type TokenOwner,
  type Track,
  type TrackName
} from "@dchat/domain/onchain"
import type { ExternalId, Money } from "@dchat/domain/subscription"
import { Clock, DateTime, Effect, Layer } from "effect"

interface MemoryChain {
  token: number
  holder: string | undefined
  leasedUntil: number
  readonly tracks: Record<TrackName, Track>
  readAt: DateTime.Utc | undefined
  halted: string | undefined
  ignored: number
  readonly owners: Map<string, TokenOwner>
}

interface Exposure {
  readonly userId: string
  readonly value: Money
}

const empty = (): MemoryChain => ({
  token: 0,
  holder: undefined,
  leasedUntil: 0,
  tracks: { tip: { anchors: [] }, settled: { anchors: [] } },
  readAt: undefined,
  halted: undefined,
  ignored: 0,
  owners: new Map()
})

type Token = Pick<TokenOwner, "contract" | "tokenId">

const byToken = (one: Token, other: Token): number => {
  if (one.contract !== other.contract) return one.contract < other.contract ? -1 : 1
  return one.tokenId < other.tokenId ? -1 : Number(one.tokenId > other.tokenId)
}

const compare = (one: string, other: string): number => one < other ? -1 : one > other ? 1 : 0

const idOf = ({ moved }: StoredTransfer): ExternalId => moved.transfer.externalId

const byBlock = (one: StoredTransfer, other: StoredTransfer): number =>
  one.moved.block.number - other.moved.block.number || compare(idOf(one), idOf(other))

const goneFirst = (one: StoredTransfer, other: StoredTransfer): number =>
  Number(other.stage === "dropped") - Number(one.stage === "dropped") || byBlock(one, other)

type Place = NonNullable<InboxQuery["before"]>

const isOlder = (one: Place, other: Place): boolean =>
  (DateTime.Order(one.seenAt, other.seenAt) || compare(one.externalId, other.externalId)) < 0

const newestFirst = (one: StoredTransfer, other: StoredTransfer): number =>
  DateTime.Order(other.seenAt, one.seenAt) || compare(idOf(other), idOf(one))

const make = () => {
  const chains = new Map<ChainId, MemoryChain>()
  const transfers = new Map<ExternalId, StoredTransfer>()
  const untold = new Set<ExternalId>()
  const exposures = new Map<ExternalId, Exposure>()

  const chainOf = (chainId: ChainId): MemoryChain => {
    const known = chains.get(chainId) ?? empty()
    chains.set(chainId, known)
    return known
  }

  const ofChain = (chainId: ChainId) =>
    [...transfers.values()].filter(({ moved }) => moved.transfer.chainId === chainId)

  const keep = ({ moved, stage }: Observation, at: DateTime.Utc) => {
    const { externalId } = moved.transfer
    const { revision = 0, seenAt = at, verdict = { _tag: "Unjudged" } } = transfers.get(externalId) ?? {}
    transfers.set(externalId, { moved, stage, verdict, revision: revision + 1, seenAt })
    untold.add(externalId)
  }

  const statusOf = ([chainId, { halted, ignored, readAt, tracks }]: [ChainId, MemoryChain]): ChainStatus => ({
    chainId,
    settledTo: tracks.settled.anchors.at(-1)?.number,
    tipTo: tracks.tip.anchors.at(-1)?.number,
    readAt,
    halted,
    ignored
  })

  const sum = (of: Iterable<Exposure>) => [...of].reduce((total, { value }) => total + value.minorUnits, 0n)

  return ChainLedger.of({
    lease: (chainId, host, seconds) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const chain = chainOf(chainId)
        if (chain.holder !== undefined && chain.holder !== host && chain.leasedUntil > now) return undefined
        chain.holder = host
        chain.leasedUntil = now + seconds * 1000
        chain.token += 1
        return { chainId, token: chain.token }
      }),
    track: (chainId, name) => Effect.sync(() => chainOf(chainId).tracks[name]),
    transfersIn: (chainId, { from, to }) =>
      Effect.sync(() =>
        ofChain(chainId)
          .filter(({ moved: { block } }) => block.number >= from && block.number <= to)
          .toSorted(byBlock)
      ),
    unsettledBelow: (chainId, to, limit) =>
      Effect.sync(() =>
        ofChain(chainId)
          .filter(({ moved, stage }) => stage === "settled" && moved.block.number <= to)
          .toSorted(byBlock)
          .slice(0, limit)
      ),
    transfer: (externalId) => Effect.sync(() => transfers.get(externalId)),
    commit: ({ chainId, token }, { at, ignored, state, tokens, track, transfers: judged }) =>
      Effect.sync(() => {
        const chain = chainOf(chainId)
        if (chain.token !== token) return false
        chain.tracks[track] = state
        chain.readAt = at
        if (track === "settled") chain.ignored += ignored
        for (const one of judged) keep(one, at)
        for (const one of tokens) chain.owners.set(`${one.contract}:${one.tokenId}`, one)
        return true
      }),
    untold: (chainId, after, limit) =>
      Effect.sync(() =>
        ofChain(chainId)
          .filter((it) => untold.has(idOf(it)) && (after === undefined || goneFirst(it, after) > 0))
          .toSorted(goneFirst)
          .slice(0, limit)
      ),
    judge: (externalId, revision, verdict) =>
      Effect.sync(() => {
        const stored = transfers.get(externalId)
        if (stored?.revision !== revision) return false
        transfers.set(externalId, { ...stored, verdict, revision: revision + 1 })
        untold.delete(externalId)
        return true
      }),
    halt: ({ chainId, token }, reason) =>
      Effect.sync(() => {
        const chain = chainOf(chainId)
        if (chain.token === token) chain.halted = reason
      }),
    status: Effect.sync(() => [...chains].map(statusOf)),
    expose: ({ externalId, userId, value }, budget) =>
      Effect.sync(() => {
        if (exposures.has(externalId)) return true
        if ([budget.installation, budget.user].some(({ currency }) => currency !== value.currency)) return false
        const all = [...exposures.values()]
        const own = all.filter((it) => it.userId === userId)
        const fits = sum(all) + value.minorUnits <= budget.installation.minorUnits &&
          sum(own) + value.minorUnits <= budget.user.minorUnits
        if (fits) exposures.set(externalId, { userId, value })
        return fits
      }),
    release: (externalId) => Effect.sync(() => void exposures.delete(externalId)),
    inbox: ({ before, chainId, limit, reason }) =>
      Effect.sync(() =>
        [...transfers.values()]
          .filter(({ moved, seenAt, stage, verdict }) =>
            verdict._tag === "Unmatched" && stage !== "dropped" &&
            (chainId === undefined || moved.transfer.chainId === chainId) &&
            (reason === undefined || verdict.reason === reason) &&
            (before === undefined || isOlder({ externalId: moved.transfer.externalId, seenAt }, before))
          )
          .toSorted(newestFirst)
          .slice(0, limit)
      ),
    tokensOf: (chainId, owner) =>
      Effect.sync(() =>
        [...chainOf(chainId).owners.values()]
          .filter((it) => it.owner === owner)
          .toSorted(byToken)
          .slice(0, mostTokens)
      ),
    setOwner: (chainId, token) =>
      Effect.sync(() => void chainOf(chainId).owners.set(`${token.contract}:${token.tokenId}`, token)),
    tokensAfter: (chainId, after, limit) =>
      Effect.sync(() =>
        [...chainOf(chainId).owners.values()]
          .toSorted(byToken)
          .filter((token) => after === undefined || byToken(token, after) > 0)
          .slice(0, limit)
      ),
    token: (chainId, contract, tokenId) => Effect.sync(() => chainOf(chainId).owners.get(`${contract}:${tokenId}`))
  })
}

export const layer = Layer.sync(ChainLedger, make)
