import { JoseAccessTokens, JoseStateTokens } from "@dchat/adapters/jose"
import {
  AccessTokens,
  deriveKeys,
  JsonWebKeySet,
  MasterSecrets,
  OAuthFlowId,
  SessionId,
  StateTokens,
  UserId
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, DateTime, type Duration, Effect, Layer, Redacted, Schema } from "effect"
import { Kdf, SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"
import { calculateJwkThumbprint, createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose"
import { createPrivateKey, createPublicKey, verify as verifySignature } from "node:crypto"
import { someHash } from "../../../domain/src/contracts/support/identityFixtures.ts"

const issuer = "https://chat.example"
const audience = "https://files.example"
const userId = UserId.make("01890a5d-ac96-774b-bcce-b302099a8057")
const sessionId = SessionId.make("01890a5d-ac96-774b-bcce-b302099a8058")

const secretsOf = (...secrets: Array.NonEmptyArray<string>) =>
  Layer.succeed(MasterSecrets, { secrets: Array.map(secrets, (secret) => Redacted.make(secret)) })

const onWith = (
  options: { readonly audiences: ReadonlyArray<string>; readonly lifetime?: Duration.Input },
  ...secrets: Array.NonEmptyArray<string>
) =>
  Effect.provide(
    Layer.merge(JoseAccessTokens.layer({ issuer, ...options }), JoseStateTokens.layer({ issuer })).pipe(
      Layer.provideMerge([secretsOf(...secrets), Kdf.layerWebCrypto, SecureRandom.layerWebCrypto])
    )
  )

/** On an installation with these secrets. */
const on = (...secrets: Array.NonEmptyArray<string>) =>
  onWith({ audiences: ["https://mail.example", audience] }, ...secrets)

const issue = (to = audience) =>
  Effect.flatMap(AccessTokens, (tokens) => tokens.issue({ userId, sessionId, audience: to }))

const keys = Effect.flatMap(AccessTokens, (tokens) => tokens.keys)

/** The keys, of which there are some. */
const published = Effect.map(keys, (jwks) => {
  if (!Array.isReadonlyArrayNonEmpty(jwks.keys)) return assert.fail("no keys are published")
  return jwks.keys
})

/** What a service does with a token, knowing these keys. */
const accept = Effect.fnUntraced(function*(token: Redacted.Redacted<string>, jwks: JsonWebKeySet) {
  const currentDate = DateTime.toDateUtc(yield* DateTime.now)
  return yield* Effect.tryPromise(() =>
    jwtVerify(Redacted.value(token), createLocalJWKSet({ keys: jwks.keys.map((key) => ({ ...key })) }), {
      algorithms: ["EdDSA"],
      typ: "at+jwt",
      issuer,
      audience,
      currentDate
    })
  )
})

describe("JoseAccessTokens", () => {
  it.effect("signs a token that names the user, the audience and the expiry", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1999 millis")
      const { accessToken, expiresIn } = yield* issue()
      const { payload, protectedHeader } = yield* accept(accessToken, yield* keys)
      const { jti, ...claims } = payload
      assert.deepStrictEqual(claims, { iss: issuer, aud: audience, sub: userId, sid: sessionId, iat: 1, exp: 301 })
      assert.strictEqual(expiresIn, 300)
      const [key] = yield* published
      assert.deepStrictEqual(protectedHeader, { alg: "EdDSA", typ: "at+jwt", kid: key.kid })
      const other = yield* accept((yield* issue()).accessToken, yield* keys)
      assert.isString(jti)
      assert.notStrictEqual(other.payload.jti, jti)
    }).pipe(on("one")))

  it.effect("lets a token live as long as configured", () =>
    Effect.gen(function*() {
      const { accessToken, expiresIn } = yield* issue()
      assert.strictEqual(expiresIn, 60)
      yield* TestClock.adjust("59 seconds")
      yield* accept(accessToken, yield* keys)
      yield* TestClock.adjust("1 second")
      yield* Effect.flip(accept(accessToken, yield* keys))
    }).pipe(onWith({ audiences: [audience], lifetime: "1 minute" }, "one")))

  it.effect("makes no token for an unknown service", () =>
    Effect.gen(function*() {
      for (const other of ["https://evil.example", `${audience}/`, "", issuer]) {
        assert.strictEqual((yield* Effect.flip(issue(other)))._tag, "AudienceUnknown")
      }
    }).pipe(on("one")))

  it.effect("makes no token and publishes no keys when no services are configured", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(issue()))._tag, "AccessTokensNotConfigured")
      assert.deepStrictEqual(yield* keys, { keys: [] })
    }).pipe(onWith({ audiences: [] }, "one")))

  it.effect("publishes public keys only, each named by its thumbprint (RFC 7638)", () =>
    Effect.gen(function*() {
      const jwks = yield* keys
      assert.lengthOf(jwks.keys, 2)
      for (const key of jwks.keys) {
        assert.hasAllKeys(key, ["kty", "crv", "x", "kid", "alg", "use"])
        assert.strictEqual(key.kid, yield* Effect.promise(() => calculateJwkThumbprint(key)))
      }
      assert.deepStrictEqual(yield* Schema.decodeEffect(JsonWebKeySet)(jwks), jwks)
    }).pipe(on("new", "old")))

  it.effect("signs with the Ed25519 key whose seed is derived from the newest secret", () =>
    Effect.gen(function*() {
      const [{ bytes }] = yield* deriveKeys("dchat access token v1")
      // RFC 8410, 7: what stands before the seed in PKCS#8.
      const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), bytes])
      const key = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }))
      assert.strictEqual((yield* published)[0].x, key.export({ format: "jwk" }).x)
      const [header, payload, signature = ""] = Redacted.value((yield* issue()).accessToken).split(".")
      const isSigned = verifySignature(
        null,
        Buffer.from(`${header}.${payload}`),
        key,
        Buffer.from(signature, "base64url")
      )
      assert.isTrue(isSigned)
    }).pipe(on("new", "old")))

  it.effect("publishes the keys of all secrets, so that services know a key before and after it signs", () =>
    Effect.gen(function*() {
      const [before, added, moved, dropped] = [
        yield* keys.pipe(on("old")),
        yield* keys.pipe(on("old", "new")),
        yield* keys.pipe(on("new", "old")),
        yield* keys.pipe(on("new"))
      ]
      const [[old], [fresh]] = [yield* published.pipe(on("old")), yield* published.pipe(on("new"))]
      assert.notDeepEqual(old, fresh)
      assert.deepStrictEqual(before.keys, [old])
      assert.deepStrictEqual(dropped.keys, [fresh])
      assert.deepStrictEqual(added.keys, [old, fresh])
      assert.deepStrictEqual(moved.keys, [fresh, old])

      const { accessToken: byOld } = yield* issue().pipe(on("old", "new"))
      const { accessToken: byNew } = yield* issue().pipe(on("new", "old"))
      assert.strictEqual(decodeProtectedHeader(Redacted.value(byOld)).kid, old.kid)
      assert.strictEqual(decodeProtectedHeader(Redacted.value(byNew)).kid, fresh.kid)
      yield* Effect.forEach([before, added, moved], (jwks) => accept(byOld, jwks), { discard: true })
      yield* Effect.forEach([added, moved, dropped], (jwks) => accept(byNew, jwks), { discard: true })
      yield* Effect.flip(accept(byOld, dropped))
    }))

  it.effect("makes no token that another installation's secrets verify, and no state that passes for a token", () =>
    Effect.gen(function*() {
      const jwks = yield* keys.pipe(on("one"))
      yield* Effect.flip(accept((yield* issue().pipe(on("two"))).accessToken, jwks))
      const issuedAt = yield* DateTime.now
      const state = yield* Effect.flatMap(StateTokens, (states) =>
        states.sign({
          flowId: OAuthFlowId.make(SecureRandom.uuidV7Unsafe()),
          cookieHash: someHash(),
          issuedAt,
          expiresAt: DateTime.addDuration(issuedAt, "10 minutes")
        })).pipe(on("one"))
      yield* Effect.flip(accept(Redacted.make(state), jwks))
    }))

  it.effect("does not show a token in its printed form", () =>
    Effect.gen(function*() {
      assert.notInclude(JSON.stringify(yield* issue()), "eyJ")
    }).pipe(on("one")))
})
