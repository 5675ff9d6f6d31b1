/**
 * Keeps the usage of users in Postgres. The key and the counter are written by one statement.
 */
import { UserId } from "@dchat/domain/identity"
import {
  mostCounted,
  type UsageChange,
  usageKeyDays,
  type UsageLevel,
  type UsageOutcome,
  UsageRepository
} from "@dchat/domain/subscription"
import { DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlError, SqlSchema } from "effect/sql"

const Count = Schema.NumberFromString

/** How often one key can be used at once before its use is a mistake. */
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
        limit: Schema.Int,
        key: Schema.String,
        at: Schema.DateTimeUtcFromDate,
        expired: Schema.DateTimeUtcFromDate
      }),
      Result: Schema.Struct({
        added: Schema.NullOr(Count),
        used: Count,
        isSame: Schema.NullOr(Schema.Boolean)
      }),
      execute: ({ amount, at, expired, feature, key, limit, period, userId }) =>
        sql`WITH known AS (
              SELECT feature, amount, is_level FROM usage_keys WHERE user_id = ${userId} AND key = ${key} AND at > ${expired}
            ), forgotten AS (
              DELETE FROM usage_keys WHERE user_id = ${userId} AND key = ${key} AND at <= ${expired} RETURNING 1
            ), counted AS (
              INSERT INTO usage_counters AS counter (user_id, feature, period, used)
              SELECT ${userId}::uuid, ${feature}, ${period}, greatest(0, ${amount}::bigint)
              WHERE NOT EXISTS (SELECT FROM known)
                AND (${amount}::bigint <= 0 OR ${amount}::bigint <= ${limit}::bigint)
              ON CONFLICT (user_id, period, feature) DO UPDATE
                SET used = greatest(0, counter.used + ${amount}::bigint)
                WHERE ${amount}::bigint <= 0 OR counter.used + ${amount}::bigint <= ${limit}::bigint
              RETURNING used
            ), kept AS (
              INSERT INTO usage_keys (user_id, key, feature, amount, at)
              SELECT ${userId}::uuid, ${key}, ${feature}, ${amount}::bigint, ${at}::timestamptz
              FROM counted, (SELECT count(*) FROM forgotten) AS gone
            )
            SELECT (SELECT used::text FROM counted) AS added,
              coalesce((SELECT used FROM usage_counters
                WHERE user_id = ${userId} AND period = ${period} AND feature = ${feature}), 0)::text AS used,
              (SELECT NOT is_level AND feature = ${feature} AND amount = ${amount}::bigint FROM known) AS "isSame"`
    })
    /** As `count`, of how much is held: neither what is known later is overwritten, nor more held than the limit. */
    const hold = SqlSchema.findOne({
      Request: Schema.Struct({
        userId: UserId,
        feature: Schema.String,
        value: Schema.Int,
        limit: Schema.Int,
        key: Schema.String,
        observedAt: Schema.DateTimeUtcFromDate,
        at: Schema.DateTimeUtcFromDate,
        expired: Schema.DateTimeUtcFromDate
      }),
      Result: Schema.Struct({
        added: Schema.NullOr(Count),
        used: Count,
        isSame: Schema.NullOr(Schema.Boolean),
        isOutdated: Schema.Boolean
      }),
      execute: ({ at, expired, feature, key, limit, observedAt, userId, value }) =>
        sql`WITH known AS (
              SELECT feature, amount, is_level FROM usage_keys
              WHERE user_id = ${userId} AND key = ${key} AND at > ${expired}
            ), forgotten AS (
              DELETE FROM usage_keys WHERE user_id = ${userId} AND key = ${key} AND at <= ${expired} RETURNING 1
            ), before AS (
              SELECT used, observed_at FROM usage_counters
              WHERE user_id = ${userId} AND period = 'level' AND feature = ${feature}
            ), held AS (
              INSERT INTO usage_counters AS counter (user_id, feature, period, used, observed_at)
              SELECT ${userId}::uuid, ${feature}, 'level', ${value}::bigint, ${observedAt}::timestamptz
              WHERE NOT EXISTS (SELECT FROM known)
                AND (${value}::bigint <= ${limit}::bigint OR EXISTS (SELECT FROM before WHERE used >= ${value}::bigint))
              ON CONFLICT (user_id, period, feature) DO UPDATE
                SET used = excluded.used, observed_at = excluded.observed_at
                WHERE (counter.observed_at IS NULL OR counter.observed_at <= excluded.observed_at)
                  AND (excluded.used <= ${limit}::bigint OR excluded.used <= counter.used)
              RETURNING used
            ), kept AS (
              INSERT INTO usage_keys (user_id, key, feature, amount, at, is_level)
              SELECT ${userId}::uuid, ${key}, ${feature}, ${value}::bigint, ${at}::timestamptz, true
              FROM held, (SELECT count(*) FROM forgotten) AS gone
            )
            SELECT (SELECT used::text FROM held) AS added,
              coalesce((SELECT used FROM before), 0)::text AS used,
              coalesce((SELECT observed_at > ${observedAt}::timestamptz FROM before), false) AS "isOutdated",
              (SELECT is_level AND feature = ${feature} AND amount = ${value}::bigint FROM known) AS "isSame"`
    })

    const add = Effect.fnUntraced(function*(change: UsageChange) {
      const { at } = change
      const expired = DateTime.subtract(at, { days: usageKeyDays })
      const { added, isSame, used } = yield* count({ ...change, expired })
      return outcomeOf(added, used, isSame, false)
    })

    const set = Effect.fnUntraced(function*(level: UsageLevel) {
      const { at } = level
      const expired = DateTime.subtract(at, { days: usageKeyDays })
      const { added, isOutdated, isSame, used } = yield* hold({ ...level, expired })
      return outcomeOf(added, used, isSame, isOutdated)
    })

    return UsageRepository.of({
      add: Effect.fn("UsageRepository.add")((change) => surely(add(change))),
      set: Effect.fn("UsageRepository.set")((level) => surely(set(level))),
      counted: Effect.fn("UsageRepository.counted")((userId, periods) =>
        select({ userId, periods }).pipe(
          Effect.map((rows) => new Map(rows.map(({ feature, used }) => [feature, used]))),
          Effect.orDie
        )
      ),
      move: Effect.fn("UsageRepository.move")((from, to) =>
        Effect.gen(function*() {
          yield* sql`INSERT INTO usage_counters AS counter (user_id, feature, period, used, observed_at)
            SELECT ${to}::uuid, feature, period, used, observed_at FROM usage_counters WHERE user_id = ${from}
            ON CONFLICT (user_id, period, feature) DO UPDATE SET used = least(counter.used + excluded.used, ${mostCounted}::bigint),
              observed_at = greatest(counter.observed_at, excluded.observed_at)`
          yield* sql`DELETE FROM usage_counters WHERE user_id = ${from}`
          yield* sql`INSERT INTO usage_keys (user_id, key, feature, amount, at, is_level)
            SELECT ${to}::uuid, key, feature, amount, at, is_level FROM usage_keys WHERE user_id = ${from}
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

const outcomeOf = (added: number | null, used: number, isSame: boolean | null, isOutdated: boolean): UsageOutcome => {
  if (added !== null) return { _tag: "Added", used: added }
  if (isSame !== null) return isSame ? { _tag: "Repeated", used } : { _tag: "KeyTaken" }
  return { _tag: isOutdated ? "Outdated" : "Refused", used }
}

const surely = <E, R>(outcome: Effect.Effect<UsageOutcome, E, R>): Effect.Effect<UsageOutcome, never, R> =>
  outcome.pipe(
    // While it waited for the counter others may have changed that, or used the same key: only another look can tell.
    Effect.flatMap((first) => first._tag === "Refused" ? outcome : Effect.succeed(first)),
    Effect.retry({ while: isKeyInUse, times: attempts }),
    Effect.orDie
  )
