/**
 * Keeps sessions in a map, their users in the user repository: for tests and examples.
 */
import {
  isSessionLive,
  type Session,
  type SessionId,
  SessionRepository,
  type TokenHash,
  UserRepository
} from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Option, Order } from "effect"

const lastUsedFirst = Order.combine(
  Order.flip(Order.mapInput(DateTime.Order, (session: Session) => session.lastSeenAt)),
  Order.flip(Order.mapInput(Order.String, (session: Session) => session.id))
)

export const layer = Layer.effect(
  SessionRepository,
  Effect.gen(function*() {
    const users = yield* UserRepository
    const sessions = new Map<SessionId, Session>()
    const byHash = new Map<TokenHash, { readonly id: SessionId; readonly until?: DateTime.Utc }>()

    const withUsers = Effect.fnUntraced(function*(found: ReadonlyArray<Session>) {
      const people = yield* users.findByIds(found.map((session) => session.userId))
      return found.flatMap((session) => {
        const user = people.find(({ id }) => id === session.userId)
        return user === undefined ? [] : [{ session, user }]
      })
    })
    const findByIds = (ids: ReadonlyArray<SessionId>) =>
      withUsers([...sessions.values()].filter(({ id }) => ids.includes(id)).toSorted((a, b) => (a.id < b.id ? -1 : 1)))

    return SessionRepository.of({
      insert: (session, hash) =>
        Effect.sync(() => {
          sessions.set(session.id, session)
          byHash.set(hash, { id: session.id })
        }),
      findByTokenHash: (hash) =>
        Effect.suspend(() => {
          const found = byHash.get(hash)
          if (found === undefined) return Effect.succeedNone
          return Effect.map(findByIds([found.id]), ([signedIn]) =>
            Option.map(
              Option.fromUndefinedOr(signedIn),
              (known) => found.until === undefined ? known : { ...known, replacedUntil: found.until }
            ))
        }),
      findByIds: (ids) => Effect.suspend(() => findByIds(ids)),
      outdated: (known, now) =>
        Effect.map(findByIds(known.map(({ id }) => id)), (found) => {
          const live = new Map(
            found.flatMap((one) => isSessionLive(one, now) ? [[one.session.id, one.session.generation] as const] : [])
          )
          return known.flatMap(({ generation, id }) => {
            const current = live.get(id)
            if (current === generation) return []
            return [current === undefined ? { id } : { id, generation: current }]
          })
        }),
      listOf: (user, now, limit) =>
        Effect.sync(() =>
          [...sessions.values()]
            .filter(({ absoluteExpiresAt, idleExpiresAt, revokedAt, userId }) =>
              userId === user && revokedAt === undefined &&
              DateTime.isGreaterThan(DateTime.min(absoluteExpiresAt, idleExpiresAt), now)
            )
            .toSorted(lastUsedFirst)
            .slice(0, limit)
        ),
      touch: (ids, { idleExpiresAt, lastSeenAt }) =>
        Effect.sync(() => {
          for (const session of sessions.values()) {
            if (!ids.includes(session.id) || session.revokedAt !== undefined) continue
            sessions.set(session.id, {
              ...session,
              lastSeenAt: DateTime.max(session.lastSeenAt, lastSeenAt),
              idleExpiresAt: DateTime.max(session.idleExpiresAt, idleExpiresAt)
            })
          }
        }),
      replaceToken: ({ generation, id }, hash, replacedUntil) =>
        Effect.sync(() => {
          const session = sessions.get(id)
          if (session?.generation !== generation || session.revokedAt !== undefined) return false
          sessions.set(id, { ...session, generation: generation + 1 })
          for (const [known, token] of byHash) {
            if (token.id === id && token.until === undefined) byHash.set(known, { id, until: replacedUntil })
          }
          byHash.set(hash, { id })
          return true
        }),
      reauthenticated: (id, at) =>
        Effect.sync(() => {
          const session = sessions.get(id)
          if (session !== undefined) sessions.set(id, { ...session, authenticatedAt: at })
        }),
      revokeAllOf: (users, at, but) =>
        Effect.sync(() => {
          const ended = [...sessions.values()].filter(({ id, revokedAt, userId }) =>
            users.includes(userId) && id !== but && revokedAt === undefined
          )
          for (const session of ended) sessions.set(session.id, { ...session, revokedAt: at })
          return ended.map(({ id }) => id)
        }),
      revoke: (id, at) =>
        Effect.sync(() => {
          const session = sessions.get(id)
          if (session !== undefined) sessions.set(id, { revokedAt: at, ...session })
        }),
      forgetOrigins: (users) =>
        Effect.sync(() => {
          for (const { address: _1, userAgent: _2, ...session } of sessions.values()) {
            if (users.includes(session.userId)) sessions.set(session.id, session)
          }
        }),
      purge: (now, limit) =>
        Effect.sync(() => {
          const ended = [...sessions.values()]
            .filter(({ absoluteExpiresAt, idleExpiresAt, revokedAt }) =>
              DateTime.isLessThanOrEqualTo(DateTime.min(absoluteExpiresAt, idleExpiresAt), now) ||
              Option.exists(Option.fromUndefinedOr(revokedAt), (at) => DateTime.isLessThanOrEqualTo(at, now))
            )
            .slice(0, limit)
          for (const { id } of ended) sessions.delete(id)
          return ended.length
        })
    })
  })
)
