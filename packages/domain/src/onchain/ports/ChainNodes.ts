/**
 * Port: the JSON-RPC endpoints of the chains. Each method asks one endpoint, so that all answers of one page come from one
 * history.
 */
import { Context, type Effect } from "effect"
import type { ChainId } from "../../identity/model/ChainId.ts"
import type { WalletAddress } from "../../identity/model/WalletAddress.ts"
import type { Bytes32 } from "../../subscription/index.ts"
import type { BlockRef, Head, Header } from "../model/Block.ts"
import type { Movement } from "../model/Movement.ts"
import type { NodeFault } from "../model/OnchainErrors.ts"

export interface BlockRange {
  readonly from: number
  readonly to: number
}

/** A transaction as one endpoint knows it. `pending`: known, and in no block. */
export type TransactionState =
  | { readonly _tag: "unknown" | "pending" }
  | { readonly _tag: "failed"; readonly block: BlockRef }
  | { readonly _tag: "included"; readonly block: BlockRef; readonly movements: ReadonlyArray<Movement> }

export interface ChainEndpoint {
  /** The host of the endpoint, without path and keys. */
  readonly name: string
  head(tags: { readonly safe: boolean; readonly finalized: boolean }): Effect.Effect<Head, NodeFault>
  /** Undefined if the endpoint has no such block yet. */
  header(number: number): Effect.Effect<Header | undefined, NodeFault>
  /**
   * The movements in a range of blocks, or in one block by its hash (EIP-234). `native`: also the transfers of the native
   * currency by top-level transactions, which cost a request for each block. The caller checks the blocks.
   */
  movements(
    blocks: BlockRange | Header,
    want: { readonly native: boolean }
  ): Effect.Effect<ReadonlyArray<Movement>, NodeFault>
  /** As `movements` of one block, by the receipts of all its transactions instead of the index of logs. */
  receipts(block: BlockRef): Effect.Effect<ReadonlyArray<Movement>, NodeFault>
  /** The owner of an ERC-721 token at a block; undefined if the token was burnt or never minted. */
  ownerOf(contract: WalletAddress, tokenId: bigint, block: number): Effect.Effect<WalletAddress | undefined, NodeFault>
  transaction(hash: Bytes32): Effect.Effect<TransactionState, NodeFault>
}

export class ChainNodes extends Context.Service<ChainNodes, {
  /** The endpoints of a chain, in the order in which they are asked. */
  endpoints(chainId: ChainId): ReadonlyArray<ChainEndpoint>
}>()("@dchat/domain/onchain/ChainNodes") {}
