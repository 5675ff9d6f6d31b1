/**
 * Port: offers of payments on a chain.
 */
import { Context, Effect, Layer, Schema } from "effect"
import type { ChainId } from "../../identity/model/ChainId.ts"
import type { UserId } from "../../identity/model/UserId.ts"
import type { WalletAddress } from "../../identity/model/WalletAddress.ts"
import type { Money } from "../model/Money.ts"
import type { Payment } from "../model/Payment.ts"
import type { Asset, Bytes32, Quote } from "../model/Quote.ts"
import type { PaymentId } from "../model/SubscriptionIds.ts"
import type { TransferMisfit } from "../model/Transfer.ts"
import { Web3NotConfigured } from "./Billing.ts"

/** The chain, the asset and the wallet with which a user wants to pay. */
export interface QuoteWish {
  readonly chainId: ChainId
  /** The ERC-20 contract, or the native currency. */
  readonly asset: WalletAddress | "native"
  /** Defaults to the primary wallet of the user. */
  readonly payer?: WalletAddress | undefined
}

/** The installation does not accept this asset on this chain. */
export class AssetNotOffered extends Schema.TaggedError<AssetNotOffered>()("AssetNotOffered", {}) {
  override get message() {
    return "this asset is not accepted on this chain"
  }
}

/** The user has no wallet of their own, only the temporary one. Link a wallet first. */
export class WalletPlaceholder extends Schema.TaggedError<WalletPlaceholder>()("WalletPlaceholder", {}) {
  override get message() {
    return "link the wallet with which you want to pay"
  }
}

/** The wallet is not linked to the user, or is a contract on another chain. */
export class WalletNotUsable extends Schema.TaggedError<WalletNotUsable>()("WalletNotUsable", {}) {
  override get message() {
    return "this wallet is not linked to the user, or is a contract on another chain"
  }
}

/** No price of the native currency is known that is recent and positive. */
export class PriceUnavailable extends Schema.TaggedError<PriceUnavailable>()("PriceUnavailable", {}) {
  override get message() {
    return "no current price of this currency is known: choose another currency or try again later"
  }
}

export type QuoteRefusal =
  | Web3NotConfigured
  | AssetNotOffered
  | WalletPlaceholder
  | WalletNotUsable
  | PriceUnavailable

/** A chain on which users can pay. */
export interface OfferedChain {
  readonly chainId: ChainId
  readonly name: string
  /** The URL of the block explorer. */
  readonly explorer?: string | undefined
  readonly assets: ReadonlyArray<Asset>
}

/** The payment for which a quote is made. */
export interface QuoteRequest {
  readonly userId: UserId
  readonly paymentId: PaymentId
  /** The price without the credit. */
  readonly price: Money
  readonly credit?: Money | undefined
  readonly wish: QuoteWish
}

/**
 * What the chain says about a transaction that a user named. `unknown`: no node has it yet. `pending`: in no block.
 * `failed`: the transaction failed and moved nothing. `fits`: a transfer in it pays the quote, once it is deep enough.
 * `misfit`: no transfer in it pays the quote, for this reason. `unavailable`: no node answers now.
 */
export type Inspection =
  | { readonly state: "unknown" | "pending" | "failed" | "fits" | "unavailable" }
  | { readonly state: "misfit"; readonly reason: TransferMisfit | "no_transfer" }

export class Quoting extends Context.Service<Quoting, {
  /** The chains on which users can pay now. */
  readonly offered: Effect.Effect<ReadonlyArray<OfferedChain>>
  /** Refuses if the installation accepts no payments on chains. */
  readonly require: Effect.Effect<void, Web3NotConfigured>
  /** Refuses a wish that no quote can meet, before anything is ordered. */
  check(userId: UserId, wish: QuoteWish): Effect.Effect<void, QuoteRefusal>
  quote(request: QuoteRequest): Effect.Effect<Quote, QuoteRefusal>
  /** Looks at a transaction that the user named. */
  inspect(payment: Payment, transactionHash: Bytes32): Effect.Effect<Inspection>
}>()("@dchat/domain/subscription/Quoting") {
  /** For an installation without chains. */
  static readonly layerNone = Layer.succeed(Quoting, {
    offered: Effect.succeed([]),
    require: Effect.fail(new Web3NotConfigured()),
    check: () => Effect.fail(new Web3NotConfigured()),
    inspect: () => Effect.succeed({ state: "unavailable" }),
    quote: () => Effect.fail(new Web3NotConfigured())
  })
}
