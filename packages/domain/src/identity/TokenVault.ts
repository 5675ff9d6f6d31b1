/**
 * Seals secrets that must be stored, but must not be readable in the database.
 */
import { Array, Context, Effect, HashMap, Layer, Option, Redacted, Result, Schema } from "effect"
import { Aead, type CryptoError, SecureRandom } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import { deriveKeys } from "./DerivedKeys.ts"
import type { Sealed } from "./model/Sealed.ts"

/** The sealed text cannot be opened: it was altered, belongs to another context, or its secret is gone. */
export class SealBroken extends Schema.TaggedError<SealBroken>()("SealBroken", {}) {
  override get message() {
    return "the encrypted text cannot be decrypted"
  }
}

/** Bytes (NIST SP 800-38D, 8.2). A key may seal 2^32 texts before two random nonces are likely enough to be alike. */
const nonceLength = Aead.aes256Gcm.nonceLength

export class TokenVault extends Context.Service<TokenVault, {
  /** Seals a text, by the newest secret; it can only be opened by the same `context`, which names where it is kept. */
  seal(plain: Redacted.Redacted<string>, context: string): Effect.Effect<Sealed>
  open(sealed: Sealed, context: string): Effect.Effect<Redacted.Redacted<string>, SealBroken>
  /** Whether the newest secret sealed the text, so that the seal outlives older secrets. */
  isCurrent(sealed: Sealed): boolean
  /** The `keyId` of new seals. */
  readonly currentKeyId: Effect.Effect<string>
}>()("@dchat/domain/identity/TokenVault") {
  /** AES-256-GCM (NIST SP 800-38D) with the context as additional data. */
  static readonly layer = Layer.effect(
    TokenVault,
    Effect.gen(function*() {
      const aead = yield* Aead.Aead
      const random = yield* SecureRandom.SecureRandom
      const keys = yield* Effect.forEach(
        yield* deriveKeys("dchat token vault v1"),
        ({ bytes, id }) => Effect.map(Aead.key(Aead.aes256Gcm, bytes), (key) => [id, key] as const)
      ).pipe(Effect.orDie)
      const [currentKeyId, currentKey] = Array.headNonEmpty(keys)
      const keyOf = HashMap.fromIterable(keys)

      const seal = Effect.fn("TokenVault.seal")(function*(plain: Redacted.Redacted<string>, context: string) {
        const nonce = yield* random.randomBytes(nonceLength)
        const encrypted = yield* aead.encrypt(currentKey, toBytes(Redacted.value(plain)), {
          nonce,
          aad: toBytes(context)
        })
        const joined = new Uint8Array(nonceLength + encrypted.length)
        joined.set(nonce)
        joined.set(encrypted, nonceLength)
        return { keyId: currentKeyId, ciphertext: Base64Url.encode(joined) }
      }, Effect.orDie)

      const open = Effect.fn("TokenVault.open")(function*({ ciphertext, keyId }: Sealed, context: string) {
        const key = HashMap.get(keyOf, keyId)
        const joined = Base64Url.decode(ciphertext)
        if (Option.isNone(key) || Result.isFailure(joined) || joined.success.length < nonceLength) {
          return yield* new SealBroken()
        }
        const plain = yield* aead.decrypt(key.value, joined.success.subarray(nonceLength), {
          nonce: joined.success.subarray(0, nonceLength),
          aad: toBytes(context)
        }).pipe(Effect.catchTag("CryptoError", brokenOrDie))
        return Redacted.make(new TextDecoder("utf-8", { ignoreBOM: true }).decode(plain))
      })

      return TokenVault.of({
        seal,
        open,
        isCurrent: ({ keyId }) => keyId === currentKeyId,
        currentKeyId: Effect.succeed(currentKeyId)
      })
    })
  )
}

const brokenOrDie = (error: CryptoError.CryptoError) =>
  error.reason._tag === "DecryptionFailed" ? Effect.fail(new SealBroken()) : Effect.die(error)

const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text)
