import { Signalling } from "@dchat/domain/call"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Metric } from "effect"
import { TestClock } from "effect/testing"
import { HostLoad } from "../../src/limits/HostLoad.ts"

/** The work of a host, as its engine reports it. */
const hostAtWork = () => {
  const work = { calls: 0, commands: 0, oldestWait: 0 }
  const signalling = Layer.succeed(Signalling, { submit: () => {}, work: () => work })
  return { work, layer: HostLoad.layer.pipe(Layer.provide(signalling)) }
}

const test = (name: string, body: (work: ReturnType<typeof hostAtWork>["work"]) => Effect.Effect<void>) =>
  it.effect(name, () =>
    Effect.suspend(() => {
      const { layer, work } = hostAtWork()
      return Effect.provide(body(work), layer)
    }))

/** So many commands a second, for some seconds. */
const carryOut = (work: { commands: number }, perSecond: number, seconds: number) =>
  Effect.forEach(
    Array.from({ length: seconds * 20 }),
    () => {
      work.commands += perSecond / 20
      return TestClock.adjust("50 millis")
    },
    { discard: true }
  )

const isRefused = Effect.map(
  Effect.flatMap(HostLoad, (load) => Effect.flip(HostLoad.place(load, Effect.fail("placed" as const)))),
  (error) => error !== "placed"
)

const states = Effect.map(Metric.snapshot, (all) => new Map(all.map(({ id, state }) => [id, state])))

const refusals = (found: Effect.Success<typeof states>) =>
  (found.get("dchat_refused_calls") as { readonly count: number } | undefined)?.count ?? 0

describe("The load of a host", () => {
  test("refuses new calls while 100 calls have work", (work) =>
    Effect.gen(function*() {
      work.calls = 99
      assert.isFalse(yield* isRefused)
      work.calls = 100
      assert.isTrue(yield* isRefused)
      work.calls = 99
      assert.isFalse(yield* isRefused)
    }))

  test("lets a fast host have as many calls with work as the host sets up in a second", (work) =>
    Effect.gen(function*() {
      work.calls = 350
      yield* carryOut(work, 22 * 400, 10)
      assert.isFalse(yield* isRefused)
      yield* carryOut(work, 22 * 300, 5)
      assert.isTrue(yield* isRefused)
    }))

  test("refuses nothing on a host without work, however little the host has done before", (work) =>
    Effect.gen(function*() {
      yield* carryOut(work, 22 * 400, 10)
      yield* carryOut(work, 0, 60)
      assert.isFalse(yield* isRefused)
      work.calls = 99
      assert.isFalse(yield* isRefused)
    }))

  test("counts the calls that are being placed, so that calls that come at once share the limit", (work) =>
    Effect.gen(function*() {
      const load = yield* HostLoad
      const stored = yield* Deferred.make<void>()
      work.calls = 60
      const placed = yield* Effect.forEach(
        Array.from({ length: 50 }),
        () => Effect.forkChild(Effect.exit(HostLoad.place(load, Deferred.await(stored))), { startImmediately: true })
      )
      yield* Deferred.succeed(stored, undefined)
      const ends = yield* Effect.forEach(placed, Fiber.join)
      assert.strictEqual(ends.filter(({ _tag }) => _tag === "Success").length, 40)
      assert.isFalse(yield* isRefused)
    }))

  test("refuses new calls after work has waited for 100 ms in four measurements, and connections after a second", (work) =>
    Effect.gen(function*() {
      const load = yield* HostLoad
      work.oldestWait = 101
      yield* TestClock.adjust("150 millis")
      assert.isFalse(yield* isRefused)
      yield* TestClock.adjust("50 millis")
      assert.isTrue(yield* isRefused)
      assert.isFalse(load.isOver("connections"))
      work.oldestWait = 1001
      yield* TestClock.adjust("200 millis")
      assert.isTrue(load.isOver("connections"))
      work.oldestWait = 0
      yield* TestClock.adjust("50 millis")
      assert.isFalse(yield* isRefused)
      assert.isFalse(load.isOver("connections"))
    }))

  test("shows the calls with work, their limit and the refusals as metrics", (work) =>
    Effect.gen(function*() {
      const before = refusals(yield* states)
      work.calls = 123
      yield* carryOut(work, 22 * 110, 10)
      assert.isTrue(yield* isRefused)
      const found = yield* states
      assert.deepInclude(found.get("dchat_working_calls"), { value: 123 })
      assert.deepInclude(found.get("dchat_working_calls_limit"), { value: 110 })
      assert.strictEqual(refusals(found) - before, 1)
    }))
})
