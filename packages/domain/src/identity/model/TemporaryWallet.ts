/**
 * The placeholder of a user without a wallet, so that other features may refer to the user's wallet from the first day.
 * The placeholder is random, belongs to no chain, and looks like no address: no payment can reach it.
 */
import { Schema } from "effect"
import { UserId } from "./UserId.ts"
import { WalletAddress } from "./WalletAddress.ts"

/** `tmp_` and a ULID: 26 digits of Crockford's base 32. */
export const TemporaryWalletRef = Schema.String.check(Schema.isPattern(/^tmp_[0-7][0-9A-HJKMNP-TV-Z]{25}$/u)).pipe(
  Schema.brand("TemporaryWalletRef")
)
export type TemporaryWalletRef = typeof TemporaryWalletRef.Type

export const TemporaryWallet = Schema.Struct({
  ref: TemporaryWalletRef,
  userId: UserId,
  createdAt: Schema.DateTimeUtc
})
export type TemporaryWallet = typeof TemporaryWallet.Type

/** A wallet that can receive payments, or the placeholder of a user without a wallet. */
export const WalletRef = Schema.TaggedUnion({
  Linked: { address: WalletAddress },
  Temporary: { ref: TemporaryWalletRef }
})
export type WalletRef = typeof WalletRef.Type

const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

/** The ULID of a time in milliseconds and 10 random bytes (https://github.com/ulid/spec). */
export const temporaryWalletRef = (milliseconds: number, random: Uint8Array): TemporaryWalletRef => {
  const value = random.slice(0, 10).reduce((sum, byte) => (sum << 8n) | BigInt(byte), BigInt(milliseconds))
  const letters = Array.from({ length: 26 }, (_, index) => digits[Number((value >> BigInt(5 * (25 - index))) & 31n)])
  return TemporaryWalletRef.make(`tmp_${letters.join("")}`)
}
