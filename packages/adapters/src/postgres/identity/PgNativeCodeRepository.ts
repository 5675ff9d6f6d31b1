/**
 * Keeps the codes of applications in Postgres, by their hash; deleting the row is what uses one up.
 */
import { NativeCode, NativeCodeRepository, TokenHash } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

const Row = Schema.Struct({
  ...NativeCode.fields,
  proved: Schema.toCodecJson(NativeCode.fields.proved),
  provedAt: Schema.DateTimeUtcFromDate,
  expiresAt: Schema.DateTimeUtcFromDate
})

const encodeCredential = Schema.encodeSync(Schema.fromJsonString(Schema.toCodecJson(NativeCode.fields.proved)))

export const layer = Layer.effect(
  NativeCodeRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(
      `encode(hash, 'hex') AS hash, user_id AS "userId", proved, proved_at AS "provedAt", redirect_uri AS "redirectUri",
      code_challenge AS "codeChallenge", expires_at AS "expiresAt"`
    )

    const select = SqlSchema.findOneOption({
      Request: TokenHash,
      Result: Row,
      execute: (hash) => sql`SELECT ${columns} FROM native_codes WHERE hash = decode(${hash}, 'hex')`
    })
    const remove = SqlSchema.findOneOption({
      Request: TokenHash,
      Result: Row,
      execute: (hash) => sql`DELETE FROM native_codes WHERE hash = decode(${hash}, 'hex') RETURNING ${columns}`
    })

    return NativeCodeRepository.of({
      insert: Effect.fn("NativeCodeRepository.insert")((code) =>
        sql`INSERT INTO native_codes (hash, user_id, proved, proved_at, redirect_uri, code_challenge, expires_at)
            VALUES (decode(${code.hash}, 'hex'), ${code.userId}, ${encodeCredential(code.proved)}::jsonb,
              ${DateTime.toDateUtc(code.provedAt)}, ${code.redirectUri}, ${code.codeChallenge},
              ${DateTime.toDateUtc(code.expiresAt)})`.pipe(Effect.orDie, Effect.asVoid)
      ),
      find: Effect.fn("NativeCodeRepository.find")((hash) => select(hash).pipe(Effect.orDie)),
      consume: Effect.fn("NativeCodeRepository.consume")((hash) => remove(hash).pipe(Effect.orDie)),
      voidOf: Effect.fn("NativeCodeRepository.voidOf")((users) =>
        sql`DELETE FROM native_codes WHERE user_id = ANY(${users}::uuid[])`.pipe(Effect.orDie, Effect.asVoid)
      ),
      purge: Effect.fn("NativeCodeRepository.purge")((now, limit) =>
        sql`DELETE FROM native_codes WHERE hash = ANY(ARRAY(
              SELECT hash FROM native_codes WHERE expires_at <= ${DateTime.toDateUtc(now)}
              ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            )) RETURNING 1`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
