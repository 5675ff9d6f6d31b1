/**
 * The views of a payment on a chain: the offer, the transfer that pays, and the chains on which users can pay.
 */
import { ChainId, WalletAddress } from "@dchat/domain/identity"
import {
  amountText,
  type Asset,
  Bytes32,
  type OfferedChain,
  paymentUri,
  type Quote,
  type Transfer,
  TransferMisfit
} from "@dchat/domain/subscription"
import { Schema } from "effect"
import { MoneyView, moneyViewOf } from "./MoneyView.ts"
import { Time } from "./Time.ts"

/** The ERC-20 contract, or `native` for the currency of the chain. */
const AssetName = Schema.String.check(Schema.isPattern(/^(?:native|0x[0-9a-f]{40})$/u))

export const AssetView = Schema.Struct({
  asset: AssetName,
  symbol: Schema.String,
  decimals: Schema.Int
}).annotate({ identifier: "Asset" })
export type AssetView = typeof AssetView.Type

const assetViewOf = ({ decimals, symbol, token }: Asset): AssetView => ({ asset: token ?? "native", symbol, decimals })

export const ChainView = Schema.Struct({
  chainId: ChainId,
  name: Schema.String,
  explorer: Schema.optionalKey(Schema.String),
  assets: Schema.Array(AssetView)
}).annotate({ identifier: "PaymentChain" })
export type ChainView = typeof ChainView.Type

export const chainViewOf = ({ assets, chainId, explorer, name }: OfferedChain): ChainView => ({
  chainId,
  name,
  ...(explorer !== undefined && { explorer }),
  assets: assets.map(assetViewOf)
})

/** An amount in base units, as decimal digits: it may exceed the numbers of JSON. */
const BaseUnitsView = Schema.String.check(Schema.isPattern(/^\d{1,78}$/u))

export const QuoteView = Schema.Struct({
  chainId: ChainId,
  asset: AssetView,
  amount: BaseUnitsView,
  /** In whole units, such as `4.99`. */
  amountText: Schema.String,
  payer: WalletAddress,
  recipient: WalletAddress,
  router: Schema.optionalKey(WalletAddress),
  reference: Bytes32,
  price: MoneyView,
  credit: Schema.optionalKey(MoneyView),
  expiresAt: Time,
  acceptedUntil: Time,
  /** EIP-681. */
  uri: Schema.String
}).annotate({ identifier: "Quote" })
export type QuoteView = typeof QuoteView.Type

export const quoteViewOf = (quote: Quote): QuoteView => {
  const { acceptedUntil, amount, asset, chainId, credit, expiresAt, payer, price, recipient, reference, router } = quote
  return {
    chainId,
    asset: assetViewOf(asset),
    amount: String(amount),
    amountText: amountText(amount, asset),
    payer,
    recipient,
    ...(router !== undefined && { router }),
    reference,
    price: moneyViewOf(price),
    ...(credit && { credit: moneyViewOf(credit) }),
    expiresAt,
    acceptedUntil,
    uri: paymentUri(quote)
  }
}

export const TransferView = Schema.Struct({
  chainId: ChainId,
  transactionHash: Schema.String,
  asset: AssetName,
  amount: BaseUnitsView,
  payer: WalletAddress,
  /** The time of the block. */
  at: Time
}).annotate({ identifier: "Transfer" })
export type TransferView = typeof TransferView.Type

export const transferViewOf = ({ amount, chainId, externalId, paidAt, payer, token }: Transfer): TransferView => ({
  chainId,
  transactionHash: externalId.split(":")[1] ?? "",
  asset: token ?? "native",
  amount: String(amount),
  payer,
  at: paidAt
})

export const InspectionView = Schema.Struct({
  state: Schema.Literals(["unknown", "pending", "failed", "fits", "misfit", "unavailable"]),
  reason: Schema.optionalKey(Schema.Literals([...TransferMisfit.literals, "no_transfer"]))
}).annotate({ identifier: "TransactionInspection" })
