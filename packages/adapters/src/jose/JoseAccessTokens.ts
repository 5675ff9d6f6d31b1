/**
 * Signs access tokens as JWTs (RFC 7519) by Ed25519 (RFC 8037), and publishes the keys that verify them.
 */
import { AccessTokens, AccessTokensNotConfigured, AudienceUnknown, deriveKeys } from "@dchat/domain/identity"
import { Array, DateTime, Duration, Effect, Layer, Redacted } from "effect"
import { KeyFormat, SecureRandom, Signature } from "effect/crypto"
import { calculateJwkThumbprint, importJWK, SignJWT } from "jose"

const algorithm = "EdDSA"
/** RFC 9068, 2.1. */
const type = "at+jwt"

export interface Options {
  /** The URL that users use; services look for the keys there. */
  readonly issuer: string
  /** The audiences of the tokens. Without an audience, no tokens are issued. */
  readonly audiences: ReadonlyArray<string>
  /** The lifetime of a token, by default 5 minutes. A token cannot be revoked before its end. */
  readonly lifetime?: Duration.Input | undefined
}

/** The key pair with this seed (RFC 8032, 5.1.5), named by its thumbprint (RFC 7638). */
const keyPairOf = Effect.fnUntraced(function*(seed: Uint8Array) {
  const privateKey = yield* Signature.privateKey(Signature.ed25519, seed)
  const { d, x } = yield* KeyFormat.encode(KeyFormat.jwk, privateKey)
  if (d === undefined || x === undefined) return yield* Effect.die("an Ed25519 key has both coordinates")
  const jwk = { kty: "OKP", crv: "Ed25519", x } as const
  const kid = yield* Effect.promise(() => calculateJwkThumbprint(jwk))
  return {
    signingKey: yield* Effect.promise(() => importJWK({ ...jwk, d }, algorithm)),
    published: { ...jwk, kid, alg: algorithm, use: "sig" } as const
  }
}, Effect.orDie)

export const layer = ({ audiences, issuer, lifetime = "5 minutes" }: Options) =>
  Layer.effect(
    AccessTokens,
    Effect.gen(function*() {
      const random = yield* SecureRandom.SecureRandom
      const seeds = yield* deriveKeys("dchat access token v1")
      const pairs = yield* Effect.forEach(seeds, ({ bytes }) => keyPairOf(bytes))
      const newest = Array.headNonEmpty(pairs)
      const seconds = Math.floor(Duration.toSeconds(lifetime))

      return AccessTokens.of({
        issue: Effect.fn("AccessTokens.issue")(function*({ audience, sessionId, userId }) {
          if (!Array.isReadonlyArrayNonEmpty(audiences)) return yield* new AccessTokensNotConfigured()
          if (!audiences.includes(audience)) return yield* new AudienceUnknown()
          const id = yield* Effect.orDie(random.uuidV7())
          const now = Math.floor(DateTime.toEpochMillis(yield* DateTime.now) / 1000)
          const token = yield* Effect.promise(() =>
            new SignJWT({
              iss: issuer,
              aud: audience,
              sub: userId,
              sid: sessionId,
              jti: id,
              iat: now,
              exp: now + seconds
            }).setProtectedHeader({ alg: algorithm, typ: type, kid: newest.published.kid }).sign(newest.signingKey)
          )
          return { accessToken: Redacted.make(token), expiresIn: seconds }
        }),
        keys: Effect.succeed({
          keys: Array.isReadonlyArrayNonEmpty(audiences) ? pairs.map(({ published }) => published) : []
        })
      })
    })
  )
