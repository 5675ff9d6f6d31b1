/**
 * Keeps sign-in messages in Postgres; deleting the row is what uses it up.
 */
import { SessionId, SiweNonce, SiweNonceId, SiweNonceRepository, UserId } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

const Row = Schema.Struct({
  ...SiweNonce.fields,
  sessionId: Schema.NullOr(SessionId),
  userId: Schema.NullOr(UserId),
  issuedAt: Schema.DateTimeUtcFromDate,
  expiresAt: Schema.DateTimeUtcFromDate
})

const nonceOf = ({ sessionId, userId, ...nonce }: typeof Row.Type): SiweNonce => ({
  ...nonce,
  ...(sessionId === null ? {} : { sessionId }),
  ...(userId === null ? {} : { userId })
})

export const layer = Layer.effect(
  SiweNonceRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const deleteById = SqlSchema.findOneOption({
      Request: SiweNonceId,
      Result: Row,
      execute: (id) =>
        // A chain id is a safe integer, so float8 holds it exactly; bigint would arrive as a JavaScript bigint.
        sql`DELETE FROM siwe_nonces WHERE id = ${id}
            RETURNING id, purpose, session_id AS "sessionId", user_id AS "userId", address,
              chain_id::float8 AS "chainId", message, issued_at AS "issuedAt", expires_at AS "expiresAt"`
    })

    return SiweNonceRepository.of({
      insert: Effect.fn("SiweNonceRepository.insert")((nonce) =>
        sql`INSERT INTO siwe_nonces (id, purpose, session_id, user_id, address, chain_id, message, issued_at, expires_at)
            VALUES (${nonce.id}, ${nonce.purpose}, ${nonce.sessionId ?? null}, ${
          nonce.userId ?? null
        }, ${nonce.address}, ${BigInt(nonce.chainId)}, ${nonce.message},
              ${DateTime.toDateUtc(nonce.issuedAt)}, ${DateTime.toDateUtc(nonce.expiresAt)})`.pipe(
          Effect.orDie,
          Effect.asVoid
        )
      ),
      consume: Effect.fn("SiweNonceRepository.consume")((id) =>
        deleteById(id).pipe(Effect.map(Option.map(nonceOf)), Effect.orDie)
      ),
      voidOf: Effect.fn("SiweNonceRepository.voidOf")((users) =>
        sql`DELETE FROM siwe_nonces WHERE user_id = ANY(${users}::uuid[])`.pipe(Effect.orDie, Effect.asVoid)
      ),
      purge: Effect.fn("SiweNonceRepository.purge")((now, limit) =>
        sql`DELETE FROM siwe_nonces WHERE id = ANY(ARRAY(
              SELECT id FROM siwe_nonces WHERE expires_at <= ${DateTime.toDateUtc(now)}
              ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            )) RETURNING id`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
