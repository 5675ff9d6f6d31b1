/**
 * Stores in Postgres the time of the next turn of each chore of billing.
 */
import { BillingTurns } from "@dchat/domain/billing"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"

export const layer = Layer.effect(
  BillingTurns,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    return BillingTurns.of({
      // A turn that is further ahead than two of them was given by a clock that was set back since.
      take: Effect.fn("BillingTurns.take")((chore, seconds) =>
        sql`INSERT INTO billing_turns AS turn (chore, next_at)
            VALUES (${chore}, clock_timestamp() + make_interval(secs => ${seconds}))
            ON CONFLICT (chore) DO UPDATE SET next_at = clock_timestamp() + make_interval(secs => ${seconds})
            WHERE turn.next_at <= clock_timestamp()
              OR turn.next_at > clock_timestamp() + make_interval(secs => 2 * ${seconds}::float8)
            RETURNING 1 AS one`.pipe(Effect.map((rows) => rows.length > 0), Effect.orDie)
      )
    })
  })
)
