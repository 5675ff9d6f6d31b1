import { PgBilling, PgIdentity, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import { BillingOutbox } from "@dchat/domain/billing"
import { buyer } from "@dchat/domain/contracts"
import { assert, layer } from "@effect/vitest"
import { DateTime, Deferred, Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { noon } from "../../../../domain/src/contracts/support/identityFixtures.ts"
import { layer as database } from "../../support/TestDatabase.ts"

const ports = Layer.mergeAll(PgBilling.layer, PgSubscriptionRepository.layer, PgIdentity.layer).pipe(
  Layer.provideMerge(database)
)

layer(ports, { excludeTestServices: true })("PgBillingOutbox", (it) => {
  it.effect("wakes the first entry of a purchase that no worker has claimed, and no other entry", () =>
    Effect.gen(function*() {
      const { claim, claimOf, delivered, wake } = yield* BillingOutbox
      const sql = yield* SqlClient.SqlClient
      const [stranded, ...others] = [yield* buyer(1), yield* buyer(1), yield* buyer(0)]
      yield* sql`UPDATE billing_outbox SET next_attempt_at = 'infinity' WHERE purchase_id = ${stranded.purchaseId}`
      const due = Effect.map(
        claim(noon, noon, 100),
        (entries) => entries.map(({ id }) => id)
      )
      const first = others.map(({ outbox }) => outbox[0])
      assert.sameMembers(yield* due, first)
      assert.strictEqual(yield* wake(100), 1)
      assert.strictEqual(yield* wake(100), 0)
      assert.sameMembers(yield* due, [...first, stranded.outbox[0]])
      const head = yield* claimOf(stranded.purchaseId, noon, noon)
      yield* delivered(head ?? assert.fail("nothing waits"), noon)
      assert.include(yield* due, stranded.outbox[1])
    }))

  it.effect("waits for the worker that passes the claim on, and wakes no entry that was claimed", () =>
    Effect.gen(function*() {
      const { wake } = yield* BillingOutbox
      const sql = yield* SqlClient.SqlClient
      const { purchaseId } = yield* buyer(0)
      yield* sql`UPDATE billing_outbox SET next_attempt_at = 'infinity' WHERE purchase_id = ${purchaseId}`
      const [locked, looked] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const passing = yield* Effect.forkChild(sql.withTransaction(Effect.gen(function*() {
        yield* sql`SELECT FROM purchases WHERE id = ${purchaseId} FOR NO KEY UPDATE`
        yield* Deferred.succeed(locked, undefined)
        yield* Deferred.await(looked)
        yield* sql`UPDATE billing_outbox SET next_attempt_at = ${new Date(noon.epochMilliseconds)}
          WHERE purchase_id = ${purchaseId}`
      })))
      yield* Deferred.await(locked)
      const waking = yield* Effect.forkChild(wake(100))
      const isWaiting = Effect.map(
        sql`SELECT FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%NO KEY UPDATE%'`,
        (rows) => rows.length > 0
      )
      yield* Effect.repeat(isWaiting, { until: (waits) => waits })
      yield* Deferred.succeed(looked, undefined)
      yield* Fiber.join(passing)
      assert.strictEqual(yield* Fiber.join(waking), 0)
      const [row] = yield* sql<{ readonly at: Date }>`SELECT next_attempt_at AS at FROM billing_outbox
        WHERE purchase_id = ${purchaseId}`
      assert.deepStrictEqual(DateTime.fromDateUnsafe(row?.at ?? new Date(0)), noon)
    }))
})
