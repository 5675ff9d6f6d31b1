/**
 * Stores in Postgres the purchases about which the provider has to be asked: one row for each purchase.
 */
import { type ClaimedSync, SyncRequests } from "@dchat/domain/billing"
import { PurchaseId } from "@dchat/domain/subscription"
import { type DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema, type Statement } from "effect/sql"
import { makeReader, StoredRow } from "../StoredRows.ts"

const ClaimedRow = Schema.Struct({
  purchaseId: PurchaseId,
  generation: Schema.Int,
  failures: Schema.Int,
  reconciling: Schema.Boolean,
  leasedUntil: Schema.DateTimeUtcFromDate
})
const Times = { now: Schema.DateTimeUtcFromDate, until: Schema.DateTimeUtcFromDate }

/** No more is asked about by the reconciliation while so much of it waits for an answer. */
const mostWaiting = 200

const dateOf = (time: DateTime.Utc) => new Date(time.epochMilliseconds)

export const layer = Layer.effect(
  SyncRequests,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const claimed = makeReader(ClaimedRow, ({ purchaseId }) => `question about the purchase ${String(purchaseId)}`)
    const columns = sql.literal(`purchase_id AS "purchaseId", generation, failures, reconciling,
      leased_until AS "leasedUntil"`)
    const isUntold = sql.literal(`EXISTS (SELECT 1 FROM billing_outbox
      WHERE billing_outbox.purchase_id = sync_requests.purchase_id AND billing_outbox.state = 'waiting')`)

    const claim = SqlSchema.findAll({
      Request: Schema.Struct({ ...Times, limit: Schema.Int }),
      Result: StoredRow,
      execute: ({ limit, now, until }) =>
        sql`UPDATE sync_requests SET leased_until = ${until}
            WHERE purchase_id IN (
              SELECT purchase_id FROM sync_requests
              WHERE next_attempt_at <= ${now} AND (leased_until IS NULL OR leased_until <= ${now}) AND NOT ${isUntold}
              ORDER BY reconciling, next_attempt_at, requested_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
            RETURNING ${columns}`
    })
    const claimOf = SqlSchema.findAll({
      Request: Schema.Struct({ ...Times, purchaseId: PurchaseId }),
      Result: ClaimedRow,
      execute: ({ now, purchaseId, until }) =>
        sql`UPDATE sync_requests SET leased_until = ${until}
            WHERE purchase_id = ${purchaseId} AND (leased_until IS NULL OR leased_until <= ${now}) AND NOT ${isUntold}
            RETURNING ${columns}`
    })
    const selectBacklog = SqlSchema.findOneOption({
      Request: Schema.Void,
      Result: Schema.Struct({ count: Schema.Int, oldest: Schema.NullOr(Schema.DateTimeUtcFromDate) }),
      execute: () => sql`SELECT count(*)::integer AS count, min(requested_at) AS oldest FROM sync_requests`
    })

    const selectObserved = SqlSchema.findAll({
      Request: PurchaseId,
      Result: Schema.Struct({ observedAt: Schema.NullOr(Schema.DateTimeUtcFromDate) }),
      execute: (id) => sql`SELECT observed_at AS "observedAt" FROM purchases WHERE id = ${id}`
    })

    /**
     * Requests the purchases for the reconciliation. A request that already waits stays as it is, and is not marked as
     * one of the reconciliation.
     */
    const reconcile = (purchases: Statement.Statement<unknown>, at: DateTime.Utc) =>
      sql`INSERT INTO sync_requests (purchase_id, generation, requested_at, reconciling)
          SELECT id, nextval('sync_generations'), ${dateOf(at)}, true FROM (${purchases}) AS purchase ORDER BY id
          ON CONFLICT (purchase_id) DO NOTHING
          RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length), Effect.orDie)

    return SyncRequests.of({
      request: Effect.fn("SyncRequests.request")((purchases, at, notBefore) =>
        purchases.length === 0
          ? Effect.void
          : Effect.orDie(
            sql`INSERT INTO sync_requests (purchase_id, generation, requested_at, next_attempt_at)
                SELECT id, nextval('sync_generations'), ${dateOf(at)},
                  coalesce(${notBefore === undefined ? null : dateOf(notBefore)}::timestamptz, '-infinity')
                FROM purchases WHERE id IN (SELECT value::uuid FROM json_array_elements_text(${
              JSON.stringify(purchases)
            }::json))
                ORDER BY id
                ON CONFLICT (purchase_id) DO UPDATE SET generation = excluded.generation,
                  requested_at = excluded.requested_at, reconciling = false,
                  next_attempt_at = excluded.next_attempt_at`
          )
      ),
      claim: Effect.fn("SyncRequests.claim")((now, until, limit) =>
        claim({ now, until, limit }).pipe(Effect.flatMap(claimed.readAll), Effect.orDie)
      ),
      claimOf: Effect.fn("SyncRequests.claimOf")((purchaseId, now, until) =>
        Effect.orDie(Effect.map(claimOf({ purchaseId, now, until }), ([row]) => row))
      ),
      isHeld: Effect.fn("SyncRequests.isHeld")((purchaseId, now) =>
        sql`SELECT 1 AS one FROM sync_requests WHERE purchase_id = ${purchaseId} AND leased_until > ${dateOf(now)}`
          .pipe(
            Effect.map((rows) => rows.length > 0),
            Effect.orDie
          )
      ),
      answered: Effect.fn("SyncRequests.answered")(({ generation, leasedUntil, purchaseId }: ClaimedSync) =>
        Effect.gen(function*() {
          const gone = yield* sql`DELETE FROM sync_requests
            WHERE purchase_id = ${purchaseId} AND generation = ${generation}
              AND leased_until = ${dateOf(leasedUntil)}
            RETURNING 1 AS one`
          if (gone.length > 0) return true
          yield* sql`UPDATE sync_requests SET leased_until = NULL, failures = 0
            WHERE purchase_id = ${purchaseId} AND leased_until = ${dateOf(leasedUntil)}`
          return false
        }).pipe(Effect.orDie)
      ),
      postpone: Effect.fn("SyncRequests.postpone")(({ generation, leasedUntil, purchaseId }, nextAt, error) =>
        Effect.orDie(
          sql`UPDATE sync_requests SET leased_until = NULL, failures = failures + 1, error = ${error},
                next_attempt_at = CASE WHEN generation = ${generation} THEN ${dateOf(nextAt)}::timestamptz
                  ELSE next_attempt_at END
              WHERE purchase_id = ${purchaseId} AND leased_until = ${dateOf(leasedUntil)}`
        )
      ),
      requestDue: Effect.fn("SyncRequests.requestDue")((now) =>
        reconcile(sql`SELECT id FROM purchases WHERE method = 'stripe' AND watched_from <= ${dateOf(now)}`, now)
      ),
      observedAt: Effect.fn("SyncRequests.observedAt")((purchaseId) =>
        Effect.orDie(Effect.map(selectObserved(purchaseId), ([row]) => row?.observedAt ?? undefined))
      ),
      observed: Effect.fn("SyncRequests.observed")((purchaseId, { againAt, at, paidSince }) =>
        sql`UPDATE purchases SET observed_at = ${dateOf(at)},
              look_at = CASE WHEN watched_from IS NOT NULL OR EXISTS (SELECT FROM payments
                  WHERE payments.purchase_id = purchases.id AND payments.paid_at >= ${dateOf(paidSince)})
                THEN ${dateOf(againAt)}::timestamptz END
            WHERE id = ${purchaseId} AND (observed_at IS NULL OR observed_at < ${dateOf(at)})
            RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length > 0), Effect.orDie)
      ),
      requestUnseen: Effect.fn("SyncRequests.requestUnseen")(({ limit, now, restUntil }) =>
        sql`WITH unseen AS (
              SELECT id FROM purchases
              WHERE method = 'stripe' AND look_at <= ${dateOf(now)}
                AND (SELECT count(*) FROM (SELECT FROM sync_requests WHERE reconciling LIMIT ${mostWaiting}) AS waiting)
                  < ${mostWaiting}
              ORDER BY look_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            ), rested AS (
              UPDATE purchases SET look_at = ${dateOf(restUntil)} FROM unseen WHERE purchases.id = unseen.id
              RETURNING purchases.id
            )
            INSERT INTO sync_requests (purchase_id, generation, requested_at, reconciling)
            SELECT id, nextval('sync_generations'), ${dateOf(now)}, true FROM rested ORDER BY id
            ON CONFLICT (purchase_id) DO NOTHING
            RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      ),
      backlog: selectBacklog(undefined).pipe(
        Effect.map((row) =>
          row._tag === "None" ? { count: 0, oldest: undefined } : {
            count: row.value.count,
            oldest: row.value.oldest ?? undefined
          }
        ),
        Effect.orDie,
        Effect.withSpan("SyncRequests.backlog")
      )
    })
  })
)
