import { PgBilling, PgIdentity, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import { BillingOutbox } from "@dchat/domain/billing"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { buyer } from "../Billing.contract.ts"
import { noon } from "../support/identityFixtures.ts"
import { layer as database } from "../support/TestDatabase.ts"

const ports = Layer.mergeAll(PgBilling.layer, PgSubscriptionRepository.layer, PgIdentity.layer).pipe(
  Layer.provideMerge(database)
)

layer(ports, { excludeTestServices: true })("PgBillingOutbox", (it) => {
  it.effect("puts off what it cannot read, and hands out everything beside it", () =>
    Effect.gen(function*() {
      const outbox = yield* BillingOutbox
      const sql = yield* SqlClient.SqlClient
      const [strange, ...others] = yield* Effect.all([buyer(0), buyer(0), buyer(0)])
      yield* sql`UPDATE billing_outbox SET intent = '{"_tag": "OfTomorrow"}' WHERE purchase_id = ${strange.purchaseId}`
      const claim = (minutes: number) =>
        Effect.map(
          outbox.claim(DateTime.add(noon, { minutes }), DateTime.add(noon, { minutes: minutes + 1 }), 100),
          (entries) => entries.map(({ purchaseId }) => purchaseId)
        )
      assert.sameMembers(yield* claim(0), others.map(({ purchaseId }) => purchaseId))
      assert.isUndefined(yield* outbox.claimOf(strange.purchaseId, noon, noon))
      assert.isTrue(yield* outbox.waits(strange.purchaseId))
      const [row] = yield* sql<{ readonly attempts: number }>`SELECT attempts FROM billing_outbox
        WHERE purchase_id = ${strange.purchaseId}`
      assert.strictEqual(row?.attempts, 2)
    }))
})
