/**
 * Stores leases and the hosts that hold them, in Postgres.
 */
import {
  CallId,
  CallLeases,
  ConnectionId,
  type DeviceId,
  HostId,
  type Lease,
  restLeaseSeconds
} from "@dchat/domain/call"
import { DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { HostConnections } from "../HostConnections.ts"
import { makeReader, StoredRow } from "../StoredRows.ts"
import { leaseColumns, leaseOf, LeaseRow } from "./LeaseRow.ts"
import { StoredCallStates } from "./StoredCallStates.ts"

/** Millis by which hosts may disagree about the time of calls without writing it. */
const disagreement = 500

const toRow = ({ connection, device, ...lease }: Lease): typeof LeaseRow.Type => ({
  ...lease,
  device: device ?? null,
  connectionId: connection?.id ?? null,
  hostId: connection?.hostId ?? null
})

const OtherHost = Schema.Struct({ id: HostId, beat: Schema.Int })

const Time = { now: Schema.DateTimeUtcFromDate, aheadMillis: Schema.Int }

export const layer = Layer.effect(
  CallLeases,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const ofHost = yield* HostConnections.orShared
    const { unreadable } = yield* StoredCallStates
    const columns = sql.literal(leaseColumns)
    const hosts = makeReader(OtherHost, ({ id }) => `host ${JSON.stringify(id)}`)
    const stored = makeReader(
      LeaseRow,
      ({ callId, userId }) => `lease of the user ${String(userId)} on the call ${String(callId)}`
    )
    const leasesIn = (rows: ReadonlyArray<StoredRow>) =>
      Effect.map(stored.readAll(rows), (leases) => leases.map(leaseOf))

    const selectTime = SqlSchema.findOne({
      Request: Schema.Void,
      Result: Schema.Struct(Time),
      execute: () => ofHost`SELECT clock_timestamp() AS now, ahead_millis::float8 AS "aheadMillis" FROM call_time`
    })
    const renewHost = SqlSchema.findOne({
      Request: Schema.Struct({ id: HostId, aheadMillis: Schema.Int }),
      Result: Schema.Struct({
        ...Time,
        isNew: Schema.Boolean,
        others: Schema.Array(StoredRow)
      }),
      execute: ({ aheadMillis, id }) =>
        ofHost`WITH renewed AS (
              INSERT INTO hosts (id, beat) VALUES (${id}, 1)
              ON CONFLICT (id) DO UPDATE SET beat = hosts.beat + 1, renewed_at = clock_timestamp()
              RETURNING beat
            ), agreed AS (
              UPDATE call_time SET ahead_millis = ${aheadMillis} WHERE abs(ahead_millis - ${aheadMillis}) >= ${disagreement}
            )
            SELECT (SELECT beat FROM renewed) = 1 AS "isNew", clock_timestamp() AS now,
              (SELECT ahead_millis::float8 FROM call_time) AS "aheadMillis",
              coalesce(
                (SELECT json_agg(json_build_object('id', id, 'beat', beat)) FROM hosts WHERE id <> ${id}), '[]'
              ) AS others`
    })

    // The call is locked against a step that releases what it takes for the last lease.
    const bind = SqlSchema.findAll({
      Request: LeaseRow,
      Result: StoredRow,
      execute: ({ callId, connectionId, device, hostId, seenAt, userId }) =>
        sql`WITH call AS (
              SELECT id FROM calls WHERE id = ${callId} FOR SHARE
            ), earlier AS (
              SELECT * FROM leases WHERE call_id = ${callId} AND user_id = ${userId}
            ), superseded AS (
              DELETE FROM leases
              WHERE call_id = ${callId} AND user_id = ${userId} AND holder = '' AND ${connectionId}::text IS NOT NULL
            ), bound AS (
              INSERT INTO leases (call_id, user_id, device, connection_id, host_id, seen_at)
              SELECT ${callId}::uuid, ${userId}::uuid, ${device}::text, ${connectionId}::text, ${hostId}::text,
                ${seenAt}::timestamptz
              WHERE (SELECT count(*) FROM call) >= 0 AND (${connectionId}::text IS NOT NULL OR NOT EXISTS (
                SELECT FROM earlier WHERE connection_id IS NOT NULL
                  AND (device IS NULL OR ${device}::text IS NULL OR device = ${device})
              ))
              ON CONFLICT (call_id, user_id, holder) DO UPDATE
                SET device = excluded.device, host_id = excluded.host_id,
                  seen_at = GREATEST(leases.seen_at, excluded.seen_at)
            )
            SELECT ${columns} FROM earlier AS leases`
    })

    const selectByConnection = SqlSchema.findAll({
      Request: ConnectionId,
      Result: StoredRow,
      execute: (connection) => sql`SELECT ${columns} FROM leases WHERE connection_id = ${connection}`
    })
    const selectByHost = SqlSchema.findAll({
      Request: HostId,
      Result: StoredRow,
      execute: (host) => ofHost`SELECT ${columns} FROM leases WHERE connection_id IS NOT NULL AND host_id = ${host}`
    })
    // The hosts that hold leases are found by leaps along the index, as there are few of them and many leases.
    const selectLost = SqlSchema.findAll({
      Request: Schema.Struct({
        self: HostId,
        restDeadline: Schema.DateTimeUtcFromDate,
        except: Schema.Array(CallId),
        limit: Schema.Int
      }),
      Result: StoredRow,
      execute: ({ except, limit, restDeadline, self }) =>
        ofHost`WITH RECURSIVE holders AS (
              SELECT min(host_id) AS id FROM leases WHERE connection_id IS NOT NULL
              UNION ALL
              SELECT (SELECT min(host_id) FROM leases WHERE connection_id IS NOT NULL AND host_id > holders.id)
              FROM holders WHERE holders.id IS NOT NULL
            ), dead AS (
              SELECT id FROM holders
              WHERE id IS NOT NULL AND id <> ${self} AND NOT EXISTS (SELECT FROM hosts WHERE hosts.id = holders.id)
            )
            SELECT * FROM (
              (SELECT ${columns} FROM leases WHERE connection_id IS NULL AND seen_at <= ${restDeadline}
                AND call_id <> ALL(${except}::uuid[])
                ORDER BY seen_at LIMIT ${limit})
              UNION ALL
              (SELECT ${columns} FROM leases WHERE connection_id IS NOT NULL AND host_id IN (SELECT id FROM dead)
                AND call_id <> ALL(${except}::uuid[])
                ORDER BY seen_at LIMIT ${limit})
            ) AS lost
            ORDER BY "seenAt" LIMIT ${limit}`
    })

    const isUnmoved = ({ callId, connection, seenAt, userId }: Lease) =>
      sql`call_id = ${callId} AND user_id = ${userId} AND holder = ${connection?.id ?? ""}
        AND (connection_id IS NOT NULL OR seen_at = ${DateTime.toDateUtc(seenAt)})`

    const yieldLease = Effect.fnUntraced(function*(lease: Lease, device: DeviceId | undefined) {
      const { callId, connection, userId } = lease
      const own = connection?.id ?? ""
      yield* sql`SELECT FROM calls WHERE id = ${callId} FOR UPDATE`
      yield* sql`DELETE FROM leases WHERE ${isUnmoved(lease)} AND EXISTS (
        SELECT FROM leases AS other
        WHERE other.call_id = ${callId} AND other.user_id = ${userId} AND other.holder <> ${own}
          AND (${device ?? null}::text IS NULL OR other.device IS NULL OR other.device = ${device ?? null})
      )`
      const left = yield* sql`
        SELECT FROM leases WHERE call_id = ${callId} AND user_id = ${userId} AND holder = ${own}`
      return left.length === 0
    }, sql.withTransaction)

    return CallLeases.of({
      time: selectTime().pipe(Effect.orDie, Effect.withSpan("CallLeases.time")),
      renewHost: Effect.fn("CallLeases.renewHost")(function*(id, aheadMillis) {
        const { others, ...renewed } = yield* renewHost({ id, aheadMillis })
        return { ...renewed, others: yield* hosts.readAll(others) }
      }, Effect.orDie),
      removeHost: Effect.fn("CallLeases.removeHost")((id, beat) =>
        ofHost`DELETE FROM hosts WHERE id = ${id} AND (${beat ?? null}::bigint IS NULL OR beat = ${beat ?? null})`.pipe(
          Effect.orDie,
          Effect.asVoid
        )
      ),
      bind: Effect.fn("CallLeases.bind")((lease) => bind(toRow(lease)).pipe(Effect.flatMap(leasesIn), Effect.orDie)),
      heldBy: Effect.fn("CallLeases.heldBy")((connection) =>
        selectByConnection(connection).pipe(Effect.flatMap(leasesIn), Effect.orDie)
      ),
      heldOn: Effect.fn("CallLeases.heldOn")((host) => selectByHost(host).pipe(Effect.flatMap(leasesIn), Effect.orDie)),
      // Lost leases of a call that this host cannot read wait for a host that can.
      lost: Effect.fn("CallLeases.lost")(function*(self, now, { except = [], limit }) {
        const restDeadline = DateTime.subtract(now, { seconds: restLeaseSeconds })
        const without = [...(yield* unreadable), ...except]
        // Leases that cannot be read leave room for others.
        for (let count = limit;; count *= 2) {
          const rows = yield* selectLost({ self, limit: count, except: without, restDeadline })
          const lost = yield* leasesIn(rows)
          if (lost.length >= limit || rows.length < count) return lost.slice(0, limit)
        }
      }, Effect.orDie),
      refreshRest: Effect.fn("CallLeases.refreshRest")((now) =>
        ofHost`UPDATE leases SET seen_at = ${DateTime.toDateUtc(now)}
          WHERE connection_id IS NULL AND (call_id, user_id) IN (
            SELECT call_id, user_id FROM leases WHERE connection_id IS NULL FOR UPDATE SKIP LOCKED
          )`.pipe(Effect.orDie, Effect.asVoid)
      ),
      yield: Effect.fn("CallLeases.yield")((lease, device) => Effect.orDie(yieldLease(lease, device))),
      drop: Effect.fn("CallLeases.drop")(function*(lease) {
        if ((yield* unreadable).includes(lease.callId)) return
        yield* Effect.orDie(sql`DELETE FROM leases WHERE ${isUnmoved(lease)}`)
      })
    })
  })
)
