/**
 * Signs the state of an OAuth flow as a JWT (RFC 7519) by HMAC-SHA256.
 */
import { deriveKeys, OAuthFlowId, type OAuthState, StateInvalid, StateTokens, TokenHash } from "@dchat/domain/identity"
import { Array, DateTime, Effect, Layer, Redacted, Schema, SchemaGetter } from "effect"
import { errors, jwtVerify, type JWTVerifyGetKey, SignJWT } from "jose"

const algorithm = "HS256"
const type = "oauth-state+jwt"
const maxLength = 1024

/**
 * A compact JWS (RFC 7515) with a signature of 32 bytes. The signature covers all of the text before it, and its own
 * last character holds two bits beyond the bytes, which are zero in the only canonical spelling (RFC 4648, 3.5).
 */
const compact = /^[\w-]+\.[\w-]+\.[\w-]{42}[AEIMQUYcgkosw048]$/

/** NumericDate (RFC 7519, 2) in whole seconds. */
const Seconds = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8_640_000_000_000 })).pipe(
  Schema.decodeTo(Schema.DateTimeUtc, {
    decode: SchemaGetter.transform((seconds) => DateTime.makeUnsafe(seconds * 1000)),
    encode: SchemaGetter.transform((time) => Math.floor(DateTime.toEpochMillis(time) / 1000))
  })
)

/**
 * `issuer` names the installation, by the URL that users use: it is the issuer and the audience of every state. Times
 * are kept in whole seconds, rounded down.
 */
export const layer = ({ issuer }: { readonly issuer: string }) => {
  const Claims = Schema.Struct({
    iss: Schema.Literal(issuer),
    aud: Schema.Literal(issuer),
    jti: OAuthFlowId,
    cookie: TokenHash,
    iat: Seconds,
    exp: Seconds
  })
  const encodeClaims = Schema.encodeEffect(Claims)
  const decodeClaims = Schema.decodeUnknownEffect(Claims)

  return Layer.effect(
    StateTokens,
    Effect.gen(function*() {
      const keys = yield* deriveKeys("dchat oauth state v1")
      const newest = Array.headNonEmpty(keys)
      const keyOf: JWTVerifyGetKey<Uint8Array> = ({ kid }) => {
        const key = keys.find(({ id }) => id === kid)
        if (key === undefined) throw new errors.JWKSNoMatchingKey()
        return key.bytes
      }

      return StateTokens.of({
        sign: Effect.fn("StateTokens.sign")(function*({ cookieHash, expiresAt, flowId, issuedAt }: OAuthState) {
          const claims = yield* encodeClaims({
            iss: issuer,
            aud: issuer,
            jti: flowId,
            cookie: cookieHash,
            iat: issuedAt,
            exp: expiresAt
          })
          return yield* Effect.promise(() =>
            new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: type, kid: newest.id }).sign(newest.bytes)
          )
        }, Effect.orDie),
        verify: Effect.fn("StateTokens.verify")(function*(token: Redacted.Redacted<string>) {
          const text = Redacted.value(token)
          if (text.length > maxLength || !compact.test(text)) return yield* new StateInvalid()
          const currentDate = DateTime.toDateUtc(yield* DateTime.now)
          const { payload } = yield* Effect.tryPromise(() =>
            jwtVerify(text, keyOf, { algorithms: [algorithm], typ: type, currentDate })
          )
          const { cookie, exp, iat, jti } = yield* decodeClaims(payload)
          return { flowId: jti, cookieHash: cookie, issuedAt: iat, expiresAt: exp }
        }, Effect.mapError(() => new StateInvalid()))
      })
    })
  )
}
