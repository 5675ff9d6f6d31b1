/**
 * The asset and the wallet of a payment on a chain, as a client names them.
 */
import { ChainId, WalletAddress } from "@dchat/domain/identity"
import type { QuoteWish } from "@dchat/domain/subscription"
import { Schema } from "effect"

/** In any letter case. */
export const Address = Schema.String.check(
  Schema.isPattern(/^0x(?!0{40}$)[0-9a-fA-F]{40}$/u, { expected: "an Ethereum address other than the zero address" })
)

export const QuoteWishView = Schema.Struct({
  chainId: ChainId,
  /** The ERC-20 contract, or `native` for the currency of the chain. */
  asset: Schema.String.check(
    Schema.isPattern(/^(?:native|0x(?!0{40}$)[0-9a-fA-F]{40})$/u, { expected: "`native` or a contract" })
  ),
  payer: Schema.optionalKey(Address)
})
export type QuoteWishView = typeof QuoteWishView.Type

export const addressOf = (text: string): WalletAddress => WalletAddress.make(text.toLowerCase())

export const quoteWishOf = ({ asset, chainId, payer }: QuoteWishView): QuoteWish => ({
  chainId,
  asset: asset === "native" ? asset : addressOf(asset),
  ...(payer !== undefined && { payer: addressOf(payer) })
})
