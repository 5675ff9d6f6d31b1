/**
 * Keeps merge tickets in Postgres, one a session; deleting the row is what uses one up.
 */
import { MergeTicket, MergeTicketRepository, SessionId, TokenHash } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

const Row = Schema.Struct({
  ...MergeTicket.fields,
  proved: Schema.toCodecJson(MergeTicket.fields.proved),
  expiresAt: Schema.DateTimeUtcFromDate
})

const encodeCredential = Schema.encodeSync(Schema.fromJsonString(Schema.toCodecJson(MergeTicket.fields.proved)))

export const layer = Layer.effect(
  MergeTicketRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(
      `encode(hash, 'hex') AS hash, session_id AS "sessionId", generation, survivor, absorbed, proved, expires_at AS "expiresAt"`
    )

    const selectBySession = SqlSchema.findOneOption({
      Request: SessionId,
      Result: Row,
      execute: (session) => sql`SELECT ${columns} FROM merge_tickets WHERE session_id = ${session}`
    })
    const remove = SqlSchema.findOneOption({
      Request: TokenHash,
      Result: Row,
      execute: (hash) => sql`DELETE FROM merge_tickets WHERE hash = decode(${hash}, 'hex') RETURNING ${columns}`
    })

    return MergeTicketRepository.of({
      put: Effect.fn("MergeTicketRepository.put")((ticket) =>
        sql`INSERT INTO merge_tickets (session_id, hash, generation, survivor, absorbed, proved, expires_at)
            VALUES (${ticket.sessionId}, decode(${ticket.hash}, 'hex'), ${ticket.generation}, ${ticket.survivor}, ${ticket.absorbed},
              ${encodeCredential(ticket.proved)}::jsonb, ${DateTime.toDateUtc(ticket.expiresAt)})
            ON CONFLICT (session_id) DO UPDATE SET hash = excluded.hash, generation = excluded.generation, survivor = excluded.survivor,
              absorbed = excluded.absorbed, proved = excluded.proved, expires_at = excluded.expires_at`.pipe(
          Effect.orDie,
          Effect.asVoid
        )
      ),
      ofSession: Effect.fn("MergeTicketRepository.ofSession")((session) => selectBySession(session).pipe(Effect.orDie)),
      consume: Effect.fn("MergeTicketRepository.consume")((hash) => remove(hash).pipe(Effect.orDie)),
      voidOf: Effect.fn("MergeTicketRepository.voidOf")((users) =>
        sql`DELETE FROM merge_tickets WHERE survivor = ANY(${users}::uuid[]) OR absorbed = ANY(${users}::uuid[])`.pipe(
          Effect.orDie,
          Effect.asVoid
        )
      ),
      purge: Effect.fn("MergeTicketRepository.purge")((now, limit) =>
        sql`DELETE FROM merge_tickets WHERE session_id = ANY(ARRAY(
              SELECT session_id FROM merge_tickets WHERE expires_at <= ${DateTime.toDateUtc(now)}
              ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            )) RETURNING 1`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
