import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { someCallId, someone } from "../../../../domain/src/contracts/support/callSteps.ts"
import { historyPage } from "../../../src/postgres/call/PgCallHistory.ts"
import { backends } from "../../support/TestDatabase.ts"

for (const { layer: database, name } of backends) {
  describe(`A history of five years on ${name}`, () => {
    it.live(
      "is read from its newest month on, by the index alone, and no month that is not needed is read",
      () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const [ann, bob] = [someone(), someone()]
          yield* sql`SELECT add_call_month((date '2020-01-01' + make_interval(months => n))::date)
          FROM generate_series(0, 59) AS n`
          for (const user of [ann, bob]) {
            yield* sql`INSERT INTO call_history (user_id, initiated_at, call_id, type, kind, outcome, peers)
            SELECT ${user}, timestamptz '2020-01-01Z' + n * interval '12 hours', gen_random_uuid(), 'audio', 'direct',
              'answered', ARRAY[gen_random_uuid()]
            FROM generate_series(0, 3600) AS n`
          }
          yield* sql`VACUUM ANALYZE call_history`

          const planOf = Effect.fnUntraced(function*(ids: ReadonlyArray<typeof ann>, month: string) {
            const after = { initiatedAt: DateTime.makeUnsafe(month), callId: someCallId() }
            const rows = yield* sql<{ readonly "QUERY PLAN": string }>`
            EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ${historyPage(sql, ids, {}, { after, limit: 20 })}`
            return rows.map((row) => row["QUERY PLAN"]).filter((line) => line.includes(" on call_history"))
          })
          const plan = yield* planOf([ann], "2023-07-15Z")
          assert.lengthOf(plan.filter((line) => !line.includes("Index Only Scan")), 0)
          assert.lengthOf(plan.filter((line) => line.includes("_20230")), 7)
          assert.lengthOf(plan.filter((line) => line.includes("_202308") || line.includes("_2024")), 0)
          assert.deepStrictEqual(
            plan.filter((line) => !line.includes("never executed")).map((line) => /_(\d{6}) /.exec(line)?.[1]),
            ["202307"]
          )
          const merged = (yield* planOf([ann, bob], "2023-07-15Z")).filter((line) => !line.includes("never executed"))
          assert.lengthOf(merged, 2)
        }).pipe(Effect.provide(database)),
      60_000
    )
  })
}
