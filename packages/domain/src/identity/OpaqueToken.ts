/**
 * Bearer secrets: 256 random bits that mean nothing by themselves. Only their SHA-256 is ever stored; the secret
 * has full entropy, so an unsalted fast hash is enough, and a look-up by hash compares no secret byte by byte.
 */
import { Effect } from "effect"
import { Digest, SecureRandom } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import { TokenHash } from "./model/TokenHash.ts"

/** 32 bytes of the secure generator in base64url (RFC 4648), 43 characters, after a prefix that names the use. */
export const randomToken = Effect.fnUntraced(function*(prefix: string) {
  const random = yield* SecureRandom.SecureRandom
  return prefix + Base64Url.encode(yield* random.randomBytes(32))
})

const ascii = new TextEncoder()

/** The hash of a well-formed token, which is ASCII. */
export const hashToken = Effect.fnUntraced(function*(token: string) {
  const digest = yield* Digest.Digest
  return TokenHash.make(yield* digest.digestHex(Digest.sha256, ascii.encode(token)))
})

/** Returns the function that provides the cryptography of tokens: two services, not a copy of all that are there. */
export const makeProvideCrypto = Effect.gen(function*() {
  const random = yield* SecureRandom.SecureRandom
  const digest = yield* Digest.Digest
  return <A, E, R>(
    effect: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, Exclude<Exclude<R, SecureRandom.SecureRandom>, Digest.Digest>> =>
    effect.pipe(
      Effect.provideService(SecureRandom.SecureRandom, random),
      Effect.provideService(Digest.Digest, digest)
    )
})
