/**
 * A chain on which users can pay: its assets, its recipient, and how deep a block has to be.
 */
import { Schema } from "effect"
import { ChainId } from "../../identity/model/ChainId.ts"
import { WalletAddress } from "../../identity/model/WalletAddress.ts"
import { Asset, BaseUnits, Tier } from "../../subscription/index.ts"

/**
 * How deep a block has to be. `blocks`: the number of blocks from the head, with the block itself, so 1 is the head.
 * `tag`: at most the block of this tag (https://ethereum.github.io/execution-apis/).
 */
export const Depth = Schema.Union([
  Schema.Struct({ blocks: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 })) }),
  Schema.Struct({ tag: Schema.Literals(["safe", "finalized"]) })
])
export type Depth = typeof Depth.Type

/** The tokens of an ERC-721 contract that give a lifetime membership. */
export const MembershipTokens = Schema.Struct({
  contract: WalletAddress,
  tier: Tier,
  /** The first and the last token id. By default all tokens of the contract. */
  from: Schema.optionalKey(BaseUnits),
  to: Schema.optionalKey(BaseUnits)
})
export type MembershipTokens = typeof MembershipTokens.Type

/** An asset in which users can pay. */
export const AcceptedAsset = Schema.Struct({
  ...Asset.fields,
  /**
   * The smallest transfer that is stored, in base units. Smaller ones are counted only, and no smaller amount is quoted.
   * Default: 0.01 of a token, a millionth of a native currency.
   */
  minimum: Schema.optionalKey(BaseUnits.check(Schema.isGreaterThanBigInt(0n)))
})
export type AcceptedAsset = typeof AcceptedAsset.Type

export const Chain = Schema.Struct({
  chainId: ChainId,
  /** As users know the chain, such as `Base`. */
  name: Schema.String.check(Schema.isPattern(/^[\x20-\x7e]{1,40}$/u)),
  /** The native currency; absent if it is not accepted. */
  native: Schema.optionalKey(AcceptedAsset),
  /** The accepted ERC-20 tokens. */
  tokens: Schema.Array(AcceptedAsset),
  /** The account that receives the payments. */
  recipient: WalletAddress,
  /** The contract that forwards a payment together with its reference. */
  router: Schema.optionalKey(WalletAddress),
  /** Where a payment may give access within the exposure budget. */
  provisionalAt: Depth,
  /** Where a payment counts as paid. */
  settledAt: Depth,
  /** Where a payment is not looked at any more. */
  finalAt: Depth,
  /** The most blocks in one request for logs. */
  maxRange: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 })),
  memberships: Schema.Array(MembershipTokens),
  /** A contract of the former system whose subscriptions give tiers: a source of grants only. */
  subscriptionManager: Schema.optionalKey(WalletAddress),
  /** The block explorer, such as `https://basescan.org`. */
  explorer: Schema.optionalKey(Schema.String)
})
export type Chain = typeof Chain.Type

/** The tier of a token; undefined if the token gives no membership. */
export const tierOfToken = ({ memberships }: Chain, contract: WalletAddress, tokenId: bigint): Tier | undefined =>
  memberships.find(({ contract: of, from, to }) =>
    of === contract && (from === undefined || tokenId >= from) && (to === undefined || tokenId <= to)
  )?.tier
