/**
 * Keeps leases and the hosts that hold them in Postgres.
 */
import { CallId, CallLeases, ConnectionId, type Lease, restLeaseSeconds } from "@dchat/domain/call"
import { DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { HostConnections } from "./HostConnections.ts"
import { leaseColumns, leaseOf, LeaseRow } from "./LeaseRow.ts"
import { StoredCallStates } from "./StoredCallStates.ts"

const toRow = ({ connection, device, ...lease }: Lease): typeof LeaseRow.Type => ({
  ...lease,
  device: device ?? null,
  connectionId: connection?.id ?? null,
  hostId: connection?.hostId ?? null
})

export const layer = Layer.effect(
  CallLeases,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const ofHost = yield* HostConnections.orShared
    const { unreadable } = yield* StoredCallStates
    const columns = sql.literal(leaseColumns)

    // A host that has been dead for an hour is forgotten. Its leases are lost either way.
    const renewHost = SqlSchema.findOne({
      Request: Schema.Struct({
        id: Schema.String,
        now: Schema.DateTimeUtcFromDate,
        expiresAt: Schema.DateTimeUtcFromDate
      }),
      Result: Schema.Struct({ others: Schema.Int }),
      execute: ({ expiresAt, id, now }) =>
        ofHost`WITH renewed AS (
              INSERT INTO hosts (id, expires_at) VALUES (${id}, ${expiresAt})
              ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
            ), forgotten AS (
              DELETE FROM hosts WHERE id IN (
                SELECT id FROM hosts WHERE id <> ${id} AND expires_at <= ${now}::timestamptz - interval '1 hour'
                FOR UPDATE SKIP LOCKED
              )
            )
            SELECT count(*)::int AS others FROM hosts WHERE id <> ${id} AND expires_at > ${now}`
    })
    const replace = SqlSchema.findOneOption({
      Request: LeaseRow,
      Result: LeaseRow,
      execute: ({ callId, connectionId, device, hostId, seenAt, userId }) =>
        sql`WITH replaced AS (
              SELECT * FROM leases WHERE call_id = ${callId} AND user_id = ${userId} FOR UPDATE
            ), bound AS (
              UPDATE leases
              SET device = ${device}, connection_id = ${connectionId}, host_id = ${hostId}, seen_at = ${seenAt}
              FROM replaced
              WHERE leases.call_id = replaced.call_id AND leases.user_id = replaced.user_id
            )
            SELECT ${columns} FROM replaced AS leases`
    })
    const insert = Effect.fnUntraced(function*(lease: Lease) {
      const { device, seenAt, ...row } = toRow(lease)
      const rows = yield* sql`
        INSERT INTO leases (call_id, user_id, device, connection_id, host_id, seen_at)
        VALUES (${row.callId}, ${row.userId}, ${device}, ${row.connectionId}, ${row.hostId},
          ${DateTime.toDateUtc(seenAt)})
        ON CONFLICT (call_id, user_id) DO NOTHING
        RETURNING 1`
      return rows.length === 1
    })
    /** Replaces or inserts. Another lease may come or go between the two, and then it is tried again. */
    const bind = (lease: Lease): Effect.Effect<Option.Option<Lease>, unknown> =>
      Effect.gen(function*() {
        const replaced = yield* replace(toRow(lease))
        if (Option.isSome(replaced)) return Option.map(replaced, leaseOf)
        return (yield* insert(lease)) ? Option.none() : yield* bind(lease)
      })

    const selectByConnection = SqlSchema.findAll({
      Request: ConnectionId,
      Result: LeaseRow,
      execute: (connection) => sql`SELECT ${columns} FROM leases WHERE connection_id = ${connection}`
    })
    // The hosts that hold leases are found by leaps along the index, as there are few of them and many leases.
    const selectLost = SqlSchema.findAll({
      Request: Schema.Struct({
        now: Schema.DateTimeUtcFromDate,
        restDeadline: Schema.DateTimeUtcFromDate,
        unreadable: Schema.Array(CallId),
        limit: Schema.Int
      }),
      Result: LeaseRow,
      execute: ({ limit, now, restDeadline, unreadable }) =>
        ofHost`WITH RECURSIVE holders AS (
              SELECT min(host_id) AS id FROM leases WHERE connection_id IS NOT NULL
              UNION ALL
              SELECT (SELECT min(host_id) FROM leases WHERE connection_id IS NOT NULL AND host_id > holders.id)
              FROM holders WHERE holders.id IS NOT NULL
            ), dead AS (
              SELECT id FROM holders
              WHERE id IS NOT NULL AND NOT EXISTS (SELECT FROM hosts WHERE hosts.id = holders.id AND expires_at > ${now})
            )
            SELECT * FROM (
              (SELECT ${columns} FROM leases WHERE connection_id IS NULL AND seen_at <= ${restDeadline}
                AND call_id <> ALL(${unreadable}::uuid[])
                ORDER BY seen_at LIMIT ${limit})
              UNION ALL
              (SELECT ${columns} FROM leases WHERE connection_id IS NOT NULL AND host_id IN (SELECT id FROM dead)
                AND call_id <> ALL(${unreadable}::uuid[])
                ORDER BY seen_at LIMIT ${limit})
            ) AS lost
            ORDER BY "seenAt" LIMIT ${limit}`
    })

    return CallLeases.of({
      renewHost: Effect.fn("CallLeases.renewHost")((id, now, expiresAt) =>
        renewHost({ id, now, expiresAt }).pipe(Effect.map(({ others }) => others), Effect.orDie)
      ),
      removeHost: Effect.fn("CallLeases.removeHost")((id) =>
        ofHost`DELETE FROM hosts WHERE id = ${id}`.pipe(Effect.orDie, Effect.asVoid)
      ),
      bind: Effect.fn("CallLeases.bind")((lease) => Effect.orDie(bind(lease))),
      touch: Effect.fn("CallLeases.touch")(({ callId, device, seenAt, userId }) =>
        sql`INSERT INTO leases (call_id, user_id, device, seen_at)
            VALUES (${callId}, ${userId}, ${device ?? null}, ${DateTime.toDateUtc(seenAt)})
            ON CONFLICT (call_id, user_id) DO UPDATE
              SET device = excluded.device, seen_at = GREATEST(leases.seen_at, excluded.seen_at)
              WHERE leases.connection_id IS NULL`.pipe(Effect.orDie, Effect.asVoid)
      ),
      heldBy: Effect.fn("CallLeases.heldBy")((connection) =>
        selectByConnection(connection).pipe(Effect.map((rows) => rows.map(leaseOf)), Effect.orDie)
      ),
      // What is lost in a call that cannot be read waits for a host that can.
      lost: Effect.fn("CallLeases.lost")((now, limit) =>
        Effect.flatMap(unreadable, (ids) =>
          selectLost({
            now,
            limit,
            unreadable: ids,
            restDeadline: DateTime.subtract(now, { seconds: restLeaseSeconds })
          })).pipe(Effect.map((rows) => rows.map(leaseOf)), Effect.orDie)
      ),
      drop: Effect.fn("CallLeases.drop")(function*({ callId, connection, seenAt, userId }) {
        if ((yield* unreadable).includes(callId)) return
        yield* sql`DELETE FROM leases
            WHERE call_id = ${callId} AND user_id = ${userId}
              AND connection_id IS NOT DISTINCT FROM ${connection?.id ?? null}
              AND (connection_id IS NOT NULL OR seen_at = ${DateTime.toDateUtc(seenAt)})`.pipe(Effect.orDie)
      })
    })
  })
)
