import { MemoryCallStore } from "@dchat/adapters/memory"
import {
  CallArchive,
  type CallId,
  CallRepository,
  Calls,
  CallSettings,
  defaultTimeouts,
  layerArchiving,
  layerCallServices
} from "@dchat/domain/call"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { SharedCalls } from "./support/CallHosts.ts"
import { ann, bob, by, cat } from "./support/callTestLayer.ts"

const begun = DateTime.makeUnsafe("2026-01-10T00:00:00Z")

/** Runs on a host that archives, and keeps ended calls for so many days. */
const onHost = (retentionDays?: number) => {
  const host = layerArchiving.pipe(
    Layer.provideMerge(layerCallServices),
    Layer.provide(Layer.succeed(CallSettings, { timeouts: defaultTimeouts, retentionDays }))
  )
  return Effect.provide(Layer.fresh(host))
}

const test = (name: string, body: Effect.Effect<void, unknown, Layer.Success<typeof SharedCalls>>) =>
  it.effect(
    name,
    () => Effect.andThen(TestClock.setTime(DateTime.toEpochMillis(begun)), Effect.provide(body, SharedCalls))
  )

const talk = Effect.gen(function*() {
  const { execute, initiate } = yield* Calls
  const { call: { id } } = yield* initiate(by(ann), { type: "audio", participants: [bob] }, "key")
  yield* execute(by(bob), id, { _tag: "Accept" })
  return yield* execute(by(ann), id, { _tag: "Leave" })
})

const isFinished = (id: CallId) => Effect.map(MemoryCallStore, ({ finished }) => finished.has(id))

describe("A call that has ended", () => {
  test(
    "keeps all of its events for 30 seconds, and then those of its timeline",
    Effect.gen(function*() {
      const { deliveries, history } = yield* Calls
      const call = yield* talk
      yield* TestClock.adjust("29 seconds")
      assert.isFalse(yield* isFinished(call.id))
      const before = (yield* deliveries(by(bob), call.id, 0)).deliveries
      yield* TestClock.adjust("6 seconds")
      assert.isTrue(yield* isFinished(call.id))
      const after = (yield* deliveries(by(bob), call.id, 0)).deliveries
      assert.deepStrictEqual(
        after.map(({ record }) => record.event),
        before.map(({ record }) => record.event).filter((event) => CallArchive.isLasting({ event }))
      )
      assert.deepStrictEqual((yield* history(bob, {}, { limit: 9 })).map(({ call }) => call.id), [call.id])
    }).pipe(onHost())
  )

  test(
    "refuses late commands, repeats its result to a repeated request, and leaves its users free to call again",
    Effect.gen(function*() {
      const { execute, get, initiate } = yield* Calls
      const call = yield* talk
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* isFinished(call.id))
      const late = yield* Effect.flip(
        execute(by(bob), call.id, { _tag: "Candidates", negotiation: 1, candidates: [{ candidate: "late" }] })
      )
      assert.strictEqual(late._tag, "CallOver")
      assert.strictEqual((yield* execute(by(ann), call.id, { _tag: "Leave" })).phase, "disconnected")
      assert.strictEqual((yield* Effect.flip(get(by(cat), call.id)))._tag, "CallNotFound")
      const again = yield* initiate(by(ann), { type: "audio", participants: [bob] }, "key")
      assert.deepStrictEqual([again.call.id, again.created], [call.id, false])
      const next = yield* initiate(by(ann), { type: "audio", participants: [bob] })
      assert.isTrue(next.created)
    }).pipe(onHost())
  )

  /** Whether the call is kept at this time by a host that keeps calls for so many days. */
  const isKept = Effect.fnUntraced(function*(id: CallId, at: string, retentionDays: number | undefined) {
    yield* TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(at)))
    yield* TestClock.adjust("1 second").pipe(onHost(retentionDays))
    return Option.isSome(yield* (yield* CallRepository).load(id))
  })

  test(
    "is forgotten once its whole month is older than the installation keeps calls",
    Effect.gen(function*() {
      const { id } = yield* Effect.tap(talk, () => TestClock.adjust("1 minute")).pipe(onHost())
      assert.isTrue(yield* isKept(id, "2026-02-10T23:59:58Z", 10))
      assert.isFalse(yield* isKept(id, "2026-02-11T00:00:00Z", 10))
      assert.deepStrictEqual(yield* (yield* CallRepository).history([ann], {}, { limit: 9 }), [])
    })
  )

  for (const days of [undefined, 0, -1, Number.NaN]) {
    test(
      `is kept for ever with ${days} days of retention`,
      Effect.gen(function*() {
        const { id } = yield* Effect.tap(talk, () => TestClock.adjust("1 minute")).pipe(onHost())
        assert.isTrue(yield* isKept(id, "2036-02-10T23:59:58Z", days))
      })
    )
  }
})
