/**
 * Keeps sessions in Postgres, found by the hash of their token.
 */
import {
  maxTokensOfSession,
  Session,
  SessionId,
  SessionRepository,
  type SignedIn,
  TokenHash,
  User,
  UserId
} from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import * as GatheredRead from "../GatheredRead.ts"
import { makeReader, StoredRow } from "../StoredRows.ts"

/** A session with its user. */
const Row = Schema.Struct({
  ...Session.fields,
  authenticatedAt: Schema.DateTimeUtcFromDate,
  createdAt: Schema.DateTimeUtcFromDate,
  lastSeenAt: Schema.DateTimeUtcFromDate,
  idleExpiresAt: Schema.DateTimeUtcFromDate,
  absoluteExpiresAt: Schema.DateTimeUtcFromDate,
  revokedAt: Schema.NullOr(Schema.DateTimeUtcFromDate),
  userAgent: Schema.NullOr(Schema.String),
  address: Schema.NullOr(Schema.String),
  status: User.fields.status,
  displayName: User.fields.displayName,
  userCreatedAt: Schema.DateTimeUtcFromDate
})

const decodeSession = Schema.decodeUnknownEffect(Row)

/** By a token that was replaced. */
const FormerRow = Schema.Struct({ ...Row.fields, replacedUntil: Schema.DateTimeUtcFromDate })

const signedInOf = (
  { address, displayName, revokedAt, status, userAgent, userCreatedAt, ...session }: typeof Row.Type
): SignedIn => ({
  session: {
    ...session,
    ...(revokedAt === null ? {} : { revokedAt }),
    ...(userAgent === null ? {} : { userAgent }),
    ...(address === null ? {} : { address })
  },
  user: { id: session.userId, status, displayName, createdAt: userCreatedAt }
})

