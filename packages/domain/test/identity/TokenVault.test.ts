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
  it.effect("opens its own seals", () =>
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

  it.effect("does not open a seal that was moved to another context", () =>
    Effect.gen(function*() {
      const sealed = yield* seal("a token")
      yield* assertBroken(sealed, "linked_account:2:access_token")
      yield* assertBroken(sealed, "")
    }).pipe(on("one")))

  it.effect("does not open a seal with any bit changed", () =>
    Effect.gen(function*() {
      const sealed = yield* seal("a token")
      const bytes = yield* bytesOf(sealed)
      yield* Effect.forEach(Array.range(0, bytes.length - 1), (index) => {
        const changed = bytes.map((byte, at) => at === index ? byte ^ 1 : byte)
        return assertBroken({ ...sealed, ciphertext: Base64Url.encode(changed) })
      }, { discard: true })
    }).pipe(on("one")))

  it.effect("does not open a text that was cut, lengthened or never a seal", () =>
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

  it.effect("does not open a seal with an unknown key id, or with the key id of another secret", () =>
    Effect.gen(function*() {
      const sealed = yield* seal("a token").pipe(on("one"))
      const other = yield* seal("a token").pipe(on("two"))
      yield* Effect.gen(function*() {
        yield* assertBroken({ ...sealed, keyId: "0000000000000000" })
        yield* assertBroken({ ...sealed, keyId: "" })
        yield* assertBroken({ ...sealed, keyId: other.keyId })
      }).pipe(on("one", "two"))
    }))

  it.effect("opens the seals of an older secret until that secret is dropped, and reports them as not current", () =>
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
