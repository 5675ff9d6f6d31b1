/**
 * The offer of a payment on a chain: the exact amount, the wallet that pays, the recipient, and the time limit.
 */
import { Schema } from "effect"
import { ChainId } from "../../identity/model/ChainId.ts"
import { WalletAddress } from "../../identity/model/WalletAddress.ts"
import { Money } from "./Money.ts"

/** 32 bytes: `0x` and 64 lower-case hexadecimal digits. */
export const Bytes32 = Schema.String.check(
  Schema.isPattern(/^0x[0-9a-f]{64}$/u, { expected: "32 bytes in lower-case hexadecimal" })
).pipe(Schema.brand("Bytes32"))
export type Bytes32 = typeof Bytes32.Type

/** An ERC-20 token, or the native currency of a chain. */
export const Asset = Schema.Struct({
  /** The contract of the token; absent for the native currency. */
  token: Schema.optionalKey(WalletAddress),
  symbol: Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,16}$/u)),
  /** The number of digits behind the point: 10^decimals base units are one unit. */
  decimals: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 36 }))
})
export type Asset = typeof Asset.Type

/** An amount of an asset in base units, such as wei. */
export const BaseUnits = Schema.BigInt.check(Schema.isGreaterThanOrEqualToBigInt(0n))

export const Quote = Schema.Struct({
  chainId: ChainId,
  asset: Asset,
  /** The exact amount. Zero if a credit pays the whole price. */
  amount: BaseUnits,
  /** The linked wallet that has to send the amount. */
  payer: WalletAddress,
  recipient: WalletAddress,
  /** The contract that forwards the amount together with the reference. */
  router: Schema.optionalKey(WalletAddress),
  /** Names the payment in the event of the router: the payment id as a number of 32 bytes. */
  reference: Bytes32,
  /** dchat takes the amount by the authorisation of the user. */
  charged: Schema.optionalKey(Schema.Literal(true)),
  /** The value of the amount. */
  price: Money,
  /** The part of the price that the credit of the user pays. */
  credit: Schema.optionalKey(Money),
  quotedAt: Schema.DateTimeUtc,
  /** The price holds until this time. */
  expiresAt: Schema.DateTimeUtc,
  /** A transfer whose block is later is not accepted: after `expiresAt` for stablecoins only. */
  acceptedUntil: Schema.DateTimeUtc
})
export type Quote = typeof Quote.Type

export const isSameAsset = (one: Asset, other: Asset): boolean => one.token === other.token
