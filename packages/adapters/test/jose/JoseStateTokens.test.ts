import { JoseAccessTokens, JoseStateTokens } from "@dchat/adapters/jose"
import {
  AccessTokens,
  deriveKeys,
  MasterSecrets,
  OAuthFlowId,
  oauthFlowLifetime,
  randomToken,
  SessionId,
  StateTokens,
  UserId
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, DateTime, Duration, Effect, Layer, Redacted, Schema } from "effect"
import { Kdf, SecureRandom } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import { TestClock } from "effect/testing"
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT, UnsecuredJWT } from "jose"
import { someHash } from "../../../domain/src/contracts/support/identityFixtures.ts"

const issuer = "https://chat.example"

const secretsOf = (...secrets: Array.NonEmptyArray<string>) =>
  Layer.succeed(MasterSecrets, { secrets: Array.map(secrets, (secret) => Redacted.make(secret)) })

/** On an installation with these secrets, under this URL. */
const onUrl = (url: string, ...secrets: Array.NonEmptyArray<string>) =>
  Effect.provide(
    Layer.merge(
      JoseStateTokens.layer({ issuer: url }),
      JoseAccessTokens.layer({ issuer: url, audiences: [url] })
    ).pipe(
      Layer.provideMerge([secretsOf(...secrets), Kdf.layerWebCrypto, SecureRandom.layerWebCrypto])
    )
  )

const on = (...secrets: Array.NonEmptyArray<string>) => onUrl(issuer, ...secrets)

const someState = Effect.map(DateTime.now, (issuedAt) => ({
  flowId: OAuthFlowId.make(SecureRandom.uuidV7Unsafe()),
  cookieHash: someHash(),
  issuedAt,
  expiresAt: DateTime.addDuration(issuedAt, oauthFlowLifetime)
}))

const signed = Effect.gen(function*() {
  const states = yield* StateTokens
  return yield* states.sign(yield* someState)
})

const verify = (token: string) => Effect.flatMap(StateTokens, (states) => states.verify(Redacted.make(token)))

const assertInvalid = Effect.fnUntraced(function*(token: string) {
  assert.strictEqual((yield* Effect.flip(verify(token)))._tag, "StateInvalid", token)
})

/** Signs, by the installation's own key, a token that it would not make: the genuine one with these changes. */
const forge = Effect.fnUntraced(function*(changes: {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
}) {
  const token = yield* signed
  const [{ bytes }] = yield* deriveKeys("dchat oauth state v1")
  const claims = JSON.parse(JSON.stringify({ ...decodeJwt(token), ...changes.claims })) as JWTPayload
  const header = JSON.parse(JSON.stringify({ ...decodeProtectedHeader(token), ...changes.header })) as { alg: string }
  const key = header.alg === "HS256" ? bytes : Uint8Array.from([...bytes, ...bytes])
  return yield* Effect.promise(() => new SignJWT(claims).setProtectedHeader(header).sign(key))
})

