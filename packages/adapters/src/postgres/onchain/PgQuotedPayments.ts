/**
 * Finds quoted payments in Postgres. The rows are written with the steps of the accounts (`QuotedWalletRows`).
 */
import { ChainId, UserId, WalletAddress } from "@dchat/domain/identity"
import { type ChainInterest, QuotedPayments } from "@dchat/domain/onchain"
import { PaymentId } from "@dchat/domain/subscription"
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

export const layer = Layer.effect(
  QuotedPayments,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const selectOfPayer = SqlSchema.findAll({
      Request: Schema.Struct({ chainId: ChainId, payer: WalletAddress, limit: Schema.Int }),
      Result: Schema.Struct({ userId: UserId, paymentId: PaymentId }),
      execute: ({ chainId, limit, payer }) =>
        sql`SELECT user_id AS "userId", payment_id AS "paymentId" FROM quoted_wallets
            WHERE chain_id = ${chainId} AND payer = ${payer}
            ORDER BY is_unpaid DESC, quoted_at DESC, payment_id DESC LIMIT ${limit}`
    })
    const selectOwner = SqlSchema.findOneOption({
      Request: PaymentId,
      Result: Schema.Struct({ userId: UserId }),
      execute: (id) => sql`SELECT user_id AS "userId" FROM quoted_wallets WHERE payment_id = ${id} LIMIT 1`
    })
    const selectInterest = SqlSchema.findOneOption({
      Request: Schema.Struct({ chainId: ChainId, now: Schema.DateTimeUtcFromDate }),
      Result: Schema.Struct({ isAwaited: Schema.Boolean, isNativeAwaited: Schema.Boolean }),
      // The latest time of a chain is at the end of an index, whatever the plan of the prepared statement.
      execute: ({ chainId, now }) =>
        sql`SELECT
            coalesce((SELECT max(awaited_until) FROM quoted_wallets WHERE chain_id = ${chainId}) > ${now}, false)
              AS "isAwaited",
            coalesce((SELECT max(native_until) FROM quoted_wallets WHERE chain_id = ${chainId}) > ${now}, false)
              AS "isNativeAwaited"`
    })

    return QuotedPayments.of({
      ofPayer: Effect.fn("QuotedPayments.ofPayer")((chainId, payer, limit) =>
        Effect.orDie(selectOfPayer({ chainId, payer, limit }))
      ),
      ownerOf: Effect.fn("QuotedPayments.ownerOf")((id) =>
        selectOwner(id).pipe(Effect.map((row) => Option.getOrUndefined(row)?.userId), Effect.orDie)
      ),
      interest: Effect.fn("QuotedPayments.interest")((chainId, now) =>
        selectInterest({ chainId, now }).pipe(
          Effect.flatMap(Effect.fromOption),
          Effect.map((row): ChainInterest => row),
          Effect.orDie
        )
      )
    })
  })
)
