/**
 * Keeps in a SQLite file what people have used: an adapter of the application, in place of ours.
 */
import {
  mostCounted,
  type UsageChange,
  usageKeyDays,
  type UsageOutcome,
  UsageRepository
} from "@dchat/domain/subscription"
import { DateTime, Effect, Layer, Schema } from "effect"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"

const schema = `
  CREATE TABLE IF NOT EXISTS counters (user TEXT, period TEXT, feature TEXT, used INTEGER NOT NULL, observed INTEGER,
    PRIMARY KEY (user, period, feature)) STRICT;
  CREATE TABLE IF NOT EXISTS keys (user TEXT, key TEXT, feature TEXT NOT NULL, amount INTEGER NOT NULL,
    is_level INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (user, key)) STRICT;`

const Counter = Schema.Struct({ feature: Schema.String, used: Schema.Int, observed: Schema.NullOr(Schema.Int) })
const Key = Schema.Struct({ feature: Schema.String, amount: Schema.Int, is_level: Schema.Int, at: Schema.Int })

const millis = DateTime.toEpochMillis

/** Keys of this time and older are forgotten. */
const expiryAt = (at: DateTime.Utc) => millis(DateTime.subtract(at, { days: usageKeyDays }))

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

  type Use = Pick<UsageChange, "userId" | "feature" | "period" | "amount" | "key" | "at"> & {
    readonly isLevel: boolean
    readonly observedAt?: DateTime.Utc
  }

  /** Writes what `next` makes of the counter, unless the key is in use or `next` answers an outcome. */
  const once = (use: Use, next: (used: number, observed: number | null) => number | "Refused" | "Outdated") =>
    transaction((): UsageOutcome => {
      const { amount, at, feature, isLevel, key, observedAt, period, userId } = use
      const [counter] = rows(
        Counter,
        "SELECT feature, used, observed FROM counters WHERE user = ? AND period = ? AND feature = ?",
        userId,
        period,
        feature
      )
      const used = counter?.used ?? 0
      const [known] = rows(
        Key,
        "SELECT feature, amount, is_level, at FROM keys WHERE user = ? AND key = ?",
        userId,
        key
      )
      if (known !== undefined && known.at > expiryAt(at)) {
        const isSame = known.feature === feature && known.amount === amount && known.is_level === Number(isLevel)
        return isSame ? { _tag: "Repeated", used } : { _tag: "KeyTaken" }
      }
      const after = next(used, counter?.observed ?? null)
      if (typeof after === "string") return { _tag: after, used }
      const observed = observedAt === undefined ? counter?.observed ?? null : millis(observedAt)
      write("REPLACE INTO counters VALUES (?, ?, ?, ?, ?)", userId, period, feature, after, observed)
      write("REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?)", userId, key, feature, amount, Number(isLevel), millis(at))
      return { _tag: "Added", used: after }
    })

  return UsageRepository.of({
    add: (change) =>
      once({ ...change, isLevel: false }, (used) => {
        const { amount, limit } = change
        return amount > 0 && used + amount > limit ? "Refused" : Math.max(0, used + amount)
      }),
    set: ({ limit, value, ...level }) =>
      once({ ...level, amount: value, period: "level", isLevel: true }, (used, observed) => {
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
          "INSERT OR IGNORE INTO keys SELECT ?, key, feature, amount, is_level, at FROM keys WHERE user = ?",
          to,
          from
        )
        write("DELETE FROM counters WHERE user = ?", from)
        write("DELETE FROM keys WHERE user = ?", from)
      }),
    purgeKeys: (now, limit) =>
      Effect.sync(() =>
        write(
          "DELETE FROM keys WHERE rowid IN (SELECT rowid FROM keys WHERE at <= ? LIMIT ?)",
          expiryAt(now),
          limit
        )
      )
  })
}

/** On the file of this name; `:memory:` for one that ends with the process. */
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
