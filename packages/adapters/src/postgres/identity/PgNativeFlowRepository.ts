/**
 * Keeps flows of applications in Postgres; deleting the row is what uses one up.
 */
import { NativeFlow, NativeFlowId, NativeFlowRepository } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

const Row = Schema.Struct({ ...NativeFlow.fields, expiresAt: Schema.DateTimeUtcFromDate })

export const layer = Layer.effect(
  NativeFlowRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(`id, encode(cookie_hash, 'hex') AS "cookieHash", redirect_uri AS "redirectUri",
      code_challenge AS "codeChallenge", state, expires_at AS "expiresAt"`)

    const select = SqlSchema.findOneOption({
      Request: NativeFlowId,
      Result: Row,
      execute: (id) => sql`SELECT ${columns} FROM native_flows WHERE id = ${id}`
    })
    const remove = SqlSchema.findOneOption({
      Request: NativeFlowId,
      Result: Row,
      execute: (id) => sql`DELETE FROM native_flows WHERE id = ${id} RETURNING ${columns}`
    })

    return NativeFlowRepository.of({
      insert: Effect.fn("NativeFlowRepository.insert")((flow) =>
        sql`INSERT INTO native_flows (id, cookie_hash, redirect_uri, code_challenge, state, expires_at)
            VALUES (${flow.id}, decode(${flow.cookieHash}, 'hex'), ${flow.redirectUri}, ${flow.codeChallenge},
              ${flow.state}, ${DateTime.toDateUtc(flow.expiresAt)})`.pipe(Effect.orDie, Effect.asVoid)
      ),
      find: Effect.fn("NativeFlowRepository.find")((id) => select(id).pipe(Effect.orDie)),
      consume: Effect.fn("NativeFlowRepository.consume")((id) => remove(id).pipe(Effect.orDie)),
      purge: Effect.fn("NativeFlowRepository.purge")((now, limit) =>
        sql`DELETE FROM native_flows WHERE id = ANY(ARRAY(
              SELECT id FROM native_flows WHERE expires_at <= ${DateTime.toDateUtc(now)}
              ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            )) RETURNING 1`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
