/**
 * Keeps in Postgres what people have used. The key and the counter are written together or not at all.
 */
import { UserId } from "@dchat/domain/identity"
import { type UsageChange, usageKeyDays, type UsageOutcome, UsageRepository } from "@dchat/domain/subscription"
import { DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

const Count = Schema.NumberFromString

/** The limit is reached: whatever was written for it is taken back. */
class Full extends Schema.TaggedError<Full>()("Full", {}) {}

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
    const selectKey = SqlSchema.findAll({
      Request: Schema.Struct({ userId: UserId, key: Schema.String }),
      Result: Schema.Struct({ feature: Schema.String, amount: Count }),
      execute: ({ key, userId }) =>
        sql`SELECT feature, amount::text FROM usage_keys WHERE user_id = ${userId} AND key = ${key}`
    })
    const count = SqlSchema.findAll({
      Request: Schema.Struct({
        userId: UserId,
        feature: Schema.String,
        period: Schema.String,
        amount: Schema.Int,
        limit: Schema.NullOr(Schema.Int)
      }),
      Result: Schema.Struct({ used: Count }),
      execute: ({ amount, feature, limit, period, userId }) =>
        sql`INSERT INTO usage_counters AS counter (user_id, feature, period, used)
            SELECT ${userId}::uuid, ${feature}, ${period}, greatest(0, ${amount}::bigint)
            WHERE ${amount}::bigint <= 0 OR ${limit}::bigint IS NULL OR ${amount}::bigint <= ${limit}::bigint
            ON CONFLICT (user_id, period, feature) DO UPDATE
              SET used = greatest(0, counter.used + ${amount}::bigint)
              WHERE ${amount}::bigint <= 0 OR ${limit}::bigint IS NULL
                OR counter.used + ${amount}::bigint <= ${limit}::bigint
            RETURNING used::text`
    })

    const usedOf = ({ feature, period, userId }: UsageChange) =>
      Effect.map(select({ userId, periods: [period] }), (rows) => rows.find((it) => it.feature === feature)?.used ?? 0)

    const keep = Effect.fnUntraced(function*(change: UsageChange) {
      const { amount, at, feature, key, limit = null, period, userId } = change
      const expired = new Date(DateTime.subtract(at, { days: usageKeyDays }).epochMilliseconds)
      const claimed = yield* sql`INSERT INTO usage_keys (user_id, key, feature, amount, at)
        VALUES (${userId}, ${key}, ${feature}, ${amount}, ${new Date(at.epochMilliseconds)})
        ON CONFLICT (user_id, key) DO UPDATE SET feature = excluded.feature, amount = excluded.amount, at = excluded.at
          WHERE usage_keys.at <= ${expired}
        RETURNING 1 AS one`
      if (claimed.length === 0) {
        const [known] = yield* selectKey({ userId, key })
        const isSame = known?.feature === feature && known.amount === amount
        return isSame ? { _tag: "Repeated" as const, used: yield* usedOf(change) } : { _tag: "KeyTaken" as const }
      }
      const [counted] = yield* count({ userId, feature, period, amount, limit })
      return counted === undefined ? yield* new Full() : { _tag: "Added" as const, used: counted.used }
    }, sql.withTransaction)

    const add = Effect.fn("UsageRepository.add")((change: UsageChange) =>
      keep(change).pipe(
        Effect.catchTag("Full", () => Effect.map(usedOf(change), (used): UsageOutcome => ({ _tag: "Refused", used }))),
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
