/**
 * Stores in Postgres the events of the provider. An event has one row, however often the provider sends the event.
 */
import {
  type ClaimedEvent,
  EventConcern,
  type InboxEntry,
  type ProviderEvent,
  WebhookInbox
} from "@dchat/domain/billing"
import { type DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import * as GatheredRead from "../GatheredRead.ts"
import { makeReader } from "../StoredRows.ts"

const ClaimedRow = Schema.Struct({
  externalId: Schema.String,
  type: Schema.String,
  concern: Schema.Unknown,
  receivedAt: Schema.DateTimeUtcFromDate,
  attempts: Schema.Int
})
const ConcernRow = Schema.Struct({ concern: Schema.NullOr(EventConcern) })
const EntryRow = Schema.Struct({
  externalId: Schema.String,
  type: Schema.String,
  state: Schema.Literals(["waiting", "done", "ignored", "dead"]),
  receivedAt: Schema.DateTimeUtcFromDate,
  attempts: Schema.Int,
  error: Schema.NullOr(Schema.String)
})

/** An event that has arrived. */
interface Arrival {
  readonly event: ProviderEvent
  readonly at: DateTime.Utc
}

const dateOf = (time: DateTime.Utc) => new Date(time.epochMilliseconds)

export const layer = Layer.effect(
  WebhookInbox,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const concerns = makeReader(ConcernRow, ({ externalId }) => `event ${String(externalId)} of the payment provider`)

    const claimedOf = (row: typeof ClaimedRow.Type): Effect.Effect<ClaimedEvent> =>
      Effect.map(concerns.read(row), (read) => ({
        ...row,
        concern: Option.getOrUndefined(Option.map(read, ({ concern }) => concern ?? { references: [] }))
      }))

    const claim = SqlSchema.findAll({
      Request: Schema.Struct({
        now: Schema.DateTimeUtcFromDate,
        until: Schema.DateTimeUtcFromDate,
        limit: Schema.Int
      }),
      Result: ClaimedRow,
      execute: ({ limit, now, until }) =>
        sql`UPDATE webhook_events SET leased_until = ${until}, attempts = attempts + 1
            WHERE external_id IN (
              SELECT external_id FROM webhook_events
              WHERE state = 'waiting' AND next_attempt_at <= ${now} AND (leased_until IS NULL OR leased_until <= ${now})
              ORDER BY next_attempt_at, received_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
            RETURNING external_id AS "externalId", type, concern, received_at AS "receivedAt", attempts`
    })
    const select = SqlSchema.findAll({
      Request: Schema.Struct({ state: Schema.NullOr(Schema.String), limit: Schema.Int }),
      Result: EntryRow,
      execute: ({ limit, state }) =>
        sql`SELECT external_id AS "externalId", type, state, received_at AS "receivedAt", attempts, error
            FROM webhook_events ${state === null ? sql`` : sql`WHERE state = ${state}`}
            ORDER BY received_at DESC LIMIT ${limit}`
    })

    /** Returns the arrivals of events that were not stored before. */
    const insertAll = Effect.fnUntraced(function*(arrivals: ReadonlyArray<Arrival>) {
      const byId = new Map(arrivals.toReversed().map((arrival) => [arrival.event.externalId, arrival]))
      const rows = Array.from(
        byId.values(),
        ({ at, event: { concern, externalId, type } }) => ({ externalId, type, concern, receivedAt: dateOf(at) })
      )
      // Two hosts that store the same events wait for each other in the same order.
      const stored = yield* sql<{ readonly externalId: string }>`
        INSERT INTO webhook_events (external_id, type, concern, received_at)
        SELECT "externalId", type, concern, "receivedAt" FROM json_to_recordset(${JSON.stringify(rows)}::json)
          AS row("externalId" text, type text, concern jsonb, "receivedAt" timestamptz)
        ORDER BY "externalId"
        ON CONFLICT (external_id) DO NOTHING RETURNING external_id AS "externalId"`
      return stored.flatMap(({ externalId }) => byId.get(externalId) ?? [])
    })
    const insert = yield* GatheredRead.make(sql, insertAll, (arrival: Arrival) => arrival)

    return WebhookInbox.of({
      accept: Effect.fn("WebhookInbox.accept")((event, at) =>
        insert([{ event, at }]).pipe(Effect.map((stored) => stored.length > 0), Effect.orDie)
      ),
      claim: Effect.fn("WebhookInbox.claim")((now, until, limit) =>
        claim({ now, until, limit }).pipe(Effect.flatMap(Effect.forEach(claimedOf)), Effect.orDie)
      ),
      finish: Effect.fn("WebhookInbox.finish")((events, at) =>
        events.length === 0
          ? Effect.void
          : Effect.orDie(
            sql`UPDATE webhook_events
                SET state = CASE WHEN event."purchaseId" IS NULL THEN 'ignored' ELSE 'done' END,
                  finished_at = ${dateOf(at)}, leased_until = NULL, error = NULL,
                  concern = (SELECT jsonb_build_object('purchaseId', purchases.id, 'references', '[]'::jsonb)
                    FROM purchases JOIN users ON users.id = purchases.user_id
                    WHERE purchases.id = event."purchaseId" AND users.status <> 'deleted')
                FROM json_to_recordset(${JSON.stringify(events)}::json)
                  AS event("externalId" text, "purchaseId" uuid)
                WHERE webhook_events.external_id = event."externalId"`
          )
      ),
      postpone: Effect.fn("WebhookInbox.postpone")((externalId, nextAt, error) =>
        Effect.orDie(
          sql`UPDATE webhook_events SET next_attempt_at = ${dateOf(nextAt)}, leased_until = NULL, error = ${error}
              WHERE external_id = ${externalId} AND state = 'waiting'`
        )
      ),
      deadLetter: Effect.fn("WebhookInbox.deadLetter")((externalId, at, error) =>
        Effect.orDie(
          sql`UPDATE webhook_events SET state = 'dead', finished_at = ${dateOf(at)}, leased_until = NULL,
                error = ${error}
              WHERE external_id = ${externalId} AND state = 'waiting'`
        )
      ),
      replay: Effect.fn("WebhookInbox.replay")((which, now) =>
        sql`UPDATE webhook_events SET state = 'waiting', attempts = 0, next_attempt_at = ${dateOf(now)},
              leased_until = NULL, finished_at = NULL
            WHERE ${which === "dead" ? sql`state = 'dead'` : sql`external_id = ${which.externalId}`}
            RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      ),
      list: Effect.fn("WebhookInbox.list")((state, limit) =>
        select({ state: state ?? null, limit }).pipe(
          Effect.map((rows) =>
            rows.map(({ error, ...entry }): InboxEntry => ({ ...entry, error: error ?? undefined }))
          ),
          Effect.orDie
        )
      ),
      purge: Effect.fn("WebhookInbox.purge")((before, limit) =>
        sql`DELETE FROM webhook_events WHERE external_id IN (
              SELECT external_id FROM webhook_events
              WHERE state <> 'waiting' AND finished_at < ${dateOf(before)} LIMIT ${limit})
            RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
