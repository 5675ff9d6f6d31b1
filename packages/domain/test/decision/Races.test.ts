import { assert, describe, it } from "@effect/vitest"
import { Clock, Data, Effect, Fiber, Random } from "effect"
import { TestClock } from "effect/testing"
import { maxAttempts, resolveRaces } from "../../src/decision/Races.ts"

class Lost extends Data.TaggedError("Lost")<{}> {}
class Refused extends Data.TaggedError("Refused")<{}> {}
class Contended extends Data.TaggedError("Contended")<{}> {}

const isLost = (error: unknown): error is Lost => error instanceof Lost

/** Loses this many races. Returns the outcome, and the milliseconds at which the attempts began. */
const attempting = Effect.fnUntraced(function*(races: number, last: Effect.Effect<string, Refused | Lost>) {
  const began: Array<number> = []
  const attempt = Effect.gen(function*() {
    began.push(yield* Clock.currentTimeMillis)
    return yield* began.length > races ? last : new Lost()
  })
  const outcome = yield* resolveRaces(attempt, isLost, () => new Contended()).pipe(
    Effect.match({ onSuccess: (answer) => answer, onFailure: ({ _tag }) => _tag }),
    Effect.provideService(Random.Random, { nextDoubleUnsafe: () => 0.5, nextIntUnsafe: () => 0 }),
    Effect.forkChild
  )
  yield* TestClock.adjust("1 minute")
  return { outcome: yield* Fiber.join(outcome), began }
})

const stored = Effect.succeed("stored")

describe("A step that loses races", () => {
  it.effect("is decided again after growing delays of at most a second", () =>
    Effect.gen(function*() {
      const { began, outcome } = yield* attempting(20, stored)
      const delays = began.slice(1).map((at, index) => Math.round(at - (began[index] ?? 0)))
      assert.strictEqual(outcome, "stored")
      assert.deepStrictEqual(delays.slice(0, 3), [2, 3, 5])
      assert.deepStrictEqual(delays.slice(-3), [1000, 1000, 1000])
    }))

  it.effect("fails as contended when the last attempt loses too", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* attempting(maxAttempts, stored)).outcome, "stored")
      const { began, outcome } = yield* attempting(maxAttempts + 1, stored)
      assert.deepStrictEqual([outcome, began.length], ["Contended", maxAttempts + 1])
    }))

  it.effect("is refused at once when the newest state refuses the command", () =>
    Effect.gen(function*() {
      const { began, outcome } = yield* attempting(1, Effect.fail(new Refused()))
      assert.deepStrictEqual([outcome, began.length], ["Refused", 2])
    }))
})
