/**
 * Reads calls from Postgres by their ids, or by the projections.
 */
import { CallId, CallRecord, type CallRepository, type Delivery, Signal } from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { Array, Effect, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import * as GatheredRead from "../GatheredRead.ts"
import { fullPage, makeReader, StoredRow } from "../StoredRows.ts"
import { decodeHistory, historyPage, type HistoryRow } from "./PgCallHistory.ts"
import * as StoredCallRows from "./StoredCallRows.ts"
import { StoredCallStates } from "./StoredCallStates.ts"

const EntryRow = Schema.Struct({ callId: CallId })
const DeliveryRow = Schema.Struct({
  seq: CallRecord.fields.seq,
  at: Schema.DateTimeUtcFromDate,
  event: Schema.toCodecJson(CallRecord.fields.event),
  audience: Schema.toCodecJson(CallRecord.fields.audience),
  payload: Schema.NullOr(Schema.toCodecJson(Signal))
})

const SignalRow = Schema.Struct({ seq: Schema.Int, payload: Schema.toCodecJson(Signal) })

const deliveryOf = ({ payload, ...record }: typeof DeliveryRow.Type): Delivery => ({
  record,
  signal: Option.fromNullOr(payload)
})

type Reads = Pick<
  CallRepository["Service"],
  "load" | "loadAll" | "deliveries" | "signals" | "openEntries" | "openCallsOf" | "history"
>

export const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const { read } = yield* StoredCallStates
  const events = makeReader(DeliveryRow, ({ callId, seq }) => `event ${String(seq)} of the call ${String(callId)}`)
  const payloads = makeReader(SignalRow, ({ callId, seq }) => `signal ${String(seq)} of the call ${String(callId)}`)
  const rows = yield* StoredCallRows.make

  const selectDeliveries = SqlSchema.findAll({
    Request: Schema.Struct({ id: CallId, user: UserId, after: Schema.Int }),
    Result: StoredRow,
    execute: ({ after, id, user }) =>
      sql`SELECT call_id AS "callId", seq, at, event, audience, CASE WHEN event ->> 'to' = ${user} THEN payload END AS payload
          FROM call_events
          LEFT JOIN call_signals USING (call_id, seq)
          WHERE call_id = ${id} AND seq > ${after} AND audience ? ${user}
          ORDER BY seq`
  })
  /** The events of a finished call, which has no signals. */
  const finishedDeliveries = (id: CallId, user: UserId, after: number) =>
    Effect.map(
      rows.findFinished(id),
      (found): ReadonlyArray<StoredRow> =>
        Option.match(found, { onNone: () => [], onSome: ({ events }) => events })
          .filter(({ audience, seq }) => seq > after && audience[user] !== undefined)
          .map(({ at, audience, event, seq }) => ({
            callId: id,
            seq,
            at: new Date(at),
            event,
            audience,
            payload: null
          }))
    )
  const selectSignals = SqlSchema.findAll({
    Request: Schema.Struct({ id: CallId, seqs: Schema.Array(Schema.Int) }),
    Result: StoredRow,
    execute: ({ id, seqs }) =>
      sql`SELECT call_id AS "callId", seq, payload FROM call_signals WHERE call_id = ${id} AND seq = ANY(${seqs}::int[])`
  })
  const selectEntries = SqlSchema.findAll({
    Request: Schema.Array(UserId),
    Result: Schema.Struct({ userId: UserId, callId: CallId, state: Schema.Literals(["active", "pending"]) }),
    execute: (users) =>
      sql`SELECT user_id AS "userId", call_id AS "callId", state FROM user_calls
          WHERE user_id = ANY(${users}::uuid[]) AND state <> 'left'`
  })
  const gatherEntries = yield* GatheredRead.make(sql, selectEntries, ({ userId }) => userId)
  const selectOpen = SqlSchema.findAll({
    Request: UserId,
    Result: EntryRow,
    execute: (user) =>
      sql`SELECT call_id AS "callId" FROM user_calls WHERE user_id = ${user} AND state <> 'left'
          ORDER BY initiated_at, call_id`
  })
  const loadAll = Effect.fnUntraced(function*(ids: ReadonlyArray<CallId>) {
    return Array.getSomes(yield* Effect.forEach(yield* rows.findAll(ids), read))
  })

  /** The calls of these entries, in their order. */
  const loadInOrder = Effect.fnUntraced(function*(entries: ReadonlyArray<typeof EntryRow.Type>) {
    if (entries.length === 0) return []
    const byId = new Map((yield* loadAll(entries.map(({ callId }) => callId))).map((call) => [call.id, call]))
    return entries.flatMap(({ callId }) => byId.get(callId) ?? [])
  })

  const reads: Reads = {
    load: (id) =>
      rows.find(id).pipe(
        Effect.flatMap(Option.match({ onNone: () => Effect.succeedNone, onSome: read })),
        Effect.orDie
      ),
    loadAll: (ids) => Effect.orDie(loadAll(ids)),
    deliveries: Effect.fn("CallRepository.deliveries")((id, user, after) =>
      selectDeliveries({ id, user, after }).pipe(
        Effect.flatMap((rows) => rows.length > 0 ? Effect.succeed(rows) : finishedDeliveries(id, user, after)),
        Effect.flatMap(events.readAll),
        Effect.map((rows) => rows.map(deliveryOf)),
        Effect.orDie
      )
    ),
    signals: Effect.fn("CallRepository.signals")((id, seqs) =>
      selectSignals({ id, seqs }).pipe(
        Effect.flatMap(payloads.readAll),
        Effect.map((rows) => new Map(rows.map(({ payload, seq }) => [seq, payload]))),
        Effect.orDie
      )
    ),
    openEntries: (users) => Effect.orDie(gatherEntries(users)),
    openCallsOf: Effect.fn("CallRepository.openCallsOf")((user) =>
      selectOpen(user).pipe(Effect.flatMap(loadInOrder), Effect.orDie)
    ),
    history: Effect.fn("CallRepository.history")((ids, filter, { after: before, limit }) =>
      fullPage(
        limit,
        (last: HistoryRow | undefined, count) =>
          Effect.flatMap(historyPage(sql, ids, filter, { after: last ?? before, limit: count }), decodeHistory),
        loadInOrder
      ).pipe(Effect.orDie)
    )
  }
  return reads
})