export const layer = Layer.effect(
  SessionRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const sessions = makeReader(Row, ({ id }) => `session ${String(id)}`)
    const columns =
      `sessions.id, user_id AS "userId", authenticated_at AS "authenticatedAt", sessions.created_at AS "createdAt",
        last_seen_at AS "lastSeenAt", idle_expires_at AS "idleExpiresAt", absolute_expires_at AS "absoluteExpiresAt",
        revoked_at AS "revokedAt", generation, user_agent AS "userAgent", address,
        status, display_name AS "displayName", users.created_at AS "userCreatedAt"`
    const sessionsWithUsers = "FROM sessions JOIN users ON users.id = sessions.user_id"
    const select = sql.literal(`SELECT ${columns} ${sessionsWithUsers}`)
    const selectWithHash = sql.literal(
      `SELECT ${columns}, encode(token_hash, 'hex') AS "tokenHash" ${sessionsWithUsers}`
    )

    const selectByTokenHash = SqlSchema.findAll({
      Request: Schema.Array(TokenHash),
      Result: StoredRow,
      execute: (hashes) => sql`${selectWithHash} WHERE token_hash = ANY(${hashes.map((hash) => `\\x${hash}`)}::bytea[])`
    })
    // Nearly every request looks up its session.
    const gatherByTokenHash = yield* GatheredRead.make(
      sql,
      selectByTokenHash,
      ({ tokenHash }) => TokenHash.make(String(tokenHash))
    )
    // Runs only for tokens that belong to no session now, so that a request costs one look-up as before.
    const selectByFormerToken = SqlSchema.findOneOption({
      Request: TokenHash,
      Result: FormerRow,
      execute: (hash) =>
        sql`SELECT former.*, former_tokens.replaced_until AS "replacedUntil"
            FROM former_tokens JOIN (${select}) AS former ON former.id = former_tokens.session_id
            WHERE former_tokens.hash = decode(${hash}, 'hex')`
    })
    const selectByUser = SqlSchema.findAll({
      Request: Schema.Struct({ user: UserId, now: Schema.DateTimeUtcFromDate, limit: Schema.Int }),
      Result: StoredRow,
      execute: ({ limit, now, user }) =>
        sql`${select} WHERE user_id = ${user} AND revoked_at IS NULL AND idle_expires_at > ${now}
              AND absolute_expires_at > ${now}
            ORDER BY last_seen_at DESC, sessions.id DESC LIMIT ${limit}`
    })
    const endAll = SqlSchema.findAll({
      Request: Schema.Struct({
        users: Schema.Array(UserId),
        at: Schema.DateTimeUtcFromDate,
        but: Schema.NullOr(SessionId)
      }),
      Result: Schema.Struct({ id: SessionId }),
      // Every statement that writes to several sessions locks them by id, this one too, so that no two can deadlock.
      execute: ({ at, but, users }) =>
        sql`WITH live AS (
              SELECT id FROM sessions WHERE user_id = ANY(${users}::uuid[]) AND revoked_at IS NULL
              ORDER BY id FOR UPDATE
            )
            UPDATE sessions SET revoked_at = ${at} FROM live
            WHERE sessions.id = live.id AND live.id IS DISTINCT FROM ${but}::uuid
            RETURNING sessions.id`
    })
    const Outdated = Schema.Struct({ id: SessionId, generation: Schema.NullOr(Schema.Int) })
    const selectOutdated = SqlSchema.findAll({
      Request: Schema.Struct({
        ids: Schema.Array(SessionId),
        generations: Schema.Array(Schema.Int),
        now: Schema.DateTimeUtcFromDate
      }),
      Result: Outdated,
      execute: ({ generations, ids, now }) =>
        sql`SELECT known.id, live.generation
            FROM unnest(${ids}::uuid[], ${generations}::integer[]) AS known(id, generation)
            LEFT JOIN (sessions AS live JOIN users ON users.id = live.user_id AND users.status = 'active')
              ON live.id = known.id AND live.revoked_at IS NULL AND live.idle_expires_at > ${now}
                AND live.absolute_expires_at > ${now} AND live.generation < ${maxTokensOfSession}
            WHERE live.generation IS DISTINCT FROM known.generation`
    })
    const selectByIds = SqlSchema.findAll({
      Request: Schema.Array(SessionId),
      Result: StoredRow,
      execute: (ids) => sql`${select} WHERE sessions.id = ANY(${ids}::uuid[]) ORDER BY sessions.id`
    })

    return SessionRepository.of({
      insert: Effect.fn("SessionRepository.insert")((session, hash) =>
        sql`INSERT INTO sessions (id, user_id, token_hash, authenticated_at, created_at, last_seen_at, idle_expires_at,
              absolute_expires_at, revoked_at, generation, user_agent, address)
            VALUES (${session.id}, ${session.userId}, decode(${hash}, 'hex'),
              ${DateTime.toDateUtc(session.authenticatedAt)}, ${DateTime.toDateUtc(session.createdAt)},
              ${DateTime.toDateUtc(session.lastSeenAt)}, ${DateTime.toDateUtc(session.idleExpiresAt)},
              ${DateTime.toDateUtc(session.absoluteExpiresAt)},
              ${session.revokedAt === undefined ? null : DateTime.toDateUtc(session.revokedAt)}, ${session.generation},
              ${session.userAgent ?? null}, ${session.address ?? null})`.pipe(Effect.orDie, Effect.asVoid)
      ),
      findByTokenHash: Effect.fnUntraced(function*(hash) {
        const [current] = yield* gatherByTokenHash([hash])
        if (current !== undefined) return Option.some(signedInOf(yield* decodeSession(current)))
        return Option.map(
          yield* selectByFormerToken(hash),
          ({ replacedUntil, ...row }) => ({ ...signedInOf(row), replacedUntil })
        )
      }, Effect.orDie),
      findByIds: Effect.fn("SessionRepository.findByIds")((ids) =>
        selectByIds(ids).pipe(
          Effect.flatMap(sessions.readAll),
          Effect.map((rows) => rows.map(signedInOf)),
          Effect.orDie
        )
      ),
      outdated: Effect.fn("SessionRepository.outdated")((known, now) =>
        selectOutdated({ ids: known.map(({ id }) => id), generations: known.map(({ generation }) => generation), now })
          .pipe(
            Effect.map((rows) => rows.map(({ generation, id }) => (generation === null ? { id } : { id, generation }))),
            Effect.orDie
          )
      ),
      listOf: Effect.fn("SessionRepository.listOf")((user, now, limit) =>
        selectByUser({ user, now, limit }).pipe(
          Effect.flatMap(sessions.readAll),
          Effect.map((rows) => rows.map((row) => signedInOf(row).session)),
          Effect.orDie
        )
      ),
      replaceToken: Effect.fn("SessionRepository.replaceToken")(
        function*({ generation, id }, hash, replacedUntil) {
          // A second one in line waits for the row, and then finds another generation.
          const replaced = yield* sql`WITH former AS (
              SELECT id, token_hash FROM sessions
              WHERE id = ${id} AND generation = ${generation} AND revoked_at IS NULL FOR UPDATE
            ), replaced AS (
              UPDATE sessions SET token_hash = decode(${hash}, 'hex'), generation = generation + 1
              FROM former WHERE sessions.id = former.id
            )
            INSERT INTO former_tokens (hash, session_id, replaced_until)
            SELECT token_hash, id, ${DateTime.toDateUtc(replacedUntil)} FROM former RETURNING 1`
          return replaced.length > 0
        },
        Effect.orDie
      ),
      reauthenticated: Effect.fn("SessionRepository.reauthenticated")((id, at) =>
        sql`UPDATE sessions SET authenticated_at = ${DateTime.toDateUtc(at)} WHERE id = ${id}`.pipe(
          Effect.orDie,
          Effect.asVoid
        )
      ),
      revokeAllOf: Effect.fn("SessionRepository.revokeAllOf")((users, at, but) =>
        endAll({ users, at, but: but ?? null }).pipe(Effect.map((rows) => rows.map(({ id }) => id)), Effect.orDie)
      ),
      touch: Effect.fn("SessionRepository.touch")((ids, { idleExpiresAt, lastSeenAt }) =>
        sql`WITH live AS (
              SELECT id FROM sessions WHERE id = ANY(${ids}::uuid[]) AND revoked_at IS NULL ORDER BY id FOR UPDATE
            )
            UPDATE sessions
            SET last_seen_at = GREATEST(last_seen_at, ${DateTime.toDateUtc(lastSeenAt)}),
              idle_expires_at = GREATEST(idle_expires_at, ${DateTime.toDateUtc(idleExpiresAt)})
            FROM live WHERE sessions.id = live.id`.pipe(Effect.orDie, Effect.asVoid)
      ),
      revoke: Effect.fn("SessionRepository.revoke")((id, at) =>
        sql`UPDATE sessions SET revoked_at = ${DateTime.toDateUtc(at)} WHERE id = ${id} AND revoked_at IS NULL`.pipe(
          Effect.orDie,
          Effect.asVoid
        )
      ),
      forgetOrigins: Effect.fn("SessionRepository.forgetOrigins")((users) =>
        sql`WITH theirs AS (
              SELECT id FROM sessions WHERE user_id = ANY(${users}::uuid[]) ORDER BY id FOR UPDATE
            )
            UPDATE sessions SET user_agent = NULL, address = NULL FROM theirs WHERE sessions.id = theirs.id`.pipe(
          Effect.orDie,
          Effect.asVoid
        )
      ),
      purge: Effect.fn("SessionRepository.purge")((now, limit) =>
        sql`DELETE FROM sessions WHERE id = ANY(ARRAY(
              SELECT id FROM sessions
              WHERE LEAST(idle_expires_at, absolute_expires_at, revoked_at) <= ${DateTime.toDateUtc(now)}
              ORDER BY LEAST(idle_expires_at, absolute_expires_at, revoked_at) LIMIT ${limit}
              FOR UPDATE SKIP LOCKED
            )) RETURNING id`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)
