/**
 * Port: what was read from the chains. One host at a time reads a chain.
 */
import { Context, type DateTime, type Effect } from "effect"
import type { ChainId } from "../../identity/model/ChainId.ts"
import type { UserId } from "../../identity/model/UserId.ts"
import type { WalletAddress } from "../../identity/model/WalletAddress.ts"
import type { ExternalId, Money, TransferMisfit } from "../../subscription/index.ts"
import type { StoredTransfer, Verdict } from "../model/StoredTransfer.ts"
import type { Observation } from "../rules/Reconciling.ts"
import type { Track } from "../rules/Track.ts"

/** `tip`: blocks that may be reorganised, read for quick answers. `settled`: blocks at settling depth. */
export type TrackName = "tip" | "settled"

/** The right to read a chain. A later lease makes the earlier one worthless. */
export interface ScanLease {
  readonly chainId: ChainId
  readonly token: number
}

/** The state of a chain for operators. */
export interface ChainStatus {
  readonly chainId: ChainId
  readonly settledTo: number | undefined
  readonly tipTo: number | undefined
  /** When the chain was last read without a failure. */
  readonly readAt: DateTime.Utc | undefined
  /** Why nothing is settled on this chain. */
  readonly halted: string | undefined
  /** How many transfers were too small to be stored. */
  readonly ignored: number
}

/** The changes that one page has shown. */
export interface PageCommit {
  readonly track: TrackName
  readonly state: Track
  /** Keep their verdicts, and are untold. */
  readonly transfers: ReadonlyArray<Observation>
  /** The owners of tokens after the page. Absent `owner`: the token was burnt. */
  readonly tokens: ReadonlyArray<TokenOwner>
  /** How many transfers of the page were too small to be stored. The ledger counts those of the settled track. */
  readonly ignored: number
  readonly at: DateTime.Utc
}

export interface TokenOwner {
  readonly contract: WalletAddress
  readonly tokenId: bigint
  readonly owner: WalletAddress | undefined
}

export interface ExposureBudget {
  /** The most value of provisional payments, of the installation and of one user. */
  readonly installation: Money
  readonly user: Money
}

export interface InboxQuery {
  readonly chainId?: ChainId | undefined
  readonly reason?: TransferMisfit | undefined
  /** The last transfer of the page before. */
  readonly before?: { readonly seenAt: DateTime.Utc; readonly externalId: ExternalId } | undefined
  readonly limit: number
}

/** The most tokens that one list has, since anybody can send tokens to a wallet. */
export const mostTokens = 1000

export class ChainLedger extends Context.Service<ChainLedger, {
  /** The right to read the chain for `seconds`, by the clock of the store. Undefined if another host has it. */
  lease(chainId: ChainId, host: string, seconds: number): Effect.Effect<ScanLease | undefined>
  track(chainId: ChainId, name: TrackName): Effect.Effect<Track>
  /** The transfers in the blocks of a range, dropped ones too, by block. */
  transfersIn(chainId: ChainId, range: { readonly from: number; readonly to: number }): Effect.Effect<
    ReadonlyArray<StoredTransfer>
  >
  /** The settled transfers in blocks up to `to` that are not final, by block. */
  unsettledBelow(chainId: ChainId, to: number, limit: number): Effect.Effect<ReadonlyArray<StoredTransfer>>
  transfer(externalId: ExternalId): Effect.Effect<StoredTransfer | undefined>
  /** Stores a page, all of it or nothing. False if the lease is worthless; then nothing is stored. */
  commit(lease: ScanLease, page: PageCommit): Effect.Effect<boolean>
  /**
   * Transfers that have changed since an account was told: dropped ones first, then by block. `after`: the last transfer
   * of the page before.
   */
  untold(
    chainId: ChainId,
    after: StoredTransfer | undefined,
    limit: number
  ): Effect.Effect<ReadonlyArray<StoredTransfer>>
  /**
   * Records the verdict, and that the account was told. False if the transfer has another revision; then nothing is
   * stored.
   */
  judge(externalId: ExternalId, revision: number, verdict: Verdict): Effect.Effect<boolean>
  /** Records why the chain is halted, or that it is not. */
  halt(lease: ScanLease, reason: string | undefined): Effect.Effect<void>
  readonly status: Effect.Effect<ReadonlyArray<ChainStatus>>
  /**
   * Reserves the value of a provisional payment within the budget. True if it is reserved, now or before. A value in
   * another currency than that of the budget is not reserved.
   */
  expose(
    of: { readonly externalId: ExternalId; readonly userId: UserId; readonly value: Money },
    budget: ExposureBudget
  ): Effect.Effect<boolean>
  /** Releases what was reserved. */
  release(externalId: ExternalId): Effect.Effect<void>
  /** The transfers that pay nothing, newest first. */
  inbox(query: InboxQuery): Effect.Effect<ReadonlyArray<StoredTransfer>>
  /** Records the owner of a token that was read outside a page. */
  setOwner(chainId: ChainId, token: TokenOwner): Effect.Effect<void>
  /** The known tokens of a chain after this one, in the order of their contracts and ids. */
  tokensAfter(
    chainId: ChainId,
    after: Pick<TokenOwner, "contract" | "tokenId"> | undefined,
    limit: number
  ): Effect.Effect<ReadonlyArray<TokenOwner>>
  /** The tokens of an account by the settled blocks, by contract and token id. At most `mostTokens`. */
  tokensOf(chainId: ChainId, owner: WalletAddress): Effect.Effect<ReadonlyArray<TokenOwner>>
  /** A token whose owner is known, or known to be none. */
  token(chainId: ChainId, contract: WalletAddress, tokenId: bigint): Effect.Effect<TokenOwner | undefined>
}>()("@dchat/domain/onchain/ChainLedger") {}
