/**
 * Keeps identities in Postgres: a step is one transaction under the rows of its users, and unique indexes
 * ensure that only one user holds a wallet or an account.
 */
import {
  CredentialTaken,
  deletedName,
  type Identity,
  IdentityRepository,
  type IdentityStep,
  LinkedInClientId,
  LinkedInSubject,
  searchForm,
  UserId,
  Wallet
} from "@dchat/domain/identity"
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlError, SqlSchema } from "effect/sql"
import { fullPage, makeReader, StoredRow } from "../StoredRows.ts"
import { ActivityRow, identityColumn, IdentityRow, identityRows } from "./IdentityRows.ts"

/** The number of retries of a step that the database aborted in favour of another. */
const retries = 5

const Owner = Schema.Struct({ userId: UserId })
const WalletKey = Schema.Struct({
  kind: Wallet.fields.kind,
  chainId: Wallet.fields.chainId,
  address: Wallet.fields.address
})

/** The step as it is kept, without what is done alongside. */
type Kept = Omit<IdentityStep<unknown>, "alongside">

export const layer = Layer.effect(
  IdentityRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const identity = sql.literal(identityColumn)
    const activity = makeReader(ActivityRow, ({ seq, userId }) => `event ${String(seq)} of the user ${String(userId)}`)

    const selectById = SqlSchema.findOneOption({
      Request: UserId,
      Result: IdentityRow,
      execute: (id) => sql`SELECT ${identity} AS identity FROM users WHERE id = ${id}`
    })
    // Locked first and read by a second statement, which then sees what the one before in line has kept.
    const lock = (ids: ReadonlyArray<UserId>) =>
      sql`SELECT 1 FROM users WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`
    const selectByIds = SqlSchema.findAll({
      Request: Schema.Array(UserId),
      Result: IdentityRow,
      execute: (ids) => sql`SELECT ${identity} AS identity FROM users WHERE id = ANY(${ids}::uuid[]) ORDER BY id`
    })
    const selectOwnerOfWallet = SqlSchema.findOneOption({
      Request: WalletKey,
      Result: Owner,
      execute: ({ address, chainId, kind }) =>
        kind === "eoa"
          ? sql`SELECT user_id AS "userId" FROM wallets WHERE address = ${address} AND kind = 'eoa'`
          : sql`SELECT user_id AS "userId" FROM wallets
                WHERE address = ${address} AND chain_id = ${BigInt(chainId ?? 0)} AND kind = 'contract'`
    })
    const selectOwnerOfAccount = SqlSchema.findOneOption({
      Request: Schema.Struct({ clientId: LinkedInClientId, subject: LinkedInSubject }),
      Result: Owner,
      execute: ({ clientId, subject }) =>
        sql`SELECT user_id AS "userId" FROM linked_accounts
            WHERE provider = 'linkedin' AND client_id = ${clientId} AND subject = ${subject}`
    })
    const selectActivity = SqlSchema.findAll({
      Request: Schema.Struct({ id: UserId, before: Schema.Int, limit: Schema.Int }),
      Result: StoredRow,
      execute: ({ before, id, limit }) =>
        sql`SELECT user_id AS "userId", seq, at, event, cause FROM identity_events
            WHERE user_id = ${id} AND seq < ${before} ORDER BY seq DESC LIMIT ${limit}`
    })
    const selectAbsorbed = SqlSchema.findAll({
      Request: UserId,
      Result: Owner,
      execute: (id) =>
        sql`WITH RECURSIVE absorbed AS (
              SELECT id FROM users WHERE merged_into = ${id}
              UNION SELECT users.id FROM users JOIN absorbed ON users.merged_into = absorbed.id
            )
            SELECT id AS "userId" FROM absorbed ORDER BY id`
    })

    /** Deletes the activity of users and of all users merged into them, with their names. */
    const forget = (ids: ReadonlyArray<UserId>) =>
      sql`WITH RECURSIVE absorbed AS (
            SELECT id FROM users WHERE merged_into = ANY(${ids}::uuid[])
            UNION SELECT users.id FROM users JOIN absorbed ON users.merged_into = absorbed.id
          ), renamed AS (
            UPDATE users SET display_name = ${deletedName}, search_name = ${searchForm(deletedName)}
            WHERE id IN (SELECT id FROM absorbed)
          )
          DELETE FROM identity_events WHERE user_id = ANY(${ids}::uuid[]) OR user_id IN (SELECT id FROM absorbed)`

    const keep = Effect.fnUntraced(function*({ at, cause, changes }: Kept) {
      if (changes.length === 0) return
      const rows = identityRows(changes, cause, at)
      yield* sql`INSERT INTO users (id, status, display_name, search_name, created_at, version, merged_into,
          name_edited, primary_email, company, position, last_sign_in_at)
        SELECT * FROM json_to_recordset(${rows.users}::json) AS row(id uuid, status text, display_name text,
          search_name text, created_at timestamptz, version integer, merged_into uuid, name_edited boolean,
          primary_email text, company text, position text, last_sign_in_at timestamptz)
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, display_name = excluded.display_name,
          search_name = excluded.search_name, version = excluded.version, merged_into = excluded.merged_into,
          name_edited = excluded.name_edited, primary_email = excluded.primary_email, company = excluded.company,
          position = excluded.position, last_sign_in_at = excluded.last_sign_in_at`
      if (rows.touched.wallets) {
        // Wallets and the primary rank are released before another user or wallet takes them over.
        yield* sql`WITH kept AS (
            SELECT id, user_id, is_primary FROM json_to_recordset(${rows.wallets}::json)
              AS row(id uuid, user_id uuid, is_primary boolean)
          ), gone AS (
            DELETE FROM wallets WHERE user_id = ANY(${rows.ids}::uuid[]) AND id NOT IN (SELECT id FROM kept)
          )
          UPDATE wallets SET is_primary = false FROM kept
          WHERE wallets.id = kept.id AND wallets.is_primary
            AND NOT (kept.is_primary AND wallets.user_id = kept.user_id)`
        yield* sql`INSERT INTO wallets (id, user_id, kind, chain_id, address, is_primary, verified_at)
          SELECT * FROM json_to_recordset(${rows.wallets}::json) AS row(id uuid, user_id uuid, kind text,
            chain_id bigint, address text, is_primary boolean, verified_at timestamptz)
          ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, is_primary = excluded.is_primary
          WHERE wallets.user_id <> excluded.user_id OR wallets.is_primary <> excluded.is_primary`
      }
      if (rows.touched.accounts) {
        yield* sql`DELETE FROM linked_accounts WHERE user_id = ANY(${rows.ids}::uuid[]) AND id NOT IN (
            SELECT id FROM json_to_recordset(${rows.accounts}::json) AS row(id uuid))`
        yield* sql`INSERT INTO linked_accounts (id, user_id, provider, client_id, subject, name, email, email_verified,
            picture, locale, linked_at, last_sync_at)
          SELECT * FROM json_to_recordset(${rows.accounts}::json) AS row(id uuid, user_id uuid, provider text,
            client_id text, subject text, name text, email text, email_verified boolean, picture text, locale text,
            linked_at timestamptz, last_sync_at timestamptz)
          ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, name = excluded.name, email = excluded.email,
            email_verified = excluded.email_verified, picture = excluded.picture, locale = excluded.locale,
            last_sync_at = excluded.last_sync_at`
      }
      if (rows.touched.temporaryWallets) {
        yield* sql`UPDATE temporary_wallets SET retired_at = ${new Date(at.epochMilliseconds)}
          WHERE user_id = ANY(${rows.ids}::uuid[]) AND retired_at IS NULL AND ref NOT IN (
            SELECT ref FROM json_to_recordset(${rows.temporaryWallets}::json) AS row(ref text))`
        yield* sql`INSERT INTO temporary_wallets (ref, user_id, created_at)
          SELECT * FROM json_to_recordset(${rows.temporaryWallets}::json) AS row(ref text, user_id uuid,
            created_at timestamptz)
          ON CONFLICT (ref) DO NOTHING`
      }
      if (rows.deleted.length > 0) {
        yield* forget(rows.deleted)
        yield* sql`INSERT INTO deleted_users (user_id, left_at, look_at)
          SELECT id, ${new Date(at.epochMilliseconds)}, '-infinity' FROM unnest(${rows.deleted}::uuid[]) AS id
          ON CONFLICT (user_id) DO NOTHING`
      }
      yield* sql`INSERT INTO identity_events (user_id, seq, at, event, cause)
        SELECT * FROM json_to_recordset(${rows.events}::json) AS row(user_id uuid, seq integer, at timestamptz,
          event jsonb, cause jsonb)`
    }, Effect.catchReason("SqlError", "UniqueViolation", () => Effect.fail(new CredentialTaken())))

    /** One transaction. A step that the database aborts in favour of another is retried from the beginning. */
    const inTransaction = <A, E, R>(
      step: Effect.Effect<A, E | SqlError.SqlError, R>
    ): Effect.Effect<A, Exclude<E, SqlError.SqlError | Schema.SchemaError>, R> =>
      sql.withTransaction(step).pipe(
        Effect.retry({ while: isGivenUp, times: retries }),
        Effect.catchIf(isInfrastructure, (failure) => Effect.die(failure))
      ) as never

    const change: IdentityRepository["Service"]["change"] = (ids, decide) =>
      inTransaction(Effect.gen(function*() {
        yield* lock(ids)
        const people: ReadonlyArray<Identity> = (yield* selectByIds(ids)).map((row) => row.identity)
        const step = yield* decide(people)
        yield* keep(step)
        return yield* step.alongside
      }))

    const create: IdentityRepository["Service"]["create"] = (step) =>
      inTransaction(Effect.andThen(keep(step), step.alongside))

    const ownerOf = Option.map(({ userId }: typeof Owner.Type) => userId)

    return IdentityRepository.of({
      load: Effect.fn("IdentityRepository.load")((id) =>
        selectById(id).pipe(Effect.map(Option.map((row) => row.identity)), Effect.orDie)
      ),
      ownerOfWallet: Effect.fn("IdentityRepository.ownerOfWallet")((wallet) =>
        selectOwnerOfWallet(wallet).pipe(Effect.map(ownerOf), Effect.orDie)
      ),
      ownerOfAccount: Effect.fn("IdentityRepository.ownerOfAccount")((clientId, subject) =>
        selectOwnerOfAccount({ clientId, subject }).pipe(Effect.map(ownerOf), Effect.orDie)
      ),
      create,
      change,
      activity: Effect.fn("IdentityRepository.activity")((id, { before = 2147483647, limit }) =>
        fullPage(
          limit,
          (last: StoredRow | undefined, count) =>
            selectActivity({ id, before: last === undefined ? before : Number(last["seq"]), limit: count }),
          activity.readAll
        ).pipe(Effect.orDie)
      ),
      absorbedBy: Effect.fn("IdentityRepository.absorbedBy")((id) =>
        selectAbsorbed(id).pipe(Effect.map((rows) => rows.map(({ userId }) => userId)), Effect.orDie)
      )
    })
  })
)

/** The database chose another transaction over this one; nothing of this one was kept. */
const isGivenUp = (failure: unknown): boolean =>
  SqlError.isSqlError(failure) &&
  (failure.reason._tag === "DeadlockError" || failure.reason._tag === "SerializationError")

const isInfrastructure = (failure: unknown): failure is SqlError.SqlError | Schema.SchemaError =>
  SqlError.isSqlError(failure) || Schema.isSchemaError(failure)
