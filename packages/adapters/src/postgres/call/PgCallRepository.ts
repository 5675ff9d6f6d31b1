/**
 * Stores calls in Postgres: the state and the events of each call, and the projections.
 */
import { CallId, CallRepository } from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { HostConnections } from "../HostConnections.ts"
import * as PgCallAppend from "./PgCallAppend.ts"
import * as PgCallReads from "./PgCallReads.ts"
import * as StoredCallRows from "./StoredCallRows.ts"
import { discardedVersion, faultOf, StoredCallStates } from "./StoredCallStates.ts"

const IdRow = Schema.Struct({ id: CallId })

export const layer = Layer.effect(
  CallRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const ofHost = yield* HostConnections.orShared

    const { read } = yield* StoredCallStates
    const { find } = yield* StoredCallRows.make

    const claimDue = SqlSchema.findAll({
      Request: Schema.Struct({
        now: Schema.DateTimeUtcFromDate,
        claimedUntil: Schema.DateTimeUtcFromDate,
        limit: Schema.Int
      }),
      Result: IdRow,
      execute: ({ claimedUntil, limit, now }) =>
        ofHost`WITH due AS MATERIALIZED (
              SELECT id FROM calls
              WHERE next_due_at <= ${now} AND (claimed_until IS NULL OR claimed_until <= ${now})
              ORDER BY next_due_at, id LIMIT ${limit} FOR UPDATE SKIP LOCKED
            ), claimed AS (
              UPDATE calls SET claimed_until = ${claimedUntil} WHERE id IN (SELECT id FROM due) RETURNING id, next_due_at
            )
            SELECT id FROM claimed ORDER BY next_due_at, id`
    })
    const selectDueBefore = SqlSchema.findAll({
      Request: Schema.Struct({ until: Schema.DateTimeUtcFromDate, after: Schema.NullOr(CallId), limit: Schema.Int }),
      Result: IdRow,
      execute: ({ after, limit, until }) =>
        ofHost`SELECT id FROM calls
            WHERE phase <> 'disconnected' AND next_due_at < ${until} AND (${after}::uuid IS NULL OR id > ${after}::uuid)
            ORDER BY id LIMIT ${limit}`
    })
    const selectAskedWhileActive = SqlSchema.findAll({
      Request: Schema.Struct({ user: Schema.NullOr(UserId), call: Schema.NullOr(CallId), limit: Schema.Int }),
      Result: Schema.Struct({ userId: UserId, callId: CallId }),
      execute: ({ call, limit, user }) =>
        ofHost`SELECT user_id AS "userId", asked.call_id AS "callId"
            FROM user_calls AS asked JOIN user_calls AS other USING (user_id)
            WHERE asked.state = 'pending' AND other.state = 'active'
              AND (${user}::uuid IS NULL OR (user_id, asked.call_id) > (${user}::uuid, ${call}::uuid))
            ORDER BY user_id, asked.call_id LIMIT ${limit}`
    })
    const countOpen = SqlSchema.findOne({
      Request: Schema.Void,
      Result: Schema.Struct({ open: Schema.Int }),
      execute: () => ofHost`SELECT count(*)::int AS open FROM calls WHERE phase <> 'disconnected'`
    })

    const discard = Effect.fnUntraced(function*(id: CallId, at: DateTime.Utc) {
      const row = yield* find(id)
      if (Option.isNone(row) || Option.isSome(yield* read(row.value))) return false
      const ended = yield* sql`
        WITH ended AS (
          UPDATE calls
          SET phase = 'disconnected', state_version = ${discardedVersion}, ended_at = ${DateTime.toDateUtc(at)},
            next_due_at = NULL, claimed_until = NULL
          WHERE id = ${id} AND phase <> 'disconnected'
          RETURNING id
        ), gone AS (
          UPDATE user_calls
          SET state = 'left', outcome = CASE WHEN outcome = 'ongoing' THEN 'missed' ELSE outcome END
          WHERE call_id IN (SELECT id FROM ended)
        ), unpaired AS (
          DELETE FROM open_direct_calls WHERE call_id IN (SELECT id FROM ended)
        ), silenced AS (
          DELETE FROM call_signals WHERE call_id IN (SELECT id FROM ended)
        ), released AS (
          DELETE FROM leases WHERE call_id IN (SELECT id FROM ended)
        )
        SELECT id FROM ended`
      return ended.length === 1
    })

    return CallRepository.of({
      ...yield* PgCallReads.make,
      append: yield* PgCallAppend.make,
      claimDue: Effect.fn("CallRepository.claimDue")((now, claimedUntil, limit) =>
        claimDue({ now, claimedUntil, limit }).pipe(Effect.map((rows) => rows.map(({ id }) => id)), Effect.orDie)
      ),
      dueBefore: Effect.fn("CallRepository.dueBefore")((until, { after = null, limit }) =>
        selectDueBefore({ until, after, limit }).pipe(Effect.map((rows) => rows.map(({ id }) => id)), Effect.orDie)
      ),
      askedWhileActive: Effect.fn("CallRepository.askedWhileActive")(({ after, limit }) =>
        Effect.orDie(selectAskedWhileActive({ user: after?.userId ?? null, call: after?.callId ?? null, limit }))
      ),
      faultOf: Effect.fn("CallRepository.faultOf")((id) => Effect.orDie(Effect.map(find(id), Option.flatMap(faultOf)))),
      discard: Effect.fn("CallRepository.discard")((id, at) => Effect.orDie(discard(id, at))),
      countOpen: countOpen().pipe(
        Effect.map(({ open }) => open),
        Effect.orDie,
        Effect.withSpan("CallRepository.countOpen")
      )
    })
  })
)
