/**
 * Moves calls that have ended into the partitions of finished calls, and drops old partitions.
 */
import { CallArchive, CallId, callStateVersion, FinishedCalls, timeOf } from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Result, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { makeReader, StoredRow } from "../StoredRows.ts"
import { bodyFormat, pack } from "./FinishedCallBody.ts"
import { decoded, StoredState } from "./StoredCallStates.ts"

/** The number of months that are prepared beside the current one. */
const monthsAhead = 2

const EndedRow = Schema.Struct({ ...StoredState.fields, initiatedAt: Schema.DateTimeUtcFromDate })
const EntryRow = Schema.Struct({ userId: UserId, callId: CallId })
const EventRow = Schema.Struct({
  callId: CallId,
  seq: Schema.Int,
  at: Schema.DateTimeUtcFromDate,
  event: Schema.Unknown,
  audience: Schema.Record(Schema.String, Schema.Int)
})

/** The first day of the month (UTC), as in `2026-01-01`. */
const monthOf = (at: DateTime.Utc): string => `${DateTime.formatIso(at).slice(0, 7)}-01`

export const layer = Layer.effect(
  FinishedCalls,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const events = makeReader(EventRow, ({ callId, seq }) => `event ${String(seq)} of the call ${String(callId)}`)

    const selectEnded = SqlSchema.findAll({
      Request: Schema.Struct({ endedBy: Schema.DateTimeUtcFromDate, limit: Schema.Int }),
      Result: EndedRow,
      execute: ({ endedBy, limit }) =>
        sql`SELECT id, state_version AS "stateVersion", state, initiated_at AS "initiatedAt" FROM calls
            WHERE ended_at <= ${endedBy} AND state_version <= ${callStateVersion}
            ORDER BY ended_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`
    })
    const selectEvents = SqlSchema.findAll({
      Request: Schema.Array(CallId),
      Result: StoredRow,
      execute: (ids) =>
        sql`SELECT call_id AS "callId", seq, at, event, audience FROM call_events
            WHERE call_id = ANY(${ids}::uuid[]) AND type <> ALL(${CallArchive.passingEvents}::text[])
            ORDER BY call_id, seq`
    })
    const selectEntries = SqlSchema.findAll({
      Request: Schema.Array(CallId),
      Result: EntryRow,
      execute: (ids) =>
        sql`SELECT user_id AS "userId", call_id AS "callId" FROM user_calls WHERE call_id = ANY(${ids}::uuid[])`
    })

    const addMonths = (times: ReadonlyArray<DateTime.Utc>) =>
      sql`SELECT add_call_month(month) FROM unnest(${[...new Set(times.map(monthOf))]}::date[]) AS month`

    const move = Effect.fnUntraced(function*(endedBy: DateTime.Utc, limit: number) {
      const ended = yield* selectEnded({ endedBy, limit })
      if (ended.length === 0) return 0
      const ids = ended.map(({ id }) => id)
      const eventsOf = Map.groupBy(yield* events.readAll(yield* selectEvents(ids)), ({ callId }) => callId)
      const moved = ended.map((row) => {
        const call = decoded(row)
        const timeline = CallArchive.relinked(eventsOf.get(row.id) ?? [])
        const body = pack({
          state: Result.isSuccess(call) ? CallArchive.withoutSignalling(call.success) : row.state,
          events: timeline.map(({ at, audience, event, seq }) => ({ seq, at: DateTime.formatIso(at), event, audience }))
        })
        return { ...row, call, body }
      })
      // No index finds the entries of a call whose users are not known.
      const unreadable = moved.filter(({ call }) => Result.isFailure(call)).map(({ id }) => id)
      const entries = [
        ...moved.flatMap(({ call, id }) =>
          Result.isSuccess(call) ? call.success.participants.map(({ userId }) => ({ userId, callId: id })) : []
        ),
        ...unreadable.length === 0 ? [] : yield* selectEntries(unreadable)
      ]
      yield* addMonths(ended.flatMap(({ id, initiatedAt }) => [timeOf(id), initiatedAt]))
      yield* sql`WITH gone AS (
          DELETE FROM calls WHERE id = ANY(${ids}::uuid[])
        ), events AS (
          DELETE FROM call_events WHERE call_id = ANY(${ids}::uuid[])
        ), signals AS (
          DELETE FROM call_signals WHERE call_id = ANY(${ids}::uuid[])
        ), entries AS (
          DELETE FROM user_calls USING
            unnest(${entries.map(({ userId }) => userId)}::uuid[], ${entries.map(({ callId }) => callId)}::uuid[])
              AS entry(user_id, call_id)
          WHERE user_calls.user_id = entry.user_id AND user_calls.call_id = entry.call_id
          RETURNING user_calls.*
        ), history AS (
          INSERT INTO call_history (user_id, initiated_at, call_id, type, kind, outcome, peers)
          SELECT user_id, initiated_at, call_id, type, kind, outcome, peers FROM entries
        )
        INSERT INTO finished_calls (call_id, state_version, format, body)
        SELECT call_id, state_version, ${bodyFormat}, body
        FROM unnest(${ids}::uuid[], ${ended.map(({ stateVersion }) => stateVersion)}::int[],
          ${moved.map(({ body }) => body)}::bytea[]) AS call(call_id, state_version, body)
        ORDER BY call_id`
      return ended.length
    }, sql.withTransaction)

    return FinishedCalls.of({
      move: Effect.fn("FinishedCalls.move")((endedBy, limit) => Effect.orDie(move(endedBy, limit))),
      prepare: Effect.fn("FinishedCalls.prepare")((now) =>
        addMonths(
          Array.from(
            { length: monthsAhead + 1 },
            (_, months) => DateTime.add(DateTime.startOf(now, "month"), { months })
          )
        ).pipe(Effect.orDie, Effect.asVoid)
      ),
      forget: Effect.fn("FinishedCalls.forget")((time) =>
        sql<{ readonly months: number }>`SELECT drop_call_months(${DateTime.toDateUtc(time)}) AS months`.pipe(
          Effect.map(([row]) => row?.months ?? 0),
          Effect.orDie
        )
      )
    })
  })
)
