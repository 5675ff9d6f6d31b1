import { MemoryIdempotencyKeys } from "@dchat/adapters/memory"
import {
  type Asked,
  type Attempted,
  IdempotencyConflict,
  IdempotencyKeys,
  type KeyedRequest,
  makeIdempotency
} from "@dchat/domain/idempotency"
import { UserId } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Layer, Schema } from "effect"
import { Digest, SecureRandom } from "effect/crypto"

const noon = DateTime.makeUnsafe("2026-01-01T12:00:00Z")

const asked = (content: Schema.Json = "content"): Asked => ({
  userId: someone(),
  operation: "operation",
  key: "key",
  content,
  at: noon
})

const someone = () => UserId.make(SecureRandom.uuidV7Unsafe())

const answerOf = (result: string) => Effect.succeed(`known ${result}`)

/** An attempt that changes nothing. */
const attempt = (result: string) => (): Effect.Effect<Attempted<string>> =>
  Effect.succeed({ answer: `new ${result}`, result, isRecorded: false })

/** Another request with the key is recorded while this attempt runs. */
const overtaken = <A, E>(outcome: Effect.Effect<A, E>, more: Partial<KeyedRequest> = {}) =>
  Effect.fnUntraced(function*(request: KeyedRequest | undefined) {
    if (request !== undefined) yield* (yield* IdempotencyKeys).record({ ...request, ...more, result: "first" })
    return yield* outcome
  })

const subject = Layer.merge(MemoryIdempotencyKeys.layer, Digest.layerWebCrypto)

layer(subject)("A request with an idempotency key", (it) => {
  const once = Effect.fnUntraced(function*<E>(
    request: Asked,
    work: (request: KeyedRequest | undefined) => Effect.Effect<Attempted<string>, E, IdempotencyKeys>
  ) {
    const keys = yield* IdempotencyKeys
    const carryOut = yield* makeIdempotency
    return yield* carryOut(
      request,
      Schema.String,
      answerOf,
      (keyed) => Effect.provideService(work(keyed), IdempotencyKeys, keys)
    )
  })

  it.effect("is carried out once, and then answered with the first result", () =>
    Effect.gen(function*() {
      const request = asked({ a: [1, null] })
      assert.strictEqual(yield* once(request, attempt("one")), "new one")
      assert.strictEqual(yield* once(request, () => Effect.die("carried out again")), "known one")
    }))

  it.effect("is refused if its content differs from the first request", () =>
    Effect.gen(function*() {
      const request = asked("one")
      yield* once(request, attempt("one"))
      const other = yield* Effect.flip(once({ ...request, content: "other" }, () => Effect.die("carried out")))
      assert.strictEqual(other._tag, "IdempotencyConflict")
      assert.strictEqual(yield* once({ ...request, content: "other", userId: someone() }, attempt("2")), "new 2")
      assert.strictEqual(yield* once({ ...request, content: "other", key: "other" }, attempt("3")), "new 3")
    }))

  it.effect("is carried out again after 24 hours, and not before", () =>
    Effect.gen(function*() {
      const request = asked()
      const at = (seconds: number) => ({ ...request, at: DateTime.add(noon, { hours: 24, seconds }) })
      yield* once(request, attempt("one"))
      assert.strictEqual(yield* once(at(-1), attempt("two")), "known one")
      assert.strictEqual(yield* once(at(0), attempt("two")), "new two")
      assert.strictEqual(yield* once(at(1), attempt("three")), "known two")
    }))

  it.effect("is carried out each time without a key", () =>
    Effect.gen(function*() {
      const request = { ...asked(), key: undefined }
      assert.strictEqual(yield* once(request, attempt("one")), "new one")
      assert.strictEqual(yield* once(request, attempt("two")), "new two")
    }))

  it.effect("leaves its key free if it is refused", () =>
    Effect.gen(function*() {
      const request = asked()
      assert.strictEqual(yield* Effect.flip(once(request, () => Effect.fail("refused"))), "refused")
      assert.strictEqual(yield* once({ ...request, content: "other" }, attempt("one")), "new one")
    }))

  it.effect("is answered with the result of a concurrent request, however its own attempt ends", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* once(asked(), overtaken(Effect.fail("refused"))), "known first")
      assert.strictEqual(yield* once(asked(), overtaken(attempt("second")())), "known first")
      const other = { fingerprint: "other" }
      for (const outcome of [Effect.fail("refused"), attempt("second")()]) {
        const conflict = yield* Effect.flip(once(asked(), overtaken(outcome, other)))
        assert.instanceOf(conflict, IdempotencyConflict)
      }
    }))

  it.effect("is carried out again if its result is gone", () =>
    Effect.gen(function*() {
      const request = asked()
      yield* once(request, attempt("one"))
      const carryOut = yield* makeIdempotency
      const gone = () => Effect.succeed<string | undefined>(undefined)
      assert.strictEqual(yield* carryOut(request, Schema.String, gone, attempt("two")), "new two")
    }))
})
