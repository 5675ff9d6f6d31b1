/**
 * The text that a wallet signs to sign in: Sign-In with Ethereum, EIP-4361.
 */
import { DateTime, Schema } from "effect"
import { ChainId } from "./ChainId.ts"

/** The fields of the message. No field may hold a line break or any other text that would read as another field. */
export const SiweFields = Schema.Struct({
  /** Authority (RFC 3986) that requests the signature: host, and port unless the port is the default one. */
  domain: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9.:[\]_-]+$/)),
  /** The account in its EIP-55 spelling. */
  address: Schema.String.check(Schema.isPattern(/^0x[0-9a-fA-F]{40}$/)),
  /** One line in plain words. */
  statement: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9 .,;:!?'()_-]+$/)),
  /** URI (RFC 3986) of the service that the user signs in to. */
  uri: Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9+.-]*:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+$/)),
  chainId: ChainId,
  /** At least 128 random bits in hexadecimal, because EIP-4361 allows letters and digits only. */
  nonce: Schema.String.check(Schema.isPattern(/^[0-9a-f]{32,}$/)),
  issuedAt: Schema.DateTimeUtc,
  expirationTime: Schema.DateTimeUtc
})
export type SiweFields = typeof SiweFields.Type

/** The exact text of the message, as in EIP-4361, version 1. Throws on fields that `SiweFields` does not allow. */
export const siweMessage = (input: SiweFields): string => {
  const fields = SiweFields.make(input)
  return [
    `${fields.domain} wants you to sign in with your Ethereum account:`,
    fields.address,
    "",
    fields.statement,
    "",
    `URI: ${fields.uri}`,
    "Version: 1",
    `Chain ID: ${fields.chainId}`,
    `Nonce: ${fields.nonce}`,
    `Issued At: ${DateTime.formatIso(fields.issuedAt)}`,
    `Expiration Time: ${DateTime.formatIso(fields.expirationTime)}`
  ].join("\n")
}
