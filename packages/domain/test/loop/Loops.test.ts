import { Loops, repeat } from "@dchat/domain/loop"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Metric } from "effect"
import { TestClock } from "effect/testing"

const sweep = { name: "sweep", every: "1 second", within: "10 seconds", isVital: true } as const

const namesOfLate = Effect.gen(function*() {
  const { late } = yield* Loops
  return (yield* late).map(({ name }) => name)
})

const metricOfLate = Effect.map(
  Metric.snapshot,
  (metrics) =>
    metrics.filter(({ id }) => id === "dchat_loop_late").map(({ attributes, state }) => ({ attributes, state }))
)

describe("A loop", () => {
  it.effect("starts again if a round does not end, even a round that cannot be interrupted", () =>
    Effect.gen(function*() {
      const never = yield* Deferred.make<void>()
      let begun = 0
      yield* repeat(
        sweep,
        Effect.suspend(() => {
          begun += 1
          return begun === 2 ? Effect.uninterruptible(Deferred.await(never)) : Effect.void
        })
      )
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(begun, 2)
      yield* TestClock.adjust("11 seconds")
      assert.isAbove(begun, 2)
      yield* Deferred.succeed(never, undefined)
    }).pipe(Effect.scoped, Effect.provide(Loops.layer)))

  it.effect("is late, under its name, while no round ends", () =>
    Effect.gen(function*() {
      let ends = false
      yield* repeat(sweep, Effect.suspend(() => ends ? Effect.void : Effect.never))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* namesOfLate, [])
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* namesOfLate, ["sweep"])
      ends = true
      yield* TestClock.adjust("12 seconds")
      assert.deepStrictEqual(yield* namesOfLate, [])
    }).pipe(Effect.scoped, Effect.provide(Loops.layer)))

  it.effect("continues if a round fails, and is late if all rounds fail", () =>
    Effect.gen(function*() {
      let begun = 0
      yield* repeat(
        sweep,
        Effect.suspend(() => {
          begun += 1
          return Effect.die(new Error("the database is away"))
        })
      )
      yield* TestClock.adjust("3 seconds")
      assert.isAbove(begun, 2)
      assert.deepStrictEqual(yield* namesOfLate, [])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* namesOfLate, ["sweep"])
    }).pipe(Effect.scoped, Effect.provide(Loops.layer)))

  it.effect("reports to a metric whether it is late", () =>
    Effect.gen(function*() {
      let ends = false
      yield* repeat({ ...sweep, name: "measured" }, Effect.suspend(() => ends ? Effect.void : Effect.never))
      yield* TestClock.adjust("23 seconds")
      assert.deepStrictEqual(yield* metricOfLate, [{ attributes: { loop: "measured" }, state: { value: 1 } }])
      ends = true
      yield* TestClock.adjust("12 seconds")
      assert.deepStrictEqual(yield* metricOfLate, [{ attributes: { loop: "measured" }, state: { value: 0 } }])
    }).pipe(Effect.scoped, Effect.provide(Loops.layer), Effect.provideService(Metric.MetricRegistry, new Map())))
})
