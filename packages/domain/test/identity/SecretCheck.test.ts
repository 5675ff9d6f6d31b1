import {
  checkSecrets,
  deriveKeys,
  MasterSecrets,
  SecretCheckRepository,
  SecretFingerprint,
  SecretsNotShared,
  verifySharedSecrets
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Redacted, Result } from "effect"
import { Kdf } from "effect/crypto"
import { Hex } from "effect/encoding"
import { hkdfSync } from "node:crypto"

const fingerprint = (digit: string) => SecretFingerprint.make(digit.repeat(64))
const [a, b, c] = [fingerprint("a"), fingerprint("b"), fingerprint("c")]

const secretsOf = (...secrets: Array.NonEmptyArray<string>) =>
  Effect.provideService(MasterSecrets, { secrets: Array.map(secrets, (secret) => Redacted.make(secret)) })

/** The fingerprints that a host with these secrets would store. */
const fingerprintsOf = Effect.fnUntraced(function*(...secrets: Array.NonEmptyArray<string>) {
  let own: ReadonlyArray<SecretFingerprint> = []
  yield* verifySharedSecrets().pipe(
    Effect.provideService(SecretCheckRepository, {
      replace: (decide) =>
        Effect.asVoid(Effect.fromResult(Result.map(decide([]), (decided) => {
          own = decided
        }))),
      forget: Effect.void
    }),
    secretsOf(...secrets)
  )
  return own
}, Effect.provide(Kdf.layerWebCrypto))

describe("checkSecrets", () => {
  it("stores the fingerprints of a host if none are stored", () => {
    assert.deepStrictEqual(checkSecrets([], [a, b]), Result.succeed([a, b] as const))
  })

  it("replaces the stored fingerprints by those of a host if they share one", () => {
    assert.deepStrictEqual(checkSecrets([a], [a]), Result.succeed([a] as const))
    assert.deepStrictEqual(checkSecrets([a], [a, b]), Result.succeed([a, b] as const))
    assert.deepStrictEqual(checkSecrets([a, b], [c, b]), Result.succeed([c, b] as const))
    assert.deepStrictEqual(checkSecrets([a, b], [b]), Result.succeed([b] as const))
  })

  it("refuses a host without a stored fingerprint", () => {
    assert.deepStrictEqual(checkSecrets([a], [b]), Result.fail(new SecretsNotShared()))
    assert.deepStrictEqual(checkSecrets([a, b], [c]), Result.fail(new SecretsNotShared()))
  })

  it("describes the remedy in one line", () => {
    const { message } = new SecretsNotShared()
    assert.lengthOf(message.split("\n"), 1)
    assert.include(message, "DCHAT_SECRETS")
    assert.include(message, "dchat secrets forget")
  })
})

describe("verifySharedSecrets", () => {
  it.effect("gives every host with a secret the same fingerprint of the secret", () =>
    Effect.gen(function*() {
      const [old] = yield* fingerprintsOf("old")
      const [fresh, same] = yield* fingerprintsOf("new", "old")
      assert.strictEqual(same, old)
      assert.notStrictEqual(fresh, old)
    }))

  it.effect("stores nothing from which a key could be derived", () =>
    Effect.gen(function*() {
      const secret = "a secret that is long enough for its purpose"
      const stored = (yield* fingerprintsOf(secret)).join()
      assert.notInclude(stored, Buffer.from(secret).toString("hex"))
      for (const info of ["dchat oauth state v1", "dchat access token v1", "dchat token vault v1"]) {
        const [{ bytes, id }] = yield* deriveKeys(info).pipe(secretsOf(secret))
        assert.notInclude(stored, Hex.encode(bytes))
        assert.notInclude(stored, id)
      }
    }).pipe(Effect.provide(Kdf.layerWebCrypto)))
})

describe("deriveKeys", () => {
  it.effect("derives a key by HKDF-SHA256 without a salt, in the order of the secrets", () =>
    Effect.gen(function*() {
      const keys = yield* deriveKeys("some use").pipe(secretsOf("new", "älter"))
      const expected = ["new", "älter"].map((secret) => {
        const output = Buffer.from(hkdfSync("sha256", secret, "", "some use", 40))
        return { id: output.subarray(32).toString("hex"), bytes: output.subarray(0, 32).toString("hex") }
      })
      assert.deepStrictEqual(keys.map(({ bytes, id }) => ({ id, bytes: Hex.encode(bytes) })), expected)
    }).pipe(Effect.provide(Kdf.layerWebCrypto)))

  it.effect("derives another key and another id for another use", () =>
    Effect.gen(function*() {
      const [[one], [other]] = yield* Effect.all([deriveKeys("one use"), deriveKeys("another use")])
      assert.notStrictEqual(one.id, other.id)
      assert.notDeepEqual(one.bytes, other.bytes)
    }).pipe(secretsOf("secret"), Effect.provide(Kdf.layerWebCrypto)))
})
