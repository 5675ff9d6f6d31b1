/**
 * Stores recorded requests in Postgres. Every repository records the requests of its steps with the SQL of this file.
 */
import { IdempotencyKeys, type RecordedRequest } from "@dchat/domain/idempotency"
import { UserId } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

/**
 * Records requests, each unless its key is in use, also by another of these requests. Returns the keys that it recorded.
 * A concurrent statement with one of the keys waits for the transaction of this statement.
 */
export const recordRequests = (sql: SqlClient.SqlClient, requests: ReadonlyArray<RecordedRequest>) => {
  const rows = requests.map(({ at, expiresAt, fingerprint, key, operation, result, userId }) => ({
    user_id: userId,
    operation,
    key,
    fingerprint,
    result,
    at: DateTime.formatIso(at),
    expires_at: DateTime.formatIso(expiresAt)
  }))
  return sql`INSERT INTO idempotency_keys AS known (user_id, operation, key, fingerprint, result, at, expires_at)
    SELECT DISTINCT ON (user_id, operation, key) * FROM json_to_recordset(${
    JSON.stringify(rows)
  }::json) AS request(user_id uuid, operation text, key text,
      fingerprint text, result jsonb, at timestamptz, expires_at timestamptz)
    ORDER BY user_id, operation, key
    ON CONFLICT (user_id, operation, key) DO UPDATE SET fingerprint = excluded.fingerprint, result = excluded.result,
      at = excluded.at, expires_at = excluded.expires_at
    WHERE known.expires_at <= excluded.at
    RETURNING user_id, operation, key`
}

/** The request that has the key at this time. */
export const findRequest = (sql: SqlClient.SqlClient) =>
  SqlSchema.findOneOption({
    Request: Schema.Struct({
      userId: UserId,
      operation: Schema.String,
      key: Schema.String,
      at: Schema.DateTimeUtcFromDate
    }),
    Result: Schema.Struct({ fingerprint: Schema.String, result: Schema.Json }),
    execute: ({ at, key, operation, userId }) =>
      sql`SELECT fingerprint, result FROM idempotency_keys
          WHERE user_id = ${userId} AND operation = ${operation} AND key = ${key} AND expires_at > ${at}`
  })

/** Gives the keys of an operation to another user, who keeps the own requests. */
export const moveRequests = (sql: SqlClient.SqlClient, operation: string, from: UserId, to: UserId) =>
  sql`WITH moved AS (
      DELETE FROM idempotency_keys WHERE user_id = ${from} AND operation = ${operation} RETURNING *
    )
    INSERT INTO idempotency_keys (user_id, operation, key, fingerprint, result, at, expires_at)
    SELECT ${to}::uuid, operation, key, fingerprint, result, at, expires_at FROM moved
    ON CONFLICT (user_id, operation, key) DO NOTHING`

export const layer = Layer.effect(
  IdempotencyKeys,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const find = findRequest(sql)

    return IdempotencyKeys.of({
      find: Effect.fn("IdempotencyKeys.find")(({ key, operation, userId }, at) =>
        Effect.orDie(find({ userId, operation, key, at }))
      ),
      record: Effect.fn("IdempotencyKeys.record")((request) =>
        recordRequests(sql, [request]).pipe(Effect.map((recorded) => recorded.length === 1), Effect.orDie)
      ),
      purge: Effect.fn("IdempotencyKeys.purge")((now, limit) =>
        sql`DELETE FROM idempotency_keys WHERE (user_id, operation, key) IN (
              SELECT user_id, operation, key FROM idempotency_keys WHERE expires_at <= ${DateTime.toDateUtc(now)}
              ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            ) RETURNING 1`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
