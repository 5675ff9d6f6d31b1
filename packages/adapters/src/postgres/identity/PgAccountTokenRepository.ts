/**
 * Keeps sealed access tokens in Postgres; they go with their account.
 */
import { AccountToken, AccountTokenRepository, LinkedAccountId } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { makeReader, StoredRow } from "../StoredRows.ts"

const Row = Schema.Struct({
  accountId: LinkedAccountId,
  keyId: Schema.String,
  ciphertext: Schema.String,
  expiresAt: Schema.NullOr(Schema.DateTimeUtcFromDate),
  scopes: Schema.Array(Schema.String)
})

const tokenOf = ({ accountId, ciphertext, expiresAt, keyId, scopes }: typeof Row.Type): AccountToken =>
  AccountToken.make({
    accountId,
    token: { keyId, ciphertext } as AccountToken["token"],
    scopes,
    ...(expiresAt === null ? {} : { expiresAt })
  })

export const layer = Layer.effect(
  AccountTokenRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const tokens = makeReader(Row, ({ accountId }) => `token of the account ${String(accountId)}`)
    const columns = sql.literal(
      `account_id AS "accountId", key_id AS "keyId", ciphertext, expires_at AS "expiresAt", scopes`
    )

    const selectByAccount = SqlSchema.findOneOption({
      Request: LinkedAccountId,
      Result: Row,
      execute: (account) => sql`SELECT ${columns} FROM linked_account_tokens WHERE account_id = ${account}`
    })
    const selectByOtherKey = SqlSchema.findAll({
      Request: Schema.Struct({ keyId: Schema.String, limit: Schema.Int }),
      Result: StoredRow,
      // Two ranges of the index, where one inequality would read the whole table.
      execute: ({ keyId, limit }) =>
        sql`(SELECT ${columns} FROM linked_account_tokens WHERE key_id < ${keyId} LIMIT ${limit})
            UNION ALL (SELECT ${columns} FROM linked_account_tokens WHERE key_id > ${keyId} LIMIT ${limit})
            LIMIT ${limit}`
    })

    return AccountTokenRepository.of({
      put: Effect.fn("AccountTokenRepository.put")(({ accountId, expiresAt, scopes, token }) =>
        sql`INSERT INTO linked_account_tokens (account_id, key_id, ciphertext, expires_at, scopes)
            SELECT id, ${token.keyId}, ${token.ciphertext},
              ${expiresAt === undefined ? null : DateTime.toDateUtc(expiresAt)}::timestamptz, ${scopes}::text[]
            FROM linked_accounts WHERE id = ${accountId} FOR KEY SHARE
            ON CONFLICT (account_id) DO UPDATE SET key_id = excluded.key_id, ciphertext = excluded.ciphertext,
              expires_at = excluded.expires_at, scopes = excluded.scopes`.pipe(Effect.orDie, Effect.asVoid)
      ),
      find: Effect.fn("AccountTokenRepository.find")((account) =>
        selectByAccount(account).pipe(Effect.map(Option.map(tokenOf)), Effect.orDie)
      ),
      remove: Effect.fn("AccountTokenRepository.remove")((account) =>
        sql`DELETE FROM linked_account_tokens WHERE account_id = ${account}`.pipe(Effect.orDie, Effect.asVoid)
      ),
      sealedByOthers: Effect.fn("AccountTokenRepository.sealedByOthers")((keyId, limit) =>
        selectByOtherKey({ keyId, limit }).pipe(
          Effect.flatMap(tokens.readAll),
          Effect.map((rows) => rows.map(tokenOf)),
          Effect.orDie
        )
      ),
      reseal: Effect.fn("AccountTokenRepository.reseal")(({ accountId, token: before }, token) =>
        sql`UPDATE linked_account_tokens SET key_id = ${token.keyId}, ciphertext = ${token.ciphertext}
            WHERE account_id = ${accountId} AND ciphertext = ${before.ciphertext}`.pipe(Effect.orDie, Effect.asVoid)
      ),
      purge: Effect.fn("AccountTokenRepository.purge")((now, limit) =>
        sql`DELETE FROM linked_account_tokens WHERE account_id = ANY(ARRAY(
              SELECT account_id FROM linked_account_tokens WHERE expires_at <= ${DateTime.toDateUtc(now)}
              ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            )) RETURNING 1`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
