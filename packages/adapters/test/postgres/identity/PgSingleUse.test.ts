import { PgSingleUse } from "@dchat/adapters/postgres"
import { oauthFlows, realtimeTickets, SingleUse } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { noon } from "../../../../domain/src/contracts/support/identityFixtures.ts"
import { someOAuthFlow, someRealtimeTicket } from "../../../../domain/src/contracts/support/singleUseFixtures.ts"
import { backends } from "../../support/TestDatabase.ts"

for (const backend of backends) {
  describe(`PgSingleUse on ${backend.name}, beside an open transaction`, () => {
    it.live("purges every expired record but the records that the transaction uses, without waiting", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const store = yield* SingleUse
        const [flow, ticket, other] = [someOAuthFlow(noon), someRealtimeTicket(noon), someRealtimeTicket(noon)]
        yield* store.put(oauthFlows, flow)
        for (const each of [ticket, other]) yield* store.put(realtimeTickets, each)
        const [used, purged] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
        const transaction = yield* Effect.forkChild(sql.withTransaction(Effect.gen(function*() {
          yield* store.consume(oauthFlows, flow.id)
          const found = yield* store.consume(realtimeTickets, ticket.hash)
          yield* Deferred.succeed(used, undefined)
          yield* Deferred.await(purged)
          return found
        })))
        yield* Deferred.await(used)
        assert.strictEqual(yield* store.purge(noon, 10), 1)
        assert.deepStrictEqual(yield* store.find(realtimeTickets, other.hash), Option.none())
        yield* Deferred.succeed(purged, undefined)
        assert.deepStrictEqual(yield* Fiber.join(transaction), Option.some(ticket))
        assert.strictEqual(yield* store.purge(noon, 10), 1)
        assert.deepStrictEqual(yield* store.trace(oauthFlows, flow.id), Option.none())
      }).pipe(Effect.provide(PgSingleUse.layer.pipe(Layer.provideMerge(backend.layer)))))
  })
}
