/**
 * Everything that our implementations keep of calls, for their contracts.
 */
import { MemoryCallStore, MemoryIdempotencyKeys } from "@dchat/adapters/memory"
import {
  Call,
  CallId,
  CallProjection,
  CallRecord,
  ConnectionId,
  DeviceId,
  HostId,
  Lease,
  nextDueAt,
  Signal
} from "@dchat/domain/call"
import { inOrder, StoredCalls } from "@dchat/domain/contracts"
import { UserId } from "@dchat/domain/identity"
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"

export const memoryLayer = Layer.effect(
  StoredCalls,
  Effect.gen(function*() {
    const { calls, callsOf, leases, pairs } = yield* MemoryCallStore
    const { requests } = yield* MemoryIdempotencyKeys.MemoryRecordedRequests
    return StoredCalls.of({
      everything: Effect.sync(() => {
        const kept = [...calls.values()]
        return inOrder({
          calls: kept.map(({ call }) => call),
          dueAt: new Map(kept.map(({ call }) => [call.id, nextDueAt(call)])),
          records: kept.flatMap(({ call, records }) => records.map((record) => ({ callId: call.id, record }))),
          signals: kept.flatMap(({ call, signals }) =>
            [...signals].map(([seq, signal]) => ({ callId: call.id, seq, signal }))
          ),
          entries: [...callsOf].flatMap(([user, ids]) =>
            [...ids].flatMap((id) => calls.get(id)?.entries.filter(({ userId }) => userId === user) ?? [])
          ),
          pairs: [...pairs].map(([pair, callId]) => ({ pair, callId })),
          leases: [...leases.values()],
          requests: [...requests.values()]
        })
      })
    })
  })
)

const Rows = {
  calls: Schema.Array(
    Schema.Struct({ state: Schema.toCodecJson(Call), dueAt: Schema.NullOr(Schema.DateTimeUtcFromDate) })
  ),
  events: Schema.Array(Schema.Struct({
    callId: CallId,
    seq: CallRecord.fields.seq,
    at: Schema.DateTimeUtcFromDate,
    event: Schema.toCodecJson(CallRecord.fields.event),
    audience: CallRecord.fields.audience
  })),
  signals: Schema.Array(Schema.Struct({ callId: CallId, seq: Schema.Int, signal: Schema.toCodecJson(Signal) })),
  entries: Schema.Array(
    Schema.Struct({ ...CallProjection.UserCall.fields, initiatedAt: Schema.DateTimeUtcFromDate })
  ),
  pairs: Schema.Array(Schema.Struct({ low: UserId, high: UserId, callId: CallId })),
  leases: Schema.Array(Schema.Struct({
    ...Lease.fields,
    device: Schema.NullOr(DeviceId),
    id: Schema.NullOr(ConnectionId),
    hostId: Schema.NullOr(HostId),
    seenAt: Schema.DateTimeUtcFromDate
  }))
}

export const postgresLayer = Layer.effect(
  StoredCalls,
  Effect.map(SqlClient.SqlClient, (sql) =>
    StoredCalls.of({
      everything: Effect.gen(function*() {
        const calls = yield* sql`SELECT state, next_due_at AS "dueAt" FROM calls`.pipe(
          Effect.flatMap(Schema.decodeUnknownEffect(Rows.calls))
        )
        const events = yield* sql`SELECT call_id AS "callId", seq, at, event, audience FROM call_events`.pipe(
          Effect.flatMap(Schema.decodeUnknownEffect(Rows.events))
        )
        const signals = yield* sql`SELECT call_id AS "callId", seq, payload AS signal FROM call_signals`.pipe(
          Effect.flatMap(Schema.decodeUnknownEffect(Rows.signals))
        )
        const entries = yield* sql`
          SELECT user_id AS "userId", call_id AS "callId", state, initiated_at AS "initiatedAt", type, kind, outcome,
            peers FROM user_calls`.pipe(Effect.flatMap(Schema.decodeUnknownEffect(Rows.entries)))
        const pairs = yield* sql`
          SELECT user_low AS low, user_high AS high, call_id AS "callId" FROM open_direct_calls`.pipe(
          Effect.flatMap(Schema.decodeUnknownEffect(Rows.pairs))
        )
        const leases = yield* sql`
          SELECT call_id AS "callId", user_id AS "userId", device, connection_id AS id, host_id AS "hostId",
            seen_at AS "seenAt" FROM leases`.pipe(Effect.flatMap(Schema.decodeUnknownEffect(Rows.leases)))
        return inOrder({
          calls: calls.map(({ state }) => state),
          dueAt: new Map(calls.map(({ dueAt, state }) => [state.id, dueAt ?? undefined])),
          records: events.map(({ callId, ...record }) => ({ callId, record })),
          signals,
          entries,
          pairs: pairs.map(({ callId, high, low }) => ({ pair: `${low} ${high}`, callId })),
          leases: leases.map(toLease),
          requests: yield* sql`SELECT * FROM idempotency_keys`
        })
      }).pipe(Effect.orDie)
    }))
)

const toLease = ({ device, hostId, id, ...lease }: typeof Rows.leases.Type[number]): Lease => ({
  ...lease,
  ...(device === null ? {} : { device }),
  ...(id === null || hostId === null ? {} : { connection: { id, hostId } })
})
