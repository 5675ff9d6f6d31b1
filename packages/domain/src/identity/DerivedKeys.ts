/**
 * Derives keys from the secrets of the installation. Each key has one use.
 */
import { Array, Effect, Redacted } from "effect"
import { Kdf } from "effect/crypto"
import { Hex } from "effect/encoding"
import { MasterSecrets } from "./ports/MasterSecrets.ts"

export interface DerivedKey {
  /** The id of the key: 16 hexadecimal digits that reveal nothing about the key. */
  readonly id: string
  /** 32 bytes. */
  readonly bytes: Uint8Array
}

const keyLength = 32
const idLength = 8

/**
 * One key of each secret for the purpose `info`, in the order of the secrets: HKDF-SHA256 (RFC 5869) without a salt.
 * The key is the first block of the output and its id comes from the second, so neither can be derived from the other.
 * No key can be derived from a key with another `info`.
 */
export const deriveKeys = Effect.fnUntraced(function*(info: string) {
  const { secrets } = yield* MasterSecrets
  const kdf = yield* Kdf.Kdf
  const encoder = new TextEncoder()
  const options = { salt: new Uint8Array(), info: encoder.encode(info), length: keyLength + idLength }
  const outputs = yield* Effect.forEach(
    secrets,
    (secret) => kdf.derive(Kdf.hkdfSha256, encoder.encode(Redacted.value(secret)), options)
  )
  return Array.map(outputs, (output): DerivedKey => ({
    id: Hex.encode(output.subarray(keyLength)),
    bytes: output.subarray(0, keyLength)
  }))
}, Effect.orDie)
