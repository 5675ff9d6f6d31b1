import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Duration, Effect, type Layer, Option } from "effect"
import { noon } from "./support/identityFixtures.ts"

/** A port that stores single-use records, in the terms of this contract. */
export interface SingleUse<Id, Value, R> {
  readonly some: (expiresAt: DateTime.Utc) => Value
  readonly idOf: (value: Value) => Id
  readonly keep: (value: Value) => Effect.Effect<void, never, R>
  readonly consume: (id: Id) => Effect.Effect<Option.Option<Value>, never, R>
  readonly purge: (now: DateTime.Utc, limit: number) => Effect.Effect<number, never, R>
}

const soon = DateTime.addDuration(noon, "10 minutes")

/** The contract of every port that stores single-use records. */
export const singleUseContract = <Id, Value, R, E>(
  name: string,
  subject: Layer.Layer<R, E>,
  { consume, idOf, keep, purge, some }: SingleUse<Id, Value, R>
) =>
  layer(subject)(name, (it) => {
    it.effect("gives a record back once, exactly as it was kept, expired or not", () =>
      Effect.gen(function*() {
        for (const value of [some(soon), some(DateTime.subtractDuration(noon, "1 hour"))]) {
          yield* keep(value)
          assert.deepStrictEqual(yield* consume(idOf(value)), Option.some(value))
          assert.deepStrictEqual(yield* consume(idOf(value)), Option.none())
        }
        assert.deepStrictEqual(yield* consume(idOf(some(soon))), Option.none())
      }))

    it.effect("gives a record to one of 50 that ask at once", () =>
      Effect.gen(function*() {
        const value = some(soon)
        yield* keep(value)
        const answers = yield* Effect.all(Array.makeBy(50, () => consume(idOf(value))), { concurrency: "unbounded" })
        assert.lengthOf(answers.filter(Option.isSome), 1)
      }))

    it.effect("purges what has expired, no more than the limit at a time, and nothing else", () =>
      Effect.gen(function*() {
        const longAgo = DateTime.subtractDuration(noon, Duration.days(3650))
        const expired = Array.makeBy(3, () => some(longAgo))
        const waiting = some(DateTime.addDuration(longAgo, "1 millis"))
        yield* Effect.forEach([waiting, ...expired], keep)
        assert.strictEqual(yield* purge(longAgo, 2), 2)
        assert.strictEqual(yield* purge(longAgo, 2), 1)
        assert.strictEqual(yield* purge(longAgo, 2), 0)
        assert.deepStrictEqual(yield* consume(idOf(waiting)), Option.some(waiting))
      }))
  })
