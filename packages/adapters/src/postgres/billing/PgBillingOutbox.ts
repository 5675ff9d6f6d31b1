/**
 * Stores the requests for the provider in Postgres. A worker holds a row by a lease, which expires if the worker dies.
 * Only the first waiting row of each purchase has a time of its next attempt. The rows behind it have none (`infinity`)
 * until the first is done, so that a claim reads no more rows than it takes.
 */
import {
  BillingOutbox,
  type ClaimedDelivery,
  type DeadDelivery,
  type HeldDelivery,
  type UnreadableDelivery,
  unreadableEntry
} from "@dchat/domain/billing"
import { UserId } from "@dchat/domain/identity"
import { BillingIntent, OutboxId, PurchaseId } from "@dchat/domain/subscription"
import { DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { makeReader, StoredRow } from "../StoredRows.ts"

const ReadableEntry = Schema.Struct({
  id: OutboxId,
  userId: UserId,
  purchaseId: PurchaseId,
  attempts: Schema.Int,
  createdAt: Schema.DateTimeUtcFromDate,
  intent: Schema.toCodecJson(BillingIntent),
  prepared: Schema.NullOr(Schema.Json),
  thaws: Schema.Int
})

const Times = { now: Schema.DateTimeUtcFromDate, until: Schema.DateTimeUtcFromDate }

/** The columns whose types need no check when they are read. */
const heldOf = ({ attempts, createdAt, id, purchaseId, userId }: StoredRow): HeldDelivery => ({
  id: id as OutboxId,
  userId: userId as UserId,
  purchaseId: purchaseId as PurchaseId,
  attempts: attempts as number,
  createdAt: DateTime.fromDateUnsafe(createdAt as Date)
})

const dateOf = (time: DateTime.Utc) => new Date(time.epochMilliseconds)

export const layer = Layer.effect(
  BillingOutbox,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(`entry.id, purchases.user_id AS "userId", entry.purchase_id AS "purchaseId",
      entry.intent, entry.prepared, entry.attempts, entry.thaws, entry.created_at AS "createdAt", entry.state,
      entry.error`)
    const readable = makeReader(ReadableEntry, ({ id }) => `delivery ${String(id)} to the payment provider`)

    const claimedOf = (row: StoredRow) =>
      Effect.map(
        readable.read(row),
        Option.match({
          onNone: (): UnreadableDelivery | ClaimedDelivery => ({ ...heldOf(row), intent: undefined }),
          onSome: ({ prepared, ...entry }) => ({ ...entry, prepared: prepared ?? undefined })
        })
      )

    const claim = SqlSchema.findAll({
      Request: Schema.Struct({ ...Times, limit: Schema.Int }),
      Result: StoredRow,
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
      Result: StoredRow,
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
      Result: StoredRow,
      execute: (limit) =>
        sql`SELECT ${columns} FROM billing_outbox AS entry
            JOIN purchases ON purchases.id = entry.purchase_id
            WHERE entry.state = 'dead' OR (entry.state = 'waiting' AND entry.error = ${unreadableEntry})
            ORDER BY entry.position DESC LIMIT ${limit}`
    })

    const deadOf = (row: StoredRow): DeadDelivery => ({
      ...heldOf(row),
      intent: Option.getOrUndefined(readable.peek(row))?.intent,
      isGivenUp: row["state"] === "dead",
      error: String(row["error"])
    })

    const held = ({ attempts, id }: HeldDelivery) => sql`id = ${id} AND state = 'waiting' AND attempts = ${attempts}`

    /** Finishes a request, and makes the next of its purchase due. A writer that adds a request waits for that. */
    const passing = ({ purchaseId }: HeldDelivery) => <A, E>(done: Effect.Effect<A, E>) =>
      Effect.gen(function*() {
        yield* sql`SELECT FROM purchases WHERE id = ${purchaseId} FOR NO KEY UPDATE`
        const result = yield* done
        yield* sql`UPDATE billing_outbox SET next_attempt_at = '-infinity'
          WHERE next_attempt_at = 'infinity' AND state = 'waiting'
            AND id = (SELECT id FROM billing_outbox
              WHERE purchase_id = ${purchaseId} AND state = 'waiting' ORDER BY position LIMIT 1)`
        return result
      }).pipe(sql.withTransaction)

    /** First requests of a purchase, which wait for no other request. */
    const stranded = sql`state = 'waiting' AND next_attempt_at = 'infinity' AND NOT EXISTS (
      SELECT FROM billing_outbox AS earlier WHERE earlier.purchase_id = entry.purchase_id
        AND earlier.state = 'waiting' AND earlier.position < entry.position)`

    /** Locks as `passing` does, and looks again: what passed meanwhile is stranded no more. */
    const wake = Effect.fnUntraced(function*(limit: number) {
      const found = yield* sql<{ readonly id: PurchaseId }>`SELECT purchase_id AS id FROM billing_outbox AS entry
        WHERE ${stranded} LIMIT ${limit}`
      if (found.length === 0) return 0
      const purchases = found.map(({ id }) => id)
      yield* sql`SELECT FROM purchases WHERE id = ANY(${purchases}::uuid[]) ORDER BY id FOR NO KEY UPDATE`
      const woken = yield* sql`UPDATE billing_outbox AS entry SET next_attempt_at = '-infinity'
        WHERE purchase_id = ANY(${purchases}::uuid[]) AND ${stranded} RETURNING 1 AS one`
      return woken.length
    })

    return BillingOutbox.of({
      claim: Effect.fn("BillingOutbox.claim")((now, until, limit) =>
        claim({ now, until, limit }).pipe(
          Effect.flatMap(Effect.forEach(claimedOf)),
          Effect.orDie
        )
      ),
      claimOf: Effect.fn("BillingOutbox.claimOf")((purchaseId, now, until) =>
        claimOf({ purchaseId, now, until }).pipe(
          Effect.flatMap(Effect.forEach(claimedOf)),
          Effect.map(([entry]) => entry),
          Effect.orDie
        )
      ),
      freeze: Effect.fn("BillingOutbox.freeze")((delivery, prepared) =>
        sql`UPDATE billing_outbox SET prepared = ${JSON.stringify(prepared)}::jsonb WHERE ${held(delivery)}
            RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length > 0), Effect.orDie)
      ),
      thaw: Effect.fn("BillingOutbox.thaw")((delivery) =>
        Effect.orDie(sql`UPDATE billing_outbox SET prepared = NULL, thaws = thaws + 1 WHERE ${held(delivery)}`)
      ),
      delivered: Effect.fn("BillingOutbox.delivered")((delivery, at) =>
        sql`UPDATE billing_outbox SET state = 'delivered', finished_at = ${dateOf(at)}, leased_until = NULL,
              error = NULL
            WHERE ${held(delivery)}`.pipe(passing(delivery), Effect.asVoid, Effect.orDie)
      ),
      postpone: Effect.fn("BillingOutbox.postpone")((delivery, nextAt, error) =>
        Effect.orDie(
          sql`UPDATE billing_outbox SET next_attempt_at = ${dateOf(nextAt)}, leased_until = NULL, error = ${error}
              WHERE ${held(delivery)}`
        )
      ),
      deadLetter: Effect.fn("BillingOutbox.deadLetter")((delivery, at, error) =>
        sql<{ readonly count: number }>`WITH dead AS (
              UPDATE billing_outbox SET state = 'dead', finished_at = ${dateOf(at)}, leased_until = NULL,
                error = ${error}
              WHERE ${held(delivery)} RETURNING 1)
            SELECT (SELECT count(*) FROM dead)::integer + count(*)::integer AS count FROM billing_outbox
            WHERE purchase_id = ${delivery.purchaseId} AND state = 'dead'
              AND finished_at > ${dateOf(at)}::timestamptz - interval '1 day'`.pipe(
          passing(delivery),
          Effect.map(([row]) => row?.count ?? 0),
          Effect.orDie
        )
      ),
      replay: Effect.fn("BillingOutbox.replay")((which, now) =>
        sql`UPDATE billing_outbox SET state = 'waiting', finished_at = NULL, next_attempt_at = ${dateOf(now)}
            WHERE state = 'dead' AND ${
          "id" in which
            ? sql`id = ${which.id}`
            : sql`purchase_id = ${which.purchaseId} AND intent ->> '_tag' = 'OpenCheckout'
                AND error <> ${unreadableEntry}`
        }
            RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      ),
      waits: Effect.fn("BillingOutbox.waits")((purchaseId) =>
        sql`SELECT 1 AS one FROM billing_outbox WHERE purchase_id = ${purchaseId} AND state = 'waiting' LIMIT 1`.pipe(
          Effect.map((rows) => rows.length > 0),
          Effect.orDie
        )
      ),
      dead: Effect.fn("BillingOutbox.dead")((limit) =>
        selectDead(limit).pipe(Effect.map((rows) => rows.map(deadOf)), Effect.orDie)
      ),
      wake: Effect.fn("BillingOutbox.wake")(wake, sql.withTransaction, Effect.orDie),
      purge: Effect.fn("BillingOutbox.purge")((before, limit) =>
        sql`DELETE FROM billing_outbox WHERE id IN (
              SELECT id FROM billing_outbox WHERE state <> 'waiting' AND finished_at < ${dateOf(before)}
              LIMIT ${limit})
            RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
