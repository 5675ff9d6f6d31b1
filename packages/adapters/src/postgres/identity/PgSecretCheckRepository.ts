/**
 * Keeps the fingerprints of secrets in Postgres; hosts that start at once wait for each other.
 */
import { SecretCheckRepository, type SecretFingerprint } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Result, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

export const layer = Layer.effect(
  SecretCheckRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const selectAll = SqlSchema.findAll({
      Request: Schema.Void,
      Result: Schema.Struct({ fingerprint: Schema.String }),
      execute: () => sql`SELECT fingerprint FROM secret_checks ORDER BY fingerprint`
    })
    // A row lock could not hold off another host while there are no rows.
    const lock = sql`SELECT pg_advisory_xact_lock(hashtextextended('dchat secret_checks', 0))`

    const replace: SecretCheckRepository["Service"]["replace"] = (decide, at) =>
      Effect.gen(function*() {
        yield* lock
        const rows = yield* selectAll()
        // A damaged fingerprint equals that of no secret: a host with one of the others starts all the same.
        const decided = decide(rows.map(({ fingerprint }) => fingerprint as SecretFingerprint))
        if (Result.isSuccess(decided)) {
          yield* sql`DELETE FROM secret_checks`
          yield* sql`INSERT INTO secret_checks (fingerprint, seen_at)
            SELECT DISTINCT fingerprint, ${DateTime.toDateUtc(at)}::timestamptz
            FROM unnest(${decided.success}::text[]) AS own(fingerprint)`
        }
        return decided
      }).pipe(sql.withTransaction, Effect.orDie, Effect.flatMap(Effect.fromResult), Effect.asVoid)

    return SecretCheckRepository.of({
      replace: Effect.fn("SecretCheckRepository.replace")(replace),
      forget: sql`DELETE FROM secret_checks`.pipe(
        Effect.asVoid,
        Effect.orDie,
        Effect.withSpan("SecretCheckRepository.forget")
      )
    })
  })
)
