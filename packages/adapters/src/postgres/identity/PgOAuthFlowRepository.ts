/**
 * Keeps flows at LinkedIn in Postgres; a change of the row's state is what uses one up.
 */
import {
  KnownOAuthFlow,
  NativeFlowId,
  type OAuthFlow,
  OAuthFlowId,
  OAuthFlowRepository,
  SessionId,
  TokenHash,
  UserId
} from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

const Row = Schema.Struct({
  ...KnownOAuthFlow.fields,
  sessionId: Schema.NullOr(SessionId),
  userId: Schema.NullOr(UserId),
  generation: Schema.NullOr(Schema.Int),
  nextTokenHash: Schema.NullOr(TokenHash),
  nativeFlowId: Schema.NullOr(NativeFlowId),
  finishedBy: Schema.NullOr(SessionId),
  failure: Schema.NullOr(Schema.String),
  expiresAt: Schema.DateTimeUtcFromDate
})

const flowOf = (
  { failure: _1, finishedBy: _2, generation, nativeFlowId, nextTokenHash, sessionId, state: _3, userId, ...flow }:
    typeof Row.Type
): OAuthFlow => ({
  ...flow,
  ...(sessionId === null ? {} : { sessionId }),
  ...(userId === null ? {} : { userId }),
  ...(generation === null ? {} : { generation }),
  ...(nextTokenHash === null ? {} : { nextTokenHash }),
  ...(nativeFlowId === null ? {} : { nativeFlowId })
})

const knownOf = (row: typeof Row.Type): KnownOAuthFlow => ({
  ...flowOf(row),
  state: row.state,
  ...(row.finishedBy === null ? {} : { finishedBy: row.finishedBy }),
  ...(row.failure === null ? {} : { failure: row.failure })
})

export const layer = Layer.effect(
  OAuthFlowRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(
      `id, purpose, encode(cookie_hash, 'hex') AS "cookieHash", session_id AS "sessionId", user_id AS "userId", generation,
      encode(next_token_hash, 'hex') AS "nextTokenHash",
      return_to AS "returnTo", native_flow_id AS "nativeFlowId", state, finished_by AS "finishedBy", failure, expires_at AS "expiresAt"`
    )

    const select = SqlSchema.findOneOption({
      Request: OAuthFlowId,
      Result: Row,
      execute: (id) => sql`SELECT ${columns} FROM oauth_flows WHERE id = ${id}`
    })
    const take = SqlSchema.findOneOption({
      Request: OAuthFlowId,
      Result: Row,
      execute: (id) =>
        sql`UPDATE oauth_flows SET state = 'taken' WHERE id = ${id} AND state = 'waiting' RETURNING ${columns}`
    })

    return OAuthFlowRepository.of({
      insert: Effect.fn("OAuthFlowRepository.insert")((flow) =>
        sql`INSERT INTO oauth_flows (id, purpose, cookie_hash, session_id, user_id, generation, next_token_hash,
              return_to, native_flow_id, expires_at)
            VALUES (${flow.id}, ${flow.purpose}, decode(${flow.cookieHash}, 'hex'), ${flow.sessionId ?? null},
              ${flow.userId ?? null}, ${flow.generation ?? null}, decode(${flow.nextTokenHash ?? null}, 'hex'),
              ${flow.returnTo}, ${flow.nativeFlowId ?? null}, ${DateTime.toDateUtc(flow.expiresAt)})`.pipe(
          Effect.orDie,
          Effect.asVoid
        )
      ),
      find: Effect.fn("OAuthFlowRepository.find")((id) =>
        select(id).pipe(Effect.map(Option.map(knownOf)), Effect.orDie)
      ),
      consume: Effect.fn("OAuthFlowRepository.consume")((id) =>
        take(id).pipe(Effect.map(Option.map(flowOf)), Effect.orDie)
      ),
      finish: Effect.fn("OAuthFlowRepository.finish")((id, { failure, finishedBy }) =>
        sql`UPDATE oauth_flows SET state = 'over', finished_by = ${finishedBy ?? null}, failure = ${failure ?? null}
            WHERE id = ${id} AND state = 'taken'`.pipe(Effect.orDie, Effect.asVoid)
      ),
      voidOf: Effect.fn("OAuthFlowRepository.voidOf")((users) =>
        sql`DELETE FROM oauth_flows WHERE user_id = ANY(${users}::uuid[]) AND state = 'waiting'`.pipe(
          Effect.orDie,
          Effect.asVoid
        )
      ),
      purge: Effect.fn("OAuthFlowRepository.purge")((now, limit) =>
        sql`DELETE FROM oauth_flows WHERE id = ANY(ARRAY(
              SELECT id FROM oauth_flows WHERE expires_at <= ${DateTime.toDateUtc(now)}
              ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            )) RETURNING 1`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
