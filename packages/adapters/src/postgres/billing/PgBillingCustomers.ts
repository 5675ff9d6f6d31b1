/**
 * Stores in Postgres the customer ids of users at the provider.
 */
import { BillingCustomers } from "@dchat/domain/billing"
import { UserId } from "@dchat/domain/identity"
import { ExternalId } from "@dchat/domain/subscription"
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

const Row = Schema.Struct({ externalId: ExternalId })

export const layer = Layer.effect(
  BillingCustomers,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const select = SqlSchema.findOneOption({
      Request: UserId,
      Result: Row,
      execute: (id) => sql`SELECT external_id AS "externalId" FROM billing_customers WHERE user_id = ${id}`
    })
    const insert = SqlSchema.findOneOption({
      Request: Schema.Struct({ userId: UserId, customer: ExternalId }),
      Result: Row,
      execute: ({ customer, userId }) =>
        sql`INSERT INTO billing_customers (user_id, external_id) VALUES (${userId}, ${customer})
            ON CONFLICT (user_id) DO UPDATE SET external_id = billing_customers.external_id
            RETURNING external_id AS "externalId"`
    })

    return BillingCustomers.of({
      find: Effect.fn("BillingCustomers.find")((userId) =>
        select(userId).pipe(Effect.map(Option.map(({ externalId }) => externalId)), Effect.orDie)
      ),
      keep: Effect.fn("BillingCustomers.keep")((userId, customer) =>
        insert({ userId, customer }).pipe(
          Effect.map(Option.match({ onNone: () => customer, onSome: ({ externalId }) => externalId })),
          Effect.orDie
        )
      ),
      forget: Effect.fn("BillingCustomers.forget")((userId, customer) =>
        sql`DELETE FROM billing_customers WHERE user_id = ${userId} AND external_id = ${customer}`.pipe(
          Effect.asVoid,
          Effect.orDie
        )
      )
    })
  })
)
