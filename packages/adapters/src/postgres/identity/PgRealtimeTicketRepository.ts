/**
 * Keeps realtime tickets in Postgres, by their hash; deleting the row is what uses one up.
 */
import { RealtimeTicket, RealtimeTicketRepository, TokenHash } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

const Row = Schema.Struct({ ...RealtimeTicket.fields, expiresAt: Schema.DateTimeUtcFromDate })

export const layer = Layer.effect(
  RealtimeTicketRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const deleteByHash = SqlSchema.findOneOption({
      Request: TokenHash,
      Result: Row,
      execute: (hash) =>
        sql`DELETE FROM realtime_tickets WHERE hash = decode(${hash}, 'hex')
            RETURNING encode(hash, 'hex') AS hash, session_id AS "sessionId", generation,
              expires_at AS "expiresAt"`
    })

    return RealtimeTicketRepository.of({
      insert: Effect.fn("RealtimeTicketRepository.insert")((ticket) =>
        sql`INSERT INTO realtime_tickets (hash, session_id, generation, expires_at)
            VALUES (decode(${ticket.hash}, 'hex'), ${ticket.sessionId}, ${ticket.generation},
              ${DateTime.toDateUtc(ticket.expiresAt)})`.pipe(
          Effect.orDie,
          Effect.asVoid
        )
      ),
      consume: Effect.fn("RealtimeTicketRepository.consume")((hash) => deleteByHash(hash).pipe(Effect.orDie)),
      purge: Effect.fn("RealtimeTicketRepository.purge")((now, limit) =>
        sql`DELETE FROM realtime_tickets WHERE hash = ANY(ARRAY(
              SELECT hash FROM realtime_tickets WHERE expires_at <= ${DateTime.toDateUtc(now)}
              ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            )) RETURNING 1`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