describe("JoseStateTokens", () => {
  it.effect("returns the state that it has signed, until the state expires", () =>
    Effect.gen(function*() {
      const states = yield* StateTokens
      const state = yield* someState
      const token = yield* states.sign(state)
      assert.deepStrictEqual(yield* verify(token), state)
      yield* TestClock.adjust(Duration.subtract(oauthFlowLifetime, Duration.millis(1)))
      assert.deepStrictEqual(yield* verify(token), state)
      yield* TestClock.adjust("1 millis")
      yield* assertInvalid(token)
      yield* TestClock.adjust("1 day")
      yield* assertInvalid(token)
    }).pipe(on("one")))

  it.effect("keeps times in whole seconds, rounded down, so that no state outlives its expiry", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1999 millis")
      const { expiresAt, issuedAt } = yield* verify(yield* signed)
      assert.strictEqual(DateTime.toEpochMillis(issuedAt), 1000)
      assert.strictEqual(DateTime.toEpochMillis(expiresAt), 601_000)
    }).pipe(on("one")))

  it.effect("writes the claims of RFC 7519, and names the key without revealing it", () =>
    Effect.gen(function*() {
      const states = yield* StateTokens
      const state = yield* someState
      const token = yield* states.sign(state)
      const [{ id }] = yield* deriveKeys("dchat oauth state v1")
      assert.deepStrictEqual(decodeProtectedHeader(token), { alg: "HS256", typ: "oauth-state+jwt", kid: id })
      assert.deepStrictEqual(decodeJwt(token), {
        iss: issuer,
        aud: issuer,
        jti: state.flowId,
        cookie: state.cookieHash,
        iat: 0,
        exp: 600
      })
      assert.isAtMost(token.length, 1024)
    }).pipe(on("one")))

  it.effect("verifies states signed with an older secret until that secret is removed", () =>
    Effect.gen(function*() {
      const token = yield* signed.pipe(on("old"))
      const later = yield* signed.pipe(on("new", "old"))
      yield* verify(token).pipe(on("old", "new"))
      yield* verify(token).pipe(on("new", "old"))
      yield* verify(later).pipe(on("old", "new"))
      yield* verify(later).pipe(on("new"))
      yield* assertInvalid(token).pipe(on("new"))
      yield* assertInvalid(later).pipe(on("old"))
    }))

  it.effect("accepts the unchanged claims and header from the forge of these tests", () =>
    Effect.gen(function*() {
      yield* verify(yield* forge({}))
    }).pipe(on("one")))

  it.effect.each<readonly [what: string, changes: Parameters<typeof forge>[0]]>([
    ["of another issuer", { claims: { iss: "https://evil.example" } }],
    ["of an issuer that only begins alike", { claims: { iss: `${issuer}.evil.example` } }],
    ["without an issuer", { claims: { iss: undefined } }],
    ["for another audience", { claims: { aud: "https://evil.example" } }],
    ["for another audience beside this one", { claims: { aud: [issuer, "https://evil.example"] } }],
    ["without an audience", { claims: { aud: undefined } }],
    ["without an id", { claims: { jti: undefined } }],
    ["with an id that is none of a flow", { claims: { jti: "1" } }],
    ["without the hash of a cookie", { claims: { cookie: undefined } }],
    ["with a cookie instead of its hash", { claims: { cookie: "secret" } }],
    ["without a time of issue", { claims: { iat: undefined } }],
    ["that never expires", { claims: { exp: undefined } }],
    ["that expires beyond all time", { claims: { exp: 1e300 } }],
    ["that is expired", { claims: { exp: 0 } }],
    ["that is not valid yet", { claims: { nbf: 1 } }],
    ["of another type", { header: { typ: "at+jwt" } }],
    ["of type JWT", { header: { typ: "JWT" } }],
    ["without a type", { header: { typ: undefined } }],
    ["by HS512 with the same secret", { header: { alg: "HS512" } }],
    ["of an unknown key", { header: { kid: "0000000000000000" } }],
    ["of no named key", { header: { kid: undefined } }]
  ])("refuses a state %s", ([, changes]) =>
    Effect.gen(function*() {
      yield* assertInvalid(yield* forge(changes))
    }).pipe(on("one")))

  it.effect("refuses a state without a signature", () =>
    Effect.gen(function*() {
      const token = yield* signed
      const [, payload, signature] = token.split(".")
      const none = new UnsecuredJWT(decodeJwt(token)).encode()
      const [noneHeader] = none.split(".")
      yield* assertInvalid(none)
      yield* assertInvalid(`${noneHeader}.${payload}.${signature}`)
      const typed = Base64Url.encode(JSON.stringify({ ...decodeProtectedHeader(token), alg: "none" }))
      yield* assertInvalid(`${typed}.${payload}.`)
      yield* assertInvalid(`${typed}.${payload}.${signature}`)
    }).pipe(on("one")))

  it.effect("refuses a state of another installation: by URL with the same secret, by secret with the same URL", () =>
    Effect.gen(function*() {
      const token = yield* signed.pipe(on("one"))
      yield* assertInvalid(token).pipe(onUrl("https://other.example", "one"))
      yield* assertInvalid(token).pipe(on("two"))
    }))

  it.effect("refuses a state with any character changed, also in the bits beyond the signature", () =>
    Effect.gen(function*() {
      const token = yield* signed
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
      const changed = Array.makeBy(token.length, (index) => {
        const other = alphabet[alphabet.indexOf(token.charAt(index)) ^ 1] ?? "A"
        return token.slice(0, index) + other + token.slice(index + 1)
      })
      yield* Effect.forEach(changed, assertInvalid, { discard: true })
      const last = alphabet.indexOf(token.slice(-1))
      yield* Effect.forEach(
        [1, 2, 3],
        (bits) => assertInvalid(token.slice(0, -1) + alphabet.charAt(last | bits)),
        { discard: true }
      )
    }).pipe(on("one")))

  it.effect("refuses the same state in any other encoding", () =>
    Effect.gen(function*() {
      const token = yield* signed
      const [header = "", payload = "", signature = ""] = token.split(".")
      const others = [
        ` ${token}`,
        `${token} `,
        `${token}\n`,
        `${token}\r\n`,
        `\t${token}`,
        `\uFEFF${token}`,
        `${token}\0`,
        `${token}=`,
        `${token}.`,
        `.${token}`,
        `${token}.${signature}`,
        `${header}..${signature}`,
        `${header}.${payload}`,
        `${header}.${payload}.`,
        `${header}..${payload}.${signature}`,
        `${header} .${payload}.${signature}`,
        `${header}.${payload}.${signature.slice(0, 20)}\n${signature.slice(20)}`,
        `${header}=.${payload}=.${signature}=`,
        encodeURIComponent(`${token}=`),
        JSON.stringify({ protected: header, payload, signature })
      ]
      yield* Effect.forEach(others, assertInvalid, { discard: true })
      yield* verify(token)
    }).pipe(on("one")))

  it.effect("refuses more than 1024 characters, even with a valid signature", () =>
    Effect.gen(function*() {
      const within = yield* forge({ claims: { padding: "x".repeat(390) } })
      assert.isAtMost(within.length, 1024)
      yield* verify(within)
      const beyond = yield* forge({ claims: { padding: "x".repeat(520) } })
      assert.isAbove(beyond.length, 1024)
      yield* assertInvalid(beyond)
      yield* assertInvalid("x".repeat(10_000_000))
    }).pipe(on("one")))

  it.effect("refuses other tokens of the installation, and an empty token", () =>
    Effect.gen(function*() {
      yield* assertInvalid("")
      yield* assertInvalid(yield* randomToken("dcs_"))
      yield* assertInvalid(someHash())
      const accessTokens = yield* AccessTokens
      const { accessToken } = yield* accessTokens.issue({
        userId: UserId.make(SecureRandom.uuidV7Unsafe()),
        sessionId: SessionId.make(SecureRandom.uuidV7Unsafe()),
        audience: issuer
      })
      yield* assertInvalid(Redacted.value(accessToken))
    }).pipe(on("one")))

  it.effect("refuses an unusual header, and never fails otherwise", () =>
    Effect.gen(function*() {
      const [, payload, signature] = (yield* signed).split(".")
      const [{ id }] = yield* deriveKeys("dchat oauth state v1")
      const genuine = { alg: "HS256", typ: "oauth-state+jwt", kid: id }
      const headers = [
        null,
        [],
        "text",
        1,
        {},
        { alg: {} },
        { ...genuine, kid: {} },
        { ...genuine, kid: "__proto__" },
        { ...genuine, crit: ["exp"], exp: 1 },
        { ...genuine, crit: ["b64"], b64: false },
        { ...genuine, jku: "https://evil.example/keys" },
        { ...genuine, jwk: { kty: "oct", k: "AA" } }
      ]
      yield* Effect.forEach(
        headers,
        (header) => assertInvalid(`${Base64Url.encode(JSON.stringify(header))}.${payload}.${signature}`),
        { discard: true }
      )
      yield* assertInvalid(`${Base64Url.encode("no JSON")}.${payload}.${signature}`)
      yield* assertInvalid(`A.${payload}.${signature}`)
    }).pipe(on("one")))

  it.effect.prop(
    "answers any text, and any three parts, with a refusal",
    [Schema.String, Schema.String.check(Schema.isPattern(/^[\w-]{1,40}\.[\w-]{1,40}\.[\w-]{42}[AEIMQUYcgkosw048]$/))],
    ([text, parts]) =>
      Effect.gen(function*() {
        yield* assertInvalid(text)
        yield* assertInvalid(parts)
      }).pipe(on("one"))
  )
})
