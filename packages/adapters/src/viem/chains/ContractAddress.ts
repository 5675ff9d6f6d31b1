/**
 * Addresses in configurations.
 */
import { WalletAddress } from "@dchat/domain/identity"
import { Schema, SchemaTransformation } from "effect"
import { isAddress } from "viem"

/**
 * In lower case, or with a correct checksum (EIP-55): a wrong letter of an address in mixed case is found. The zero
 * address is refused.
 */
export const ContractAddress = Schema.String.check(
  Schema.makeFilter(
    (text: string) => /^0x[0-9a-f]{40}$/u.test(text) || isAddress(text, { strict: true }),
    { expected: "an address in lower case, or with its checksum" }
  )
).pipe(Schema.decodeTo(WalletAddress, SchemaTransformation.toLowerCase()))
