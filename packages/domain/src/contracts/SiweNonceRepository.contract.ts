import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Duration, Effect, type Layer, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import { ChainId, type SiweNonce, SiweNonceId, SiweNonceRepository } from "../identity/index.ts"
import { noon, someAddress } from "./support/identityFixtures.ts"

const someNonce = (expiresAt = DateTime.addDuration(noon, "5 minutes")): SiweNonce => ({
  id: SiweNonceId.make(SecureRandom.uuidV7Unsafe()),
  purpose: "login",
  address: someAddress(),
  chainId: ChainId.make(Number.MAX_SAFE_INTEGER),
  message: "several\nlines \\ with 'quotes' and ümläuts\n",
  issuedAt: noon,
  expiresAt
})

/** The contract of `SiweNonceRepository`, for every implementation. */
export const siweNonceRepositoryContract = <E>(name: string, subject: Layer.Layer<SiweNonceRepository, E>) =>
  layer(subject)(name, (it) => {
    it.effect("gives a record back once, exactly as it was kept", () =>
      Effect.gen(function*() {
        const nonces = yield* SiweNonceRepository
        const nonce = someNonce()
        yield* nonces.insert(nonce)
        assert.deepStrictEqual(yield* nonces.consume(nonce.id), Option.some(nonce))
        assert.deepStrictEqual(yield* nonces.consume(nonce.id), Option.none())
        assert.deepStrictEqual(yield* nonces.consume(someNonce().id), Option.none())
      }))

    it.effect("gives a record to one of 50 that ask at once", () =>
      Effect.gen(function*() {
        const nonces = yield* SiweNonceRepository
        const nonce = someNonce()
        yield* nonces.insert(nonce)
        const answers = yield* Effect.all(Array.makeBy(50, () => nonces.consume(nonce.id)), {
          concurrency: "unbounded"
        })
        assert.lengthOf(answers.filter(Option.isSome), 1)
      }))

    it.effect("purges what has expired, no more than the limit at a time, and nothing else", () =>
      Effect.gen(function*() {
        const nonces = yield* SiweNonceRepository
        const longAgo = DateTime.subtractDuration(noon, Duration.days(3650))
        const expired = Array.makeBy(3, () => someNonce(longAgo))
        const waiting = someNonce(DateTime.addDuration(longAgo, "1 millis"))
        yield* Effect.forEach([waiting, ...expired], nonces.insert)
        assert.strictEqual(yield* nonces.purge(longAgo, 2), 2)
        assert.strictEqual(yield* nonces.purge(longAgo, 2), 1)
        assert.strictEqual(yield* nonces.purge(longAgo, 2), 0)
        assert.deepStrictEqual(yield* nonces.consume(waiting.id), Option.some(waiting))
      }))
  })
