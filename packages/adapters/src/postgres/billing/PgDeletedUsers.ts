/**
 * Stores in Postgres the deleted users whose billing has to end: one row for each user.
 */
import { DeletedUsers } from "@dchat/domain/billing"
import { UserId } from "@dchat/domain/identity"
import { Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { makeReader, StoredRow } from "../StoredRows.ts"

const DeletedUserRow = Schema.Struct({ userId: UserId, leftAt: Schema.DateTimeUtcFromDate })

export const layer = Layer.effect(
  DeletedUsers,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const deletedUsers = makeReader(DeletedUserRow, ({ userId }) => `departure of the user ${String(userId)}`)

    const claim = SqlSchema.findAll({
      Request: Schema.Struct({
        now: Schema.DateTimeUtcFromDate,
        heldUntil: Schema.DateTimeUtcFromDate,
        limit: Schema.Int
      }),
      Result: StoredRow,
      execute: ({ heldUntil, limit, now }) =>
        sql`UPDATE deleted_users SET look_at = ${heldUntil}
            WHERE user_id IN (
              SELECT user_id FROM deleted_users WHERE look_at <= ${now}
              ORDER BY look_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
            RETURNING user_id AS "userId", left_at AS "leftAt"`
    })

    return DeletedUsers.of({
      claim: Effect.fn("DeletedUsers.claim")((now, heldUntil, limit) =>
        claim({ now, heldUntil, limit }).pipe(Effect.flatMap(deletedUsers.readAll), Effect.orDie)
      ),
      postpone: Effect.fn("DeletedUsers.postpone")((userId, nextAt) =>
        Effect.orDie(
          sql`UPDATE deleted_users SET look_at = ${new Date(nextAt.epochMilliseconds)} WHERE user_id = ${userId}`
        )
      ),
      done: Effect.fn("DeletedUsers.done")((userId) =>
        Effect.orDie(
          sql`WITH gone AS (DELETE FROM deleted_users WHERE user_id = ${userId})
              UPDATE webhook_events SET concern = NULL
              WHERE state <> 'waiting' AND concern IS NOT NULL
                AND concern ->> 'purchaseId' IN (SELECT id::text FROM purchases WHERE user_id = ${userId})`
        )
      )
    })
  })
)
