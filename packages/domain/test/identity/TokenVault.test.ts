import { MasterSecrets, type Sealed, TokenVault } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Layer, Redacted, Schema } from "effect"
import { Aead, Kdf, SecureRandom } from "effect/crypto"
import { Base64Url } from "effect/encoding"

const context = "linked_account:1:access_token"

/** On a host with these secrets. */
const vaultOf = (...secrets: Array.NonEmptyArray<string>) =>
  TokenVault.layer.pipe(
    Layer.provide([Aead.layerWebCrypto, Kdf.layerWebCrypto]),
    Layer.provide(SecureRandom.layerWebCrypto),
    Layer.provide(Layer.succeed(MasterSecrets, { secrets: Array.map(secrets, (secret) => Redacted.make(secret)) }))
  )

const on = (...secrets: Array.NonEmptyArray<string>) => Effect.provide(vaultOf(...secrets))

const seal = (text: string, where = context) =>
  Effect.flatMap(TokenVault, (vault) => vault.seal(Redacted.make(text), where))

const open = (sealed: Sealed, where = context) =>
  Effect.flatMap(TokenVault, (vault) => Effect.map(vault.open(sealed, where), Redacted.value))

const assertBroken = Effect.fnUntraced(function*(sealed: Sealed, where = context) {
  assert.strictEqual((yield* Effect.flip(open(sealed, where)))._tag, "SealBroken")
})

const bytesOf = ({ ciphertext }: Sealed) => Effect.orDie(Effect.fromResult(Base64Url.decode(ciphertext)))

describe("TokenVault", () => {
  it.effect("opens what it has sealed", () =>
    Effect.gen(function*() {
      for (const text of ["", "a token", "ümlaut 🎈", "\uFEFFa mark in front", "x".repeat(100_000)]) {
        assert.strictEqual(yield* open(yield* seal(text)), text)
      }
    }).pipe(on("one")))

  it.effect.prop(
    "opens any text that UTF-8 can hold, in any context",
    [Schema.String, Schema.String],
    ([text, where]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* open(yield* seal(text, where), where), text.toWellFormed())
      }).pipe(on("one"))
  )

  it.effect("writes a nonce of 96 bits, the ciphertext and a tag of 128 bits, and no text twice alike", () =>
    Effect.gen(function*() {
      const [first, second] = [yield* seal("a token"), yield* seal("a token")]
      assert.match(first.ciphertext, /^[A-Za-z0-9_-]+$/)
      assert.lengthOf(yield* bytesOf(first), 12 + "a token".length + 16)
      assert.notStrictEqual(first.ciphertext, second.ciphertext)
      assert.notDeepEqual((yield* bytesOf(first)).subarray(0, 12), (yield* bytesOf(second)).subarray(0, 12))
      assert.strictEqual(first.keyId, second.keyId)
    }).pipe(on("one")))

  it.effect("does not open what was moved to another context", () =>
    Effect.gen(function*() {
      const sealed = yield* seal("a token")
      yield* assertBroken(sealed, "linked_account:2:access_token")
      yield* assertBroken(sealed, "")
    }).pipe(on("one")))

  it.effect("does not open what has a bit changed anywhere", () =>
    Effect.gen(function*() {
      const sealed = yield* seal("a token")
      const bytes = yield* bytesOf(sealed)
      yield* Effect.forEach(Array.range(0, bytes.length - 1), (index) => {
        const changed = bytes.map((byte, at) => at === index ? byte ^ 1 : byte)
        return assertBroken({ ...sealed, ciphertext: Base64Url.encode(changed) })
      }, { discard: true })
    }).pipe(on("one")))

  it.effect("does not open what was cut, lengthened or never was a seal", () =>
    Effect.gen(function*() {
      const sealed = yield* seal("a token")
      const bytes = yield* bytesOf(sealed)
      const others = [
        "",
        "A",
        "not base64url!",
        Base64Url.encode(bytes.subarray(0, 11)),
        Base64Url.encode(bytes.subarray(0, 12)),
        Base64Url.encode(bytes.subarray(0, 27)),
        Base64Url.encode(bytes.subarray(0, -1)),
        Base64Url.encode(bytes.subarray(1)),
        `${sealed.ciphertext}AAAA`
      ]
      yield* Effect.forEach(others, (ciphertext) => assertBroken({ ...sealed, ciphertext }), { discard: true })
    }).pipe(on("one")))

  it.effect("does not open by a key id that no secret has, or by that of another secret", () =>
    Effect.gen(function*() {
      const sealed = yield* seal("a token").pipe(on("one"))
      const other = yield* seal("a token").pipe(on("two"))
      yield* Effect.gen(function*() {
        yield* assertBroken({ ...sealed, keyId: "0000000000000000" })
        yield* assertBroken({ ...sealed, keyId: "" })
        yield* assertBroken({ ...sealed, keyId: other.keyId })
      }).pipe(on("one", "two"))
    }))

  it.effect("opens what an older secret has sealed until that is dropped, and says that it is not current", () =>
    Effect.gen(function*() {
      const sealed = yield* seal("a token").pipe(on("old"))
      yield* Effect.gen(function*() {
        const vault = yield* TokenVault
        assert.isTrue(vault.isCurrent(sealed))
      }).pipe(on("old", "new"))
      yield* Effect.gen(function*() {
        const vault = yield* TokenVault
        assert.strictEqual(yield* open(sealed), "a token")
        assert.isFalse(vault.isCurrent(sealed))
        const again = yield* seal("a token")
        assert.isTrue(vault.isCurrent(again))
        assert.strictEqual(again.keyId, yield* vault.currentKeyId)
      }).pipe(on("new", "old"))
      yield* assertBroken(sealed).pipe(on("new"))
    }))
})
