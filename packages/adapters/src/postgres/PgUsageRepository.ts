/**
 * Keeps in Postgres what people have used. The key and the counter are written by one statement.
 */
import { UserId } from "@dchat/domain/identity"
import { type UsageChange, usageKeyDays, type UsageOutcome, UsageRepository } from "@dchat/domain/subscription"
import { DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlError, SqlSchema } from "effect/sql"

const Count = Schema.NumberFromString

/** How often one key can be used at once before it is somebody's mistake. */
const attempts = 3

const isKeyInUse = (error: unknown): boolean => SqlError.isSqlError(error) && error.reason._tag === "UniqueViolation"

export const layer = Layer.effect(
  UsageRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const select = SqlSchema.findAll({
      Request: Schema.Struct({ userId: UserId, periods: Schema.Array(Schema.String) }),
      Result: Schema.Struct({ feature: Schema.String, used: Count }),
      execute: ({ periods, userId }) =>
        sql`SELECT feature, used::text FROM usage_counters WHERE user_id = ${userId} AND ${sql.in("period", periods)}`
    })
    /**
     * The key, and the counter where the key is new and the limit allows it. Of two with one key at once the second finds
     * the key in use when it writes it down, so that all of it is undone: tried again, it is a repetition.
     */
    const count = SqlSchema.findOne({
      Request: Schema.Struct({
        userId: UserId,
        feature: Schema.String,
        period: Schema.String,
        amount: Schema.Int,
        limit: Schema.NullOr(Schema.Int),
        key: Schema.String,
        at: Schema.DateTimeUtcFromDate,
        expired: Schema.DateTimeUtcFromDate
      }),
      Result: Schema.Struct({
        added: Schema.NullOr(Count),
        used: Count,
        knownFeature: Schema.NullOr(Schema.String),
        knownAmount: Schema.NullOr(Count)
      }),
      execute: ({ amount, at, expired, feature, key, limit, period, userId }) =>
        sql`WITH known AS (
              SELECT feature, amount FROM usage_keys WHERE user_id = ${userId} AND key = ${key} AND at > ${expired}
            ), forgotten AS (
              DELETE FROM usage_keys WHERE user_id = ${userId} AND key = ${key} AND at <= ${expired} RETURNING 1
            ), counted AS (
              INSERT INTO usage_counters AS counter (user_id, feature, period, used)
              SELECT ${userId}::uuid, ${feature}, ${period}, greatest(0, ${amount}::bigint)
              WHERE NOT EXISTS (SELECT FROM known)
                AND (${amount}::bigint <= 0 OR ${limit}::bigint IS NULL OR ${amount}::bigint <= ${limit}::bigint)
              ON CONFLICT (user_id, period, feature) DO UPDATE
                SET used = greatest(0, counter.used + ${amount}::bigint)
                WHERE ${amount}::bigint <= 0 OR ${limit}::bigint IS NULL
                  OR counter.used + ${amount}::bigint <= ${limit}::bigint
              RETURNING used
            ), kept AS (
              INSERT INTO usage_keys (user_id, key, feature, amount, at)
              SELECT ${userId}::uuid, ${key}, ${feature}, ${amount}::bigint, ${at}::timestamptz
              FROM counted, (SELECT count(*) FROM forgotten) AS gone
            )
            SELECT (SELECT used::text FROM counted) AS added,
              coalesce((SELECT used FROM usage_counters
                WHERE user_id = ${userId} AND period = ${period} AND feature = ${feature}), 0)::text AS used,
              (SELECT feature FROM known) AS "knownFeature",
              (SELECT amount::text FROM known) AS "knownAmount"`
    })

    const outcomeOf = Effect.fnUntraced(function*(change: UsageChange) {
      const { amount, at, feature, limit = null } = change
      const expired = DateTime.subtract(at, { days: usageKeyDays })
      const { added, knownAmount, knownFeature, used } = yield* count({ ...change, limit, expired })
      const outcome: UsageOutcome = added !== null
        ? { _tag: "Added", used: added }
        : knownFeature === null
        ? { _tag: "Refused", used }
        : knownFeature === feature && knownAmount === amount
        ? { _tag: "Repeated", used }
        : { _tag: "KeyTaken" }
      return outcome
    })

    const add = Effect.fn("UsageRepository.add")((change: UsageChange) =>
      outcomeOf(change).pipe(
        // While it waited for the counter the same key may have been counted: only another look can tell.
        Effect.flatMap((outcome) => outcome._tag === "Refused" ? outcomeOf(change) : Effect.succeed(outcome)),
        Effect.retry({ while: isKeyInUse, times: attempts }),
        Effect.orDie
      )
    )

    return UsageRepository.of({
      add,
      set: Effect.fn("UsageRepository.set")((userId, feature, value) =>
        Effect.orDie(
          sql`INSERT INTO usage_counters (user_id, feature, period, used) VALUES (${userId}, ${feature}, 'level', ${value})
              ON CONFLICT (user_id, period, feature) DO UPDATE SET used = excluded.used`
        )
      ),
      counted: Effect.fn("UsageRepository.counted")((userId, periods) =>
        select({ userId, periods }).pipe(
          Effect.map((rows) => new Map(rows.map(({ feature, used }) => [feature, used]))),
          Effect.orDie
        )
      ),
      move: Effect.fn("UsageRepository.move")((from, to) =>
        Effect.gen(function*() {
          yield* sql`INSERT INTO usage_counters AS counter (user_id, feature, period, used)
            SELECT ${to}::uuid, feature, period, used FROM usage_counters WHERE user_id = ${from}
            ON CONFLICT (user_id, period, feature) DO UPDATE SET used = counter.used + excluded.used`
          yield* sql`DELETE FROM usage_counters WHERE user_id = ${from}`
          yield* sql`INSERT INTO usage_keys (user_id, key, feature, amount, at)
            SELECT ${to}::uuid, key, feature, amount, at FROM usage_keys WHERE user_id = ${from}
            ON CONFLICT (user_id, key) DO NOTHING`
          yield* sql`DELETE FROM usage_keys WHERE user_id = ${from}`
        }).pipe(sql.withTransaction, Effect.orDie)
      ),
      purgeKeys: Effect.fn("UsageRepository.purgeKeys")((now, limit) =>
        sql`DELETE FROM usage_keys WHERE (user_id, key) IN (
              SELECT user_id, key FROM usage_keys
              WHERE at <= ${new Date(DateTime.subtract(now, { days: usageKeyDays }).epochMilliseconds)} LIMIT ${limit})
            RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
