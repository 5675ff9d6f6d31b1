/**
 * The cryptography of Ethereum accounts by viem.
 */
import { SignatureInvalid, WalletAddress, WalletProof } from "@dchat/domain/identity"
import { Effect, Layer, Schema } from "effect"
import { getAddress, recoverMessageAddress } from "viem/utils"

/** The order of the curve secp256k1 (SEC 2, 2.4.1). */
const order = 0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141n

/**
 * The one accepted form: `0x`, then r, s and v of 65 bytes in hexadecimal, r and s in the range of the curve, s in
 * its lower half (EIP-2), v 27 or 28 (or 0 or 1, as some hardware wallets write it). So each signature has a single
 * spelling but for letter case and v. Refused: the compact form (EIP-2098), which no wallet returns from
 * `personal_sign`, EIP-155 values of v, which belong to transactions, and signatures by contracts (EIP-1271, 6492).
 */
const isWellFormed = (signature: string): signature is `0x${string}` => {
  const parts = /^0x([0-9a-f]{64})([0-9a-f]{64})(1b|1c|00|01)$/i.exec(signature)
  if (parts === null) return false
  const r = BigInt(`0x${parts[1]}`)
  const s = BigInt(`0x${parts[2]}`)
  return r > 0n && r < order && s > 0n && s <= order / 2n
}

export const layer = Layer.succeed(
  WalletProof,
  WalletProof.of({
    checksummed: (address) => getAddress(address),
    signerOf: Effect.fn("WalletProof.signerOf")(function*(message, signature) {
      if (!isWellFormed(signature)) return yield* new SignatureInvalid()
      const recovered = yield* Effect.tryPromise({
        try: () => recoverMessageAddress({ message, signature }),
        // An r that is not the abscissa of a curve point, or a point at infinity: no key signs like that.
        catch: () => new SignatureInvalid()
      })
      return yield* Schema.decodeEffect(WalletAddress)(recovered.toLowerCase()).pipe(
        Effect.mapError(() => new SignatureInvalid())
      )
    })
  })
)
