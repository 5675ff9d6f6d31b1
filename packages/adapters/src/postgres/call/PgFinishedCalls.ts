/**
 * Moves calls that have ended into the partitions of finished calls, and drops old partitions.
 */
import { type Call, CallArchive, CallId, callStateVersion, FinishedCalls, timeOf } from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { Cause, DateTime, Effect, Layer, Option, Predicate, Schema } from "effect"
import { SqlClient, SqlError, SqlSchema } from "effect/sql"
import { bodyFormat, pack } from "./FinishedCallBody.ts"
import { StoredState } from "./StoredCallStates.ts"

/** The number of months that are prepared beside the current one. */
const monthsAhead = 2

const EndedRow = Schema.Struct({ ...StoredState.fields, initiatedAt: Schema.DateTimeUtcFromDate })
const EntryRow = Schema.Struct({ userId: UserId, callId: CallId })

/** An event passes through unread. */
interface EventRow {
  readonly callId: CallId
  readonly seq: number
  readonly at: Date
  readonly event: unknown
  readonly audience: unknown
}

const isRecord = Predicate.isObject
const isUserId = Schema.is(UserId)

/** Whether links and users are where the state of a call has them. Reading a whole state costs more than the rest. */
const isLikeCall = (state: unknown): state is typeof Call.Encoded =>
  isRecord(state) && Array.isArray(state["links"]) && state["links"].every(isRecord) &&
  Array.isArray(state["participants"]) &&
  state["participants"].every((person) => isRecord(person) && isUserId(person["userId"]))

/** No user sees an event whose audience is damaged. */
const audienceOf = (audience: unknown): Readonly<Record<string, number>> =>
  isRecord(audience) ? audience as Readonly<Record<string, number>> : {}

/** Calls of which at least one cannot be moved. */
class Unmovable extends Schema.TaggedError<Unmovable>()("Unmovable", {
  ids: Schema.Array(CallId),
  reason: Schema.Unknown
}) {}

/** Failures of the database, which say nothing of a call. */
const unrelated: ReadonlySet<string> = new Set([
  "ConnectionError",
  "StatementTimeoutError",
  "LockTimeoutError",
  "DeadlockError",
  "SerializationError"
])

const isOfSomeCall = (cause: Cause.Cause<unknown>): boolean => {
  if (Cause.hasInterrupts(cause)) return false
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  return !(SqlError.isSqlError(error) && unrelated.has(error.reason._tag))
}

/** The first day of the month (UTC), as in `2026-01-01`. */
const monthOf = (at: DateTime.Utc): string => `${DateTime.formatIso(at).slice(0, 7)}-01`

export const layer = Layer.effect(
  FinishedCalls,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    /** Calls that this host could not move and leaves in place. */
    const stuck = new Set<CallId>()

    const selectEnded = SqlSchema.findAll({
      Request: Schema.Struct({ endedBy: Schema.DateTimeUtcFromDate, limit: Schema.Int }),
      Result: EndedRow,
      execute: ({ endedBy, limit }) =>
        sql`SELECT id, state_version AS "stateVersion", state, initiated_at AS "initiatedAt" FROM calls
            WHERE ended_at <= ${endedBy} AND state_version <= ${callStateVersion} AND id <> ALL(${[...stuck]}::uuid[])
            ORDER BY ended_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`
    })
    const selectEvents = (ids: ReadonlyArray<CallId>) =>
      sql<EventRow>`SELECT call_id AS "callId", seq, at, event, audience FROM call_events
        WHERE call_id = ANY(${ids}::uuid[]) AND type <> ALL(${CallArchive.passingEvents}::text[])
        ORDER BY call_id, seq`
    const selectEntries = SqlSchema.findAll({
      Request: Schema.Array(CallId),
      Result: EntryRow,
      execute: (ids) =>
        sql`SELECT user_id AS "userId", call_id AS "callId" FROM user_calls WHERE call_id = ANY(${ids}::uuid[])`
    })

    const addMonths = (times: ReadonlyArray<DateTime.Utc>) =>
      sql`SELECT add_call_month(month) FROM unnest(${[...new Set(times.map(monthOf))]}::date[]) AS month`

    const store = Effect.fnUntraced(function*(ended: ReadonlyArray<typeof EndedRow.Type>) {
      const ids = ended.map(({ id }) => id)
      const eventsOf = Map.groupBy(yield* selectEvents(ids), ({ callId }) => callId)
      const bodies = ended.map(({ id, state }) =>
        pack({
          state: isLikeCall(state) ? CallArchive.withoutSignalling(state) : state,
          events: CallArchive.relinked(
            (eventsOf.get(id) ?? []).map(({ at, audience, event, seq }) => ({
              seq,
              at: at.toISOString(),
              event,
              audience: audienceOf(audience)
            }))
          )
        })
      )
      // No index finds the entries of a call whose users are not known.
      const unreadable = ended.filter(({ state }) => !isLikeCall(state)).map(({ id }) => id)
      const entries = [
        ...ended.flatMap(({ id, state }) =>
          isLikeCall(state) ? state.participants.map(({ userId }) => ({ userId, callId: id })) : []
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
          ${bodies}::bytea[]) AS call(call_id, state_version, body)
        ORDER BY call_id`
    })

    const together = (endedBy: DateTime.Utc, limit: number) =>
      sql.withTransaction(Effect.gen(function*() {
        const ended = yield* selectEnded({ endedBy, limit })
        if (ended.length === 0) return 0
        const ids = ended.map(({ id }) => id)
        yield* Effect.catchCauseIf(
          store(ended),
          isOfSomeCall,
          (reason) => Effect.fail(new Unmovable({ ids, reason }))
        )
        return ended.length
      }))

    const leave = Effect.fnUntraced(function*({ ids, reason }: Unmovable) {
      for (const id of ids) {
        stuck.add(id)
        yield* Effect.logError(`the call ${id} cannot be moved to the finished calls and stays in place`, reason)
      }
      return 0
    })

    /** Moves calls together, or each alone if one of them stands in the way. */
    const move = (endedBy: DateTime.Utc, limit: number) =>
      Effect.catchTag(
        together(endedBy, limit),
        "Unmovable",
        ({ ids }) =>
          Effect.forEach(ids, () => Effect.catchTag(together(endedBy, 1), "Unmovable", leave)).pipe(
            Effect.map((moved) => moved.reduce((sum, count) => sum + count, 0))
          )
      )

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
