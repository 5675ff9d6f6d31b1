/**
 * Finds users in Postgres.
 */
import { UserId, UserRepository, Wallet, WalletAddress } from "@dchat/domain/identity"
import { Effect, Layer, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { fullPage, makeReader, StoredRow } from "../StoredRows.ts"
import { userColumns, UserRow } from "./UserRow.ts"

const WalletRow = Schema.Struct({
  ...Wallet.fields,
  chainId: Schema.NullOr(Schema.Int),
  verifiedAt: Schema.DateTimeUtcFromDate
})
const NamePrefix = Schema.Struct({
  prefix: Schema.String,
  /** The row after which the page begins. */
  after: Schema.NullOr(Schema.Struct({ searchName: Schema.String, id: Schema.String })),
  limit: Schema.Int
})
const decodeAfter = Schema.decodeUnknownSync(NamePrefix.fields.after)

/** Sorts after everything that continues a text, in the byte order of UTF-8. */
const lastCharacter = "\u{10FFFF}"

const walletOf = ({ chainId, ...wallet }: typeof WalletRow.Type): Wallet =>
  Wallet.make(chainId === null ? wallet : { ...wallet, chainId } as Wallet)

export const layer = Layer.effect(
  UserRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(userColumns)
    const users = makeReader(UserRow, ({ id }) => `user ${String(id)}`)
    const wallets = makeReader(WalletRow, ({ id }) => `wallet ${String(id)}`)

    const selectByIds = SqlSchema.findAll({
      Request: Schema.Array(UserId),
      Result: StoredRow,
      execute: (ids) => sql`SELECT ${columns} FROM users WHERE id = ANY(${ids}::uuid[]) ORDER BY id`
    })
    const selectByAddress = SqlSchema.findAll({
      Request: WalletAddress,
      Result: StoredRow,
      // Either index of addresses is of one kind of wallet only.
      execute: (address) =>
        sql`SELECT ${columns} FROM users WHERE id IN (
              SELECT user_id FROM wallets WHERE address = ${address} AND kind = 'eoa'
              UNION SELECT user_id FROM wallets WHERE address = ${address} AND kind = 'contract'
            ) ORDER BY id`
    })
    const selectByNamePrefix = SqlSchema.findAll({
      Request: NamePrefix,
      Result: StoredRow,
      execute: ({ after, limit, prefix }) =>
        sql`SELECT ${columns}, search_name AS "searchName" FROM users
            WHERE status = 'active' AND search_name >= ${prefix} AND search_name < ${prefix + lastCharacter}
              ${after === null ? sql`` : sql`AND (search_name, id) > (${after.searchName}, ${after.id}::uuid)`}
            ORDER BY search_name, id LIMIT ${limit}`
    })
    const selectWallets = SqlSchema.findAll({
      Request: Schema.Array(UserId),
      Result: StoredRow,
      // A chain id is a safe integer, so float8 holds it exactly; bigint would arrive as a JavaScript bigint.
      execute: (ids) =>
        sql`SELECT id, user_id AS "userId", kind, chain_id::float8 AS "chainId", address, is_primary AS "isPrimary",
              verified_at AS "verifiedAt"
            FROM wallets WHERE user_id = ANY(${ids}::uuid[])
            ORDER BY user_id, is_primary DESC, verified_at, id`
    })
    const selectWithLinkedIn = SqlSchema.findAll({
      Request: Schema.Array(UserId),
      Result: Schema.Struct({ userId: UserId }),
      execute: (ids) =>
        sql`SELECT DISTINCT user_id AS "userId" FROM linked_accounts WHERE user_id = ANY(${ids}::uuid[])`
    })
    const selectSurvivors = SqlSchema.findAll({
      Request: Schema.Array(UserId),
      Result: Schema.Struct({ id: UserId, survivor: UserId }),
      execute: (ids) =>
        sql`WITH RECURSIVE trail AS (
              SELECT id, merged_into AS survivor FROM users
              WHERE id = ANY(${ids}::uuid[]) AND merged_into IS NOT NULL
              UNION SELECT trail.id, users.merged_into FROM trail JOIN users ON users.id = trail.survivor
              WHERE users.merged_into IS NOT NULL
            )
            SELECT trail.id, survivor FROM trail JOIN users ON users.id = survivor WHERE users.merged_into IS NULL`
    })

    return UserRepository.of({
      findByIds: Effect.fn("UserRepository.findByIds")((ids) =>
        selectByIds(ids).pipe(Effect.flatMap(users.readAll), Effect.orDie)
      ),
      findByAddress: Effect.fn("UserRepository.findByAddress")((address) =>
        selectByAddress(address).pipe(Effect.flatMap(users.readAll), Effect.orDie)
      ),
      findByNamePrefix: Effect.fn("UserRepository.findByNamePrefix")((prefix, limit) =>
        fullPage(
          limit,
          (last: StoredRow | undefined, count) =>
            selectByNamePrefix({ prefix, after: decodeAfter(last ?? null), limit: count }),
          users.readAll
        ).pipe(Effect.orDie)
      ),
      walletsOf: Effect.fn("UserRepository.walletsOf")((ids) =>
        selectWallets(ids).pipe(
          Effect.flatMap(wallets.readAll),
          Effect.map((rows) => rows.map(walletOf)),
          Effect.orDie
        )
      ),
      withLinkedIn: Effect.fn("UserRepository.withLinkedIn")((ids) =>
        selectWithLinkedIn(ids).pipe(Effect.map((rows) => new Set(rows.map(({ userId }) => userId))), Effect.orDie)
      ),
      survivorsOf: Effect.fn("UserRepository.survivorsOf")((ids) =>
        selectSurvivors(ids).pipe(
          Effect.map((rows) => new Map(rows.map(({ id, survivor }) => [id, survivor]))),
          Effect.orDie
        )
      )
    })
  })
)
