/**
 * Keeps sessions in a map, their people in the user repository: for tests and examples.
 */
import { type Session, type SessionId, SessionRepository, type TokenHash, UserRepository } from "@dchat/domain/identity"
import { Array, DateTime, Effect, Layer, Option } from "effect"

export const layer = Layer.effect(
  SessionRepository,
  Effect.gen(function*() {
    const users = yield* UserRepository
    const sessions = new Map<SessionId, Session>()
    const byHash = new Map<TokenHash, SessionId>()

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
          byHash.set(hash, session.id)
        }),
      findByTokenHash: (hash) =>
        Effect.suspend(() => {
          const id = byHash.get(hash)
          return id === undefined ? Effect.succeedNone : Effect.map(findByIds([id]), Array.head)
        }),
      findByIds: (ids) => Effect.suspend(() => findByIds(ids)),
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
      revoke: (id, at) =>
        Effect.sync(() => {
          const session = sessions.get(id)
          if (session !== undefined) sessions.set(id, { revokedAt: at, ...session })
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
