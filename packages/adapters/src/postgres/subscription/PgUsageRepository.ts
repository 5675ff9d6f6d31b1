/**
 * Keeps the usage of users in Postgres. One statement records the request and writes the counter.
 */
import { type KeyedRequest, replay } from "@dchat/domain/idempotency"
import { UserId } from "@dchat/domain/identity"
import {
  mostCounted,
  type UsageChange,
  type UsageLevel,
  usageOperation,
  type UsageOutcome,
  UsageRepository
} from "@dchat/domain/subscription"
import { DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { findRequest, moveRequests, recordRequests } from "../idempotency/PgIdempotencyKeys.ts"

const Count = Schema.NumberFromString

const Written = Schema.Struct({ isRecorded: Schema.Boolean, used: Schema.NullOr(Count) })

/** Ends the transaction of a request that changed nothing, so that the request is not recorded. */
class Unchanged extends Schema.TaggedError<Unchanged>()("Unchanged", {
  by: Schema.Literals(["Refused", "Outdated"]),
  used: Schema.Int
}) {}

export const layer = Layer.effect(
  UsageRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const find = findRequest(sql)

    const select = SqlSchema.findAll({
      Request: Schema.Struct({ userId: UserId, periods: Schema.Array(Schema.String) }),
      Result: Schema.Struct({ feature: Schema.String, used: Count }),
      execute: ({ periods, userId }) =>
        sql`SELECT feature, used::text FROM usage_counters WHERE user_id = ${userId} AND ${sql.in("period", periods)}`
    })
    const selectCounter = SqlSchema.findOneOption({
      Request: Schema.Struct({ userId: UserId, period: Schema.String, feature: Schema.String }),
      Result: Schema.Struct({ used: Count, observedAt: Schema.NullOr(Schema.DateTimeUtcFromDate) }),
      execute: ({ feature, period, userId }) =>
        sql`SELECT used::text, observed_at AS "observedAt" FROM usage_counters
            WHERE user_id = ${userId} AND period = ${period} AND feature = ${feature}`
    })

    const recorded = (request: KeyedRequest) => recordRequests(sql, [{ ...request, result: null }])

    /** The request, and the counter if the key was free and the limit allows the change. */
    const count = ({ amount, feature, limit, period, request }: UsageChange) =>
      sql`WITH recorded AS (${recorded(request)}), counted AS (
            INSERT INTO usage_counters AS counter (user_id, feature, period, used)
            SELECT user_id, ${feature}, ${period}, greatest(0, ${amount}::bigint) FROM recorded
            WHERE ${amount}::bigint <= 0 OR ${amount}::bigint <= ${limit}::bigint
            ON CONFLICT (user_id, period, feature) DO UPDATE
              SET used = greatest(0, counter.used + ${amount}::bigint)
              WHERE ${amount}::bigint <= 0 OR counter.used + ${amount}::bigint <= ${limit}::bigint
            RETURNING used
          )
          SELECT EXISTS (SELECT FROM recorded) AS "isRecorded", (SELECT used::text FROM counted) AS used`
    /** The same for a level. A later observation stays, and a level above the limit does not grow. */
    const hold = ({ feature, limit, observedAt, request, value }: UsageLevel) =>
      sql`WITH recorded AS (${recorded(request)}), held AS (
            INSERT INTO usage_counters AS counter (user_id, feature, period, used, observed_at)
            SELECT user_id, ${feature}, 'level', ${value}::bigint, ${DateTime.toDateUtc(observedAt)}::timestamptz
            FROM recorded
            WHERE ${value}::bigint <= ${limit}::bigint OR EXISTS (
              SELECT FROM usage_counters WHERE user_id = ${request.userId} AND period = 'level' AND feature = ${feature})
            ON CONFLICT (user_id, period, feature) DO UPDATE
              SET used = excluded.used, observed_at = excluded.observed_at
              WHERE (counter.observed_at IS NULL OR counter.observed_at <= excluded.observed_at)
                AND (excluded.used <= ${limit}::bigint OR excluded.used <= counter.used)
            RETURNING used
          )
          SELECT EXISTS (SELECT FROM recorded) AS "isRecorded", (SELECT used::text FROM held) AS used`

    const written = (
      { feature, period, request }: Pick<UsageChange, "feature" | "period" | "request">,
      write: ReturnType<typeof count>,
      isOutdated: (observedAt: DateTime.Utc) => boolean
    ) =>
      Effect.gen(function*() {
        const [{ isRecorded, used }] = yield* Effect.orDie(
          Effect.flatMap(write, Schema.decodeUnknownEffect(Schema.Tuple([Written])))
        )
        if (used !== null) return { _tag: "Added", used } satisfies UsageOutcome
        const { userId } = request
        const now = Option.getOrUndefined(yield* Effect.orDie(selectCounter({ userId, feature, period })))
        const present = now?.used ?? 0
        if (isRecorded) {
          const by = now?.observedAt && isOutdated(now.observedAt) ? "Outdated" : "Refused"
          return yield* new Unchanged({ by, used: present })
        }
        const known = yield* Effect.orDie(Effect.flatMap(find(request), Effect.fromOption))
        yield* Effect.fromResult(replay(known, request))
        return { _tag: "Repeated", used: present } satisfies UsageOutcome
      }).pipe(
        sql.withTransaction,
        Effect.catchTag("Unchanged", ({ by, used }) => Effect.succeed<UsageOutcome>({ _tag: by, used })),
        Effect.catchTag("SqlError", Effect.die)
      )

    return UsageRepository.of({
      add: Effect.fn("UsageRepository.add")((change) => written(change, count(change), () => false)),
      set: Effect.fn("UsageRepository.set")((level) =>
        written({ ...level, period: "level" }, hold(level), DateTime.isGreaterThan(level.observedAt))
      ),
      counted: Effect.fn("UsageRepository.counted")((userId, periods) =>
        select({ userId, periods }).pipe(
          Effect.map((rows) => new Map(rows.map(({ feature, used }) => [feature, used]))),
          Effect.orDie
        )
      ),
      move: Effect.fn("UsageRepository.move")((from, to) =>
        Effect.gen(function*() {
          yield* moveRequests(sql, usageOperation, from, to)
          yield* sql`WITH moved AS (DELETE FROM usage_counters WHERE user_id = ${from} RETURNING *)
            INSERT INTO usage_counters AS counter (user_id, feature, period, used, observed_at)
            SELECT ${to}::uuid, feature, period, used, observed_at FROM moved
            ON CONFLICT (user_id, period, feature) DO UPDATE SET used = least(counter.used + excluded.used, ${mostCounted}::bigint),
              observed_at = greatest(counter.observed_at, excluded.observed_at)`
        }).pipe(sql.withTransaction, Effect.orDie)
      )
    })
  })
)
