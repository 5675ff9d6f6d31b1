import { PgCalls } from "@dchat/adapters/postgres"
import { CallTime } from "@dchat/domain/call"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { backends } from "../support/TestDatabase.ts"

const timeOf = Effect.gen(function*() {
  const { now } = yield* CallTime
  return DateTime.toEpochMillis(yield* now)
}).pipe(Effect.provide(Layer.fresh(CallTime.layer)))

for (const { layer: database, name } of backends) {
  layer(PgCalls.layer.pipe(Layer.provideMerge(database)))(`The time of calls on ${name}`, (it) => {
    it.effect("is the time of the database, whatever a host's own clock says", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const clock = Effect.map(
          sql<{ readonly now: Date }>`SELECT clock_timestamp() AS now`,
          ([row]) => row === undefined ? 0 : row.now.getTime()
        )
        for (const skew of [0, 10_000, 3_600_000]) {
          yield* TestClock.setTime(skew)
          const before = yield* clock
          const time = yield* timeOf
          assert.isAtLeast(time, before - 1)
          assert.isAtMost(time, (yield* clock) + 1)
        }
      }))
  })
}
