import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, type Layer, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import { IdempotencyKeys, type RecordedRequest } from "../idempotency/index.ts"
import { UserId } from "../identity/index.ts"
import { requestOf } from "./support/recordedRequests.ts"

const someone = () => UserId.make(SecureRandom.uuidV7Unsafe())

const lastMoment = ({ expiresAt }: RecordedRequest) => DateTime.subtract(expiresAt, { milliseconds: 1 })

/** The contract of `IdempotencyKeys`. The contracts of the repositories check that steps record their requests. */
export const idempotencyKeysContract = <E>(name: string, subject: Layer.Layer<IdempotencyKeys, E>): void =>
  layer(subject)(name, (it) => {
    it.effect("finds the fingerprint and the result of a request by its user, operation and key", () =>
      Effect.gen(function*() {
        const { find, record } = yield* IdempotencyKeys
        const results = ["a text", { id: "an id", version: 7 }, null]
        for (const result of results) {
          const request = requestOf(someone(), { result })
          assert.isTrue(yield* record(request))
          const known = Option.some({ fingerprint: "fingerprint", result })
          assert.deepStrictEqual(yield* find(request, request.at), known)
          const others = [{ userId: someone() }, { operation: "another" }, { key: "another" }]
          for (const other of others) {
            assert.deepStrictEqual(yield* find({ ...request, ...other }, request.at), Option.none())
            assert.isTrue(yield* record({ ...request, ...other }))
          }
        }
      }))

    it.effect("keeps a key for the first request until the request expires", () =>
      Effect.gen(function*() {
        const { find, record } = yield* IdempotencyKeys
        const first = requestOf(someone())
        const second = requestOf(first.userId, { fingerprint: "second", result: 2, at: first.expiresAt })
        const known = ({ fingerprint, result }: RecordedRequest) => Option.some({ fingerprint, result })
        assert.isTrue(yield* record(first))
        assert.isFalse(yield* record(first))
        assert.isFalse(yield* record({ ...second, at: lastMoment(first) }))
        assert.deepStrictEqual(yield* find(first, lastMoment(first)), known(first))
        assert.deepStrictEqual(yield* find(first, first.expiresAt), Option.none())
        assert.isTrue(yield* record(second))
        assert.deepStrictEqual(yield* find(first, lastMoment(second)), known(second))
        assert.deepStrictEqual(yield* find(first, second.expiresAt), Option.none())
      }))

    it.effect("records one of 50 concurrent requests with one key", () =>
      Effect.gen(function*() {
        const { find, record } = yield* IdempotencyKeys
        const ann = someone()
        const requests = Array.makeBy(50, (result) => requestOf(ann, { result }))
        const recorded = yield* Effect.filter(requests, record, { concurrency: "unbounded" })
        assert.lengthOf(recorded, 1)
        const known = yield* find(requestOf(ann), requestOf(ann).at)
        assert.deepStrictEqual(Option.map(known, ({ result }) => result), Option.some(recorded[0]?.result))
      }), 30_000)

    it.effect("deletes expired requests, the oldest first and at most as many as asked, and no others", () =>
      Effect.gen(function*() {
        const { find, purge, record } = yield* IdempotencyKeys
        const longAgo = DateTime.makeUnsafe("2001-01-01T00:00:00Z")
        const requests = [2, 0, 3, 1].map((milliseconds) =>
          requestOf(someone(), { at: longAgo, expiresAt: DateTime.add(longAgo, { days: 1, milliseconds }) })
        )
        yield* Effect.forEach(requests, record)
        const left = Effect.filter(requests, (request) => Effect.map(find(request, longAgo), Option.isSome))
        const now = DateTime.add(longAgo, { days: 1, milliseconds: 2 })
        assert.strictEqual(yield* purge(now, 2), 2)
        assert.deepStrictEqual(yield* left, [requests[0], requests[2]])
        assert.strictEqual(yield* purge(now, 2), 1)
        assert.strictEqual(yield* purge(now, 2), 0)
        assert.deepStrictEqual(yield* left, [requests[2]])
      }))
  })
