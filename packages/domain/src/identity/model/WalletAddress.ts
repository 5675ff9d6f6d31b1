/**
 * The address of an Ethereum account, in the one spelling that is stored and compared.
 */
import { Schema, SchemaTransformation } from "effect"

/**
 * 20 bytes as `0x` and 40 lower-case hexadecimal digits. The zero address is excluded, since no key can sign for it.
 */
export const WalletAddress = Schema.String.check(
  Schema.isPattern(/^0x(?!0{40}$)[0-9a-f]{40}$/u, { expected: "an Ethereum address other than the zero address" })
).pipe(Schema.brand("WalletAddress"))
export type WalletAddress = typeof WalletAddress.Type

/** Parses an address in any letter case. An EIP-55 checksum is not required. */
export const WalletAddressFromAnyCase = Schema.String.check(Schema.isPattern(/^0x[0-9a-fA-F]{40}$/u)).pipe(
  Schema.decodeTo(WalletAddress, SchemaTransformation.toLowerCase())
)
