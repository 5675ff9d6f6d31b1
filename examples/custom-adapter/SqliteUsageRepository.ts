/**
 * Stores the usage of users in a SQLite file: an adapter of the application that replaces the adapter of dchat.
 */
import { type IdempotencyConflict, replay } from "@dchat/domain/idempotency"
import { mostCounted, type UsageChange, type UsageOutcome, UsageRepository } from "@dchat/domain/subscription"
import { DateTime, Effect, Layer, Schema } from "effect"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"

const schema = `
  CREATE TABLE IF NOT EXISTS counters (user TEXT, period TEXT, feature TEXT, used INTEGER NOT NULL, observed INTEGER,
    PRIMARY KEY (user, period, feature)) STRICT;
  CREATE TABLE IF NOT EXISTS keys (user TEXT, key TEXT, fingerprint TEXT NOT NULL, expires INTEGER NOT NULL,
    PRIMARY KEY (user, key)) STRICT;
  CREATE INDEX IF NOT EXISTS keys_expiry ON keys (expires);`

const Counter = Schema.Struct({ feature: Schema.String, used: Schema.Int, observed: Schema.NullOr(Schema.Int) })
const Key = Schema.Struct({ fingerprint: Schema.String })

const millis = DateTime.toEpochMillis

const make = (database: DatabaseSync) => {
  const rows = <A>(schema: Schema.Decoder<A>, sql: string, ...values: ReadonlyArray<SQLInputValue>) =>
    Schema.decodeUnknownSync(Schema.Array(schema))(database.prepare(sql).all(...values))
  const write = (sql: string, ...values: ReadonlyArray<SQLInputValue>) =>
    Number(database.prepare(sql).run(...values).changes)

  /** All or nothing; SQLite lets one writer in at a time. */
  const transaction = <A>(work: () => A): Effect.Effect<A> =>
    Effect.sync(() => {
      database.exec("BEGIN IMMEDIATE")
      try {
        const result = work()
        database.exec("COMMIT")
        return result
      } catch (failure) {
        database.exec("ROLLBACK")
        throw failure
      }
    })

  type Use = Pick<UsageChange, "feature" | "period" | "request"> & { readonly observedAt?: DateTime.Utc }

  /** Writes what `next` makes of the counter, unless the key is in use or `next` answers an outcome. */
  const once = (use: Use, next: (used: number, observed: number | null) => number | "Refused" | "Outdated") =>
    Effect.flatten(transaction((): Effect.Effect<UsageOutcome, IdempotencyConflict> => {
      const { feature, observedAt, period, request } = use
      const { at, expiresAt, fingerprint, key, userId } = request
      const [counter] = rows(
        Counter,
        "SELECT feature, used, observed FROM counters WHERE user = ? AND period = ? AND feature = ?",
        userId,
        period,
        feature
      )
      const used = counter?.used ?? 0
      write("DELETE FROM keys WHERE expires <= ?", millis(at))
      const [known] = rows(Key, "SELECT fingerprint FROM keys WHERE user = ? AND key = ?", userId, key)
      if (known !== undefined) {
        const replayed = Effect.fromResult(replay({ ...known, result: null }, request))
        return Effect.as(replayed, { _tag: "Repeated", used })
      }
      const after = next(used, counter?.observed ?? null)
      if (typeof after === "string") return Effect.succeed({ _tag: after, used })
      const observed = observedAt === undefined ? counter?.observed ?? null : millis(observedAt)
      write("REPLACE INTO counters VALUES (?, ?, ?, ?, ?)", userId, period, feature, after, observed)
      write("INSERT INTO keys VALUES (?, ?, ?, ?)", userId, key, fingerprint, millis(expiresAt))
      return Effect.succeed({ _tag: "Added", used: after })
    }))

  return UsageRepository.of({
    add: (change) =>
      once(change, (used) => {
        const { amount, limit } = change
        return amount > 0 && used + amount > limit ? "Refused" : Math.max(0, used + amount)
      }),
    set: ({ limit, value, ...level }) =>
      once({ ...level, period: "level" }, (used, observed) => {
        if (observed !== null && observed > millis(level.observedAt)) return "Outdated"
        return value > limit && value > used ? "Refused" : value
      }),
    counted: (userId, periods) =>
      Effect.sync(() => {
        const places = periods.map(() => "?").join(", ")
        const sql = `SELECT feature, used, observed FROM counters WHERE user = ? AND period IN (${places})`
        return new Map(rows(Counter, sql, userId, ...periods).map(({ feature, used }) => [feature, used]))
      }),
    move: (from, to) =>
      transaction(() => {
        write(
          `INSERT INTO counters SELECT ?, period, feature, used, observed FROM counters WHERE user = ?
             ON CONFLICT DO UPDATE SET used = min(used + excluded.used, ?),
               observed = max(coalesce(observed, excluded.observed), coalesce(excluded.observed, observed))`,
          to,
          from,
          mostCounted
        )
        write(
          "INSERT OR IGNORE INTO keys SELECT ?, key, fingerprint, expires FROM keys WHERE user = ?",
          to,
          from
        )
        write("DELETE FROM counters WHERE user = ?", from)
        write("DELETE FROM keys WHERE user = ?", from)
      })
  })
}

/** Opens the file with this name. `:memory:` stores no data on disk. */
export const layer = (file: string): Layer.Layer<UsageRepository> =>
  Layer.effect(
    UsageRepository,
    Effect.gen(function*() {
      const database = yield* Effect.acquireRelease(
        Effect.sync(() => new DatabaseSync(file)),
        (database) => Effect.sync(() => database.close())
      )
      database.exec(schema)
      return make(database)
    })
  )
