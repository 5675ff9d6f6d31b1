/**
 * Finds in Postgres who is gone and still billed.
 */
import { Departures } from "@dchat/domain/billing"
import { UserId } from "@dchat/domain/identity"
import { Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

export const layer = Layer.effect(
  Departures,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const select = SqlSchema.findAll({
      Request: Schema.Int,
      Result: Schema.Struct({ userId: UserId }),
      execute: (limit) =>
        sql`SELECT DISTINCT purchases.user_id AS "userId" FROM users
            JOIN purchases ON purchases.user_id = users.id
            WHERE users.status = 'deleted'
              AND (purchases.kind = 'subscription' AND purchases.state IN ('pending', 'active', 'past_due', 'suspended')
                OR purchases.kind = 'membership' AND purchases.state = 'pending')
            LIMIT ${limit}`
    })

    return Departures.of({
      billed: Effect.fn("Departures.billed")((limit) =>
        Effect.orDie(Effect.map(select(limit), (rows) => rows.map(({ userId }) => userId)))
      )
    })
  })
)
