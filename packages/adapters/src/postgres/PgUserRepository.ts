/**
 * Keeps people and their wallets in Postgres; the unique address settles who was first.
 */
import { DisplayName, searchForm, UserId, UserRepository, Wallet, WalletAddress } from "@dchat/domain/identity"
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { userColumns, UserRow } from "./UserRow.ts"

const WalletRow = Schema.Struct({ ...Wallet.fields, verifiedAt: Schema.DateTimeUtcFromDate })
const NamePrefix = Schema.Struct({ prefix: Schema.String, limit: Schema.Int })

/** Sorts after everything that continues a text, in the byte order of UTF-8. */
const lastCharacter = "\u{10FFFF}"

export const layer = Layer.effect(
  UserRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(userColumns)

    const selectByIds = SqlSchema.findAll({
      Request: Schema.Array(UserId),
      Result: UserRow,
      execute: (ids) => sql`SELECT ${columns} FROM users WHERE id = ANY(${ids}::uuid[]) ORDER BY id`
    })
    const selectByWallet = SqlSchema.findOneOption({
      Request: WalletAddress,
      Result: UserRow,
      execute: (address) =>
        sql`SELECT ${columns} FROM users JOIN wallets ON wallets.user_id = users.id WHERE wallets.address = ${address}`
    })
    const updateName = SqlSchema.findOneOption({
      Request: Schema.Struct({ id: UserId, displayName: DisplayName }),
      Result: UserRow,
      execute: ({ displayName, id }) =>
        sql`UPDATE users SET display_name = ${displayName}, search_name = ${searchForm(displayName)}
            WHERE id = ${id} RETURNING ${columns}`
    })
    const selectByNamePrefix = SqlSchema.findAll({
      Request: NamePrefix,
      Result: UserRow,
      execute: ({ limit, prefix }) =>
        sql`SELECT ${columns} FROM users
            WHERE status = 'active' AND search_name >= ${prefix} AND search_name < ${prefix + lastCharacter}
            ORDER BY search_name, id LIMIT ${limit}`
    })
    const selectWallets = SqlSchema.findAll({
      Request: Schema.Array(UserId),
      Result: WalletRow,
      execute: (ids) =>
        sql`SELECT id, user_id AS "userId", kind, address, is_primary AS "isPrimary", verified_at AS "verifiedAt"
            FROM wallets WHERE user_id = ANY(${ids}::uuid[])
            ORDER BY user_id, is_primary DESC, verified_at, id`
    })
    // One statement, so neither row is ever there without the other. It waits for whoever is claiming the same
    // address, and inserts nothing once they have it. The foreign key is checked at the end of the statement.
    const insertUnlessClaimed = SqlSchema.findOneOption({
      Request: Schema.Struct({ user: UserRow, wallet: WalletRow }),
      Result: UserRow,
      execute: ({ user, wallet }) =>
        sql`WITH claimed AS (
              INSERT INTO wallets (id, user_id, kind, address, is_primary, verified_at)
              VALUES (${wallet.id}, ${wallet.userId}, ${wallet.kind}, ${wallet.address}, ${wallet.isPrimary},
                ${wallet.verifiedAt})
              ON CONFLICT (address) DO NOTHING
              RETURNING user_id
            )
            INSERT INTO users (id, status, display_name, search_name, created_at)
            SELECT user_id, ${user.status}::text, ${user.displayName}::text, ${searchForm(user.displayName)}::text,
              ${user.createdAt}::timestamptz
            FROM claimed
            RETURNING ${columns}`
    })

    return UserRepository.of({
      findByIds: Effect.fn("UserRepository.findByIds")((ids) => selectByIds(ids).pipe(Effect.orDie)),
      findByWallet: Effect.fn("UserRepository.findByWallet")((address) => selectByWallet(address).pipe(Effect.orDie)),
      createOrLoadByWallet: Effect.fn("UserRepository.createOrLoadByWallet")(function*(user, wallet) {
        const created = yield* insertUnlessClaimed({ user, wallet })
        if (Option.isSome(created)) return created.value
        return yield* Effect.fromOption(yield* selectByWallet(wallet.address))
      }, Effect.orDie),
      rename: Effect.fn("UserRepository.rename")((id, displayName) =>
        updateName({ id, displayName }).pipe(Effect.orDie)
      ),
      findByNamePrefix: Effect.fn("UserRepository.findByNamePrefix")((prefix, limit) =>
        selectByNamePrefix({ prefix, limit }).pipe(Effect.orDie)
      ),
      walletsOf: Effect.fn("UserRepository.walletsOf")((ids) => selectWallets(ids).pipe(Effect.orDie))
    })
  })
)
