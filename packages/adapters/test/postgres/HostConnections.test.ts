import { Database, PgCalls } from "@dchat/adapters/postgres"
import { CallLeases, CallRepository, HostId } from "@dchat/domain/call"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as TestDatabase from "../support/TestDatabase.ts"

/** The clients of a host on a database of this test's own. */
const clients = Layer.unwrap(Effect.map(PgClient.PgClient, ({ config }) => Database.layerOn(config))).pipe(
  Layer.provide(TestDatabase.layer)
)

const ofPool = 10

describe("HostConnections", () => {
  it.live("let a host renew its lease, sweep and report that it is ready while requests use every other connection", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const leases = yield* CallLeases
      const repository = yield* CallRepository
      yield* Effect.forEach(Array.from({ length: ofPool }), () => sql.reserve)
      const now = yield* DateTime.now
      const soon = DateTime.add(now, { seconds: 15 })
      const hostId = HostId.make("0197a5c8-0000-7000-8000-000000000001")

      assert.isTrue((yield* leases.renewHost(hostId, 0)).isNew)
      assert.deepStrictEqual(yield* leases.lost(hostId, now, { limit: 10 }), [])
      assert.deepStrictEqual(yield* repository.claimDue(now, soon, 10), [])
      assert.strictEqual(yield* repository.countOpen, 0)
      yield* leases.removeHost(hostId)
    }).pipe(Effect.scoped, Effect.provide(PgCalls.layer.pipe(Layer.provideMerge(clients)))))
})
