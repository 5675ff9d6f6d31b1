/**
 * Keeps what has to reach the provider in Postgres. Who works on a row holds it by a lease, which runs out if they die.
 */
import { BillingOutbox, type ClaimedDelivery } from "@dchat/domain/billing"
import { UserId } from "@dchat/domain/identity"
import { BillingIntent, OutboxId, PurchaseId } from "@dchat/domain/subscription"
import { type DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

const delivery = {
  id: OutboxId,
  userId: UserId,
  purchaseId: PurchaseId,
  intent: Schema.toCodecJson(BillingIntent),
  attempts: Schema.Int,
  createdAt: Schema.DateTimeUtcFromDate
}
const ClaimedRow = Schema.Struct({ ...delivery, prepared: Schema.NullOr(Schema.Json) })
const DeadRow = Schema.Struct({ ...delivery, error: Schema.String })

const Times = { now: Schema.DateTimeUtcFromDate, until: Schema.DateTimeUtcFromDate }

const dateOf = (time: DateTime.Utc) => new Date(time.epochMilliseconds)

export const layer = Layer.effect(
  BillingOutbox,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(`entry.id, purchases.user_id AS "userId", entry.purchase_id AS "purchaseId",
      entry.intent, entry.prepared, entry.attempts, entry.created_at AS "createdAt"`)

    const claim = SqlSchema.findAll({
      Request: Schema.Struct({ ...Times, limit: Schema.Int }),
      Result: ClaimedRow,
      execute: ({ limit, now, until }) =>
        sql`UPDATE billing_outbox AS entry SET leased_until = ${until}, attempts = entry.attempts + 1
            FROM purchases
            WHERE purchases.id = entry.purchase_id AND entry.id IN (
              SELECT id FROM billing_outbox AS first
              WHERE state = 'waiting' AND next_attempt_at <= ${now}
                AND (leased_until IS NULL OR leased_until <= ${now})
                AND NOT EXISTS (SELECT 1 FROM billing_outbox AS earlier
                  WHERE earlier.purchase_id = first.purchase_id AND earlier.state = 'waiting'
                    AND earlier.position < first.position)
              ORDER BY next_attempt_at, position LIMIT ${limit} FOR UPDATE SKIP LOCKED)
            RETURNING ${columns}`
    })
    const claimOf = SqlSchema.findAll({
      Request: Schema.Struct({ ...Times, purchaseId: PurchaseId }),
      Result: ClaimedRow,
      execute: ({ now, purchaseId, until }) =>
        sql`UPDATE billing_outbox AS entry SET leased_until = ${until}, attempts = entry.attempts + 1
            FROM purchases
            WHERE purchases.id = entry.purchase_id
              AND (entry.leased_until IS NULL OR entry.leased_until <= ${now}) AND entry.state = 'waiting'
              AND entry.id = (SELECT id FROM billing_outbox
                WHERE purchase_id = ${purchaseId} AND state = 'waiting' ORDER BY position LIMIT 1)
            RETURNING ${columns}`
    })
    const selectDead = SqlSchema.findAll({
      Request: Schema.Int,
      Result: DeadRow,
      execute: (limit) =>
        sql`SELECT ${columns}, entry.error FROM billing_outbox AS entry
            JOIN purchases ON purchases.id = entry.purchase_id
            WHERE entry.state = 'dead' ORDER BY entry.position DESC LIMIT ${limit}`
    })

    const claimed = ({ prepared, ...entry }: typeof ClaimedRow.Type): ClaimedDelivery => ({
      ...entry,
      prepared: prepared ?? undefined
    })

    return BillingOutbox.of({
      claim: Effect.fn("BillingOutbox.claim")((now, until, limit) =>
        claim({ now, until, limit }).pipe(Effect.map((rows) => rows.map(claimed)), Effect.orDie)
      ),
      claimOf: Effect.fn("BillingOutbox.claimOf")((purchaseId, now, until) =>
        claimOf({ purchaseId, now, until }).pipe(
          Effect.map(([row]) => row === undefined ? undefined : claimed(row)),
          Effect.orDie
        )
      ),
      freeze: Effect.fn("BillingOutbox.freeze")((id, prepared) =>
        Effect.orDie(sql`UPDATE billing_outbox SET prepared = ${JSON.stringify(prepared)}::jsonb WHERE id = ${id}`)
      ),
      thaw: Effect.fn("BillingOutbox.thaw")((id) =>
        Effect.orDie(sql`UPDATE billing_outbox SET prepared = NULL WHERE id = ${id}`)
      ),
      delivered: Effect.fn("BillingOutbox.delivered")((id, at) =>
        Effect.orDie(
          sql`UPDATE billing_outbox SET state = 'delivered', finished_at = ${dateOf(at)}, leased_until = NULL,
                error = NULL
              WHERE id = ${id}`
        )
      ),
      postpone: Effect.fn("BillingOutbox.postpone")((id, nextAt, error) =>
        Effect.orDie(
          sql`UPDATE billing_outbox SET next_attempt_at = ${dateOf(nextAt)}, leased_until = NULL, error = ${error}
              WHERE id = ${id} AND state = 'waiting'`
        )
      ),
      bury: Effect.fn("BillingOutbox.bury")((id, at, error) =>
        Effect.orDie(
          sql`UPDATE billing_outbox SET state = 'dead', finished_at = ${dateOf(at)}, leased_until = NULL,
                error = ${error}
              WHERE id = ${id} AND state = 'waiting'`
        )
      ),
      revive: Effect.fn("BillingOutbox.revive")((which, now) =>
        sql`UPDATE billing_outbox SET state = 'waiting', finished_at = NULL, next_attempt_at = ${dateOf(now)}
            WHERE state = 'dead' AND ${
          "id" in which
            ? sql`id = ${which.id}`
            : sql`purchase_id = ${which.purchaseId} AND intent ->> '_tag' = 'OpenCheckout'`
        }
            RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      ),
      waits: Effect.fn("BillingOutbox.waits")((purchaseId) =>
        sql`SELECT 1 AS one FROM billing_outbox WHERE purchase_id = ${purchaseId} AND state = 'waiting' LIMIT 1`.pipe(
          Effect.map((rows) => rows.length > 0),
          Effect.orDie
        )
      ),
      dead: Effect.fn("BillingOutbox.dead")((limit) => Effect.orDie(selectDead(limit))),
      purge: Effect.fn("BillingOutbox.purge")((before, limit) =>
        sql`DELETE FROM billing_outbox WHERE id IN (
              SELECT id FROM billing_outbox WHERE state = 'delivered' AND finished_at < ${dateOf(before)}
              LIMIT ${limit})
            RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
