import { assert, layer } from "@effect/vitest"
import { Array, Effect, Exit, type Layer, Redacted, Result } from "effect"
import { Kdf } from "effect/crypto"
import {
  MasterSecrets,
  SecretCheckRepository,
  SecretFingerprint,
  SecretsNotShared,
  verifySharedSecrets
} from "../identity/index.ts"
import { noon, someHash } from "./support/identityFixtures.ts"

const someFingerprint = () => SecretFingerprint.make(someHash())

/** The stored fingerprints. Storing them again changes nothing. */
const stored = Effect.gen(function*() {
  const checks = yield* SecretCheckRepository
  let found: ReadonlyArray<SecretFingerprint> = []
  yield* checks.replace((fingerprints) => Result.succeed(found = fingerprints), noon)
  return found.toSorted()
})

const store = (fingerprints: ReadonlyArray<SecretFingerprint>) =>
  Effect.flatMap(SecretCheckRepository, (checks) => checks.replace(() => Result.succeed(fingerprints), noon))

/** Starts a host with these secrets. */
const start = (...secrets: Array.NonEmptyArray<string>) =>
  verifySharedSecrets().pipe(
    Effect.provide(Kdf.layerWebCrypto),
    Effect.provideService(MasterSecrets, { secrets: Array.map(secrets, (secret) => Redacted.make(secret)) })
  )

/** The contract of `SecretCheckRepository`, for every implementation. */
export const secretCheckRepositoryContract = <E>(name: string, subject: Layer.Layer<SecretCheckRepository, E>) =>
  layer(subject)(name, (it) => {
    it.effect("stores nothing at first, and then the last decision", () =>
      Effect.gen(function*() {
        const checks = yield* SecretCheckRepository
        yield* checks.forget
        assert.deepStrictEqual(yield* stored, [])
        const [one, two, three] = [someFingerprint(), someFingerprint(), someFingerprint()]
        yield* store([one, two])
        assert.deepStrictEqual(yield* stored, [one, two].toSorted())
        yield* store([three, two])
        assert.deepStrictEqual(yield* stored, [three, two].toSorted())
      }))

    it.effect("stores a fingerprint once if it is decided on twice", () =>
      Effect.gen(function*() {
        const one = someFingerprint()
        yield* store([one, one])
        assert.deepStrictEqual(yield* stored, [one])
      }))

    it.effect("changes nothing if the decision is a refusal, and returns the refusal", () =>
      Effect.gen(function*() {
        const checks = yield* SecretCheckRepository
        const one = someFingerprint()
        yield* store([one])
        const failure = yield* Effect.flip(checks.replace(() => Result.fail(new SecretsNotShared()), noon))
        assert.strictEqual(failure._tag, "SecretsNotShared")
        assert.deepStrictEqual(yield* stored, [one])
      }))

    it.effect("deletes all fingerprints", () =>
      Effect.gen(function*() {
        const checks = yield* SecretCheckRepository
        yield* store([someFingerprint(), someFingerprint()])
        yield* checks.forget
        assert.deepStrictEqual(yield* stored, [])
      }))

    it.effect("shows each of 20 concurrent decisions the outcome of the previous one", () =>
      Effect.gen(function*() {
        const checks = yield* SecretCheckRepository
        yield* checks.forget
        const own = Array.makeBy(20, someFingerprint)
        yield* Effect.forEach(
          own,
          (fingerprint) => checks.replace((before) => Result.succeed([...before, fingerprint]), noon),
          { concurrency: "unbounded", discard: true }
        )
        assert.deepStrictEqual(yield* stored, own.toSorted())
      }))

    it.effect("admits hosts that share a secret with the last host, in every step of a rotation", () =>
      Effect.gen(function*() {
        yield* Effect.flatMap(SecretCheckRepository, (checks) => checks.forget)
        yield* start("old")
        yield* start("old", "new")
        yield* start("old")
        yield* start("old", "new")
        yield* start("new", "old")
        yield* start("old", "new")
        yield* start("new")
        assert.strictEqual((yield* Effect.flip(start("old")))._tag, "SecretsNotShared")
        yield* start("new")
      }))

    it.effect("admits a host with other secrets once the former secrets are deleted", () =>
      Effect.gen(function*() {
        const checks = yield* SecretCheckRepository
        yield* checks.forget
        yield* start("lost")
        assert.strictEqual((yield* Effect.flip(start("found")))._tag, "SecretsNotShared")
        yield* checks.forget
        yield* start("found")
      }))

    it.effect("admits one of two hosts that start at once on a new database and share no secret", () =>
      Effect.gen(function*() {
        for (const round of Array.range(1, 10)) {
          yield* Effect.flatMap(SecretCheckRepository, (checks) => checks.forget)
          const exits = yield* Effect.all([Effect.exit(start(`one ${round}`)), Effect.exit(start(`two ${round}`))], {
            concurrency: "unbounded"
          })
          assert.lengthOf(exits.filter(Exit.isSuccess), 1)
        }
      }))
  })
