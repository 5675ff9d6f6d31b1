/**
 * Issues, recognises and ends sessions.
 */
import { Array, Context, DateTime, Effect, Layer, Option, Redacted, Schema } from "effect"
import { type Digest, SecureRandom } from "effect/crypto"
import { IdentityBus } from "./IdentityBus.ts"
import { SessionInvalid, SessionNotFound } from "./IdentityErrors.ts"
import { hashToken, randomToken } from "./OpaqueToken.ts"
import { type Origin } from "./Origin.ts"
import {
  isSessionLive,
  previousTokenLifetime,
  type Session,
  SessionId,
  sessionNeedsTouch,
  SessionToken,
  type SignedIn
} from "./Session.ts"
import { SessionLifetimes } from "./SessionLifetimes.ts"
import { SessionRepository } from "./SessionRepository.ts"
import type { UserId } from "./UserId.ts"

/** A list of sessions is no longer than this. */
export const maxSessionsListed = 100

/** A session that was just opened, with the token that nobody else knows. */
export interface OpenedSession {
  readonly session: Session
  readonly token: Redacted.Redacted<SessionToken>
}

export class Sessions extends Context.Service<Sessions, {
  /**
   * Opens a session for a person by a proof, which was given at `authenticatedAt`, now unless told. The token is not
   * kept: hand it over. Call it in the locked step that looks whether the person still holds what was proved.
   */
  issue(userId: UserId, origin?: Origin, authenticatedAt?: DateTime.Utc): Effect.Effect<OpenedSession>
  /** Whose token this is. Counts as use of the session, which postpones its idle expiry. */
  authenticate(token: Redacted.Redacted<string>): Effect.Effect<SignedIn, SessionInvalid>
  /** The session and its person, if it is live. Does not count as use. */
  find(id: SessionId): Effect.Effect<SignedIn, SessionInvalid>
  /** Those of these sessions that are still live, in one go for all sockets of a host. Counts as use of each. */
  keepAlive(ids: ReadonlyArray<SessionId>): Effect.Effect<ReadonlyArray<SessionId>>
  /** The live sessions of a person, the last used first, at most `maxSessionsListed`. */
  listOf(user: UserId): Effect.Effect<ReadonlyArray<Session>>
  /** Gives a session another token. The former one is accepted for another `previousTokenLifetime`. */
  replaceToken(id: SessionId): Effect.Effect<Redacted.Redacted<SessionToken>>
  /** Ends a session at once. Ending it again changes nothing. */
  revoke(id: SessionId): Effect.Effect<void>
  /** Ends one of a person's own sessions. */
  revokeOf(user: UserId, id: SessionId): Effect.Effect<void, SessionNotFound>
  /** Ends every session of a person but this one; returns how many. */
  revokeOthers(session: Session): Effect.Effect<number>
}>()("@dchat/domain/identity/Sessions") {
  static readonly layer = Layer.effect(
    Sessions,
    Effect.gen(function*() {
      const repository = yield* SessionRepository
      const bus = yield* IdentityBus
      const { absolute, idle } = yield* SessionLifetimes
      const random = yield* SecureRandom.SecureRandom
      const crypto = yield* Effect.context<SecureRandom.SecureRandom | Digest.Digest>()

      const touch = Effect.fnUntraced(function*(sessions: ReadonlyArray<Session>, now: DateTime.Utc) {
        const stale = sessions.filter((session) => sessionNeedsTouch(session, now))
        if (stale.length === 0) return
        yield* repository.touch(stale.map((session) => session.id), {
          lastSeenAt: now,
          idleExpiresAt: DateTime.addDuration(now, idle)
        })
      })

      const ended = (sessions: ReadonlyArray<SessionId>) =>
        sessions.length === 0 ? Effect.void : bus.publish({ _tag: "SessionsEnded", sessions })

      const issue = Effect.fn("Sessions.issue")(function*(
        userId: UserId,
        origin: Origin = {},
        authenticatedAt?: DateTime.Utc
      ) {
        const token = SessionToken.make(yield* randomToken("dcs_"))
        const now = yield* DateTime.now
        const session: Session = {
          ...origin,
          id: SessionId.make(yield* random.uuidV7()),
          userId,
          authenticatedAt: authenticatedAt ?? now,
          createdAt: now,
          lastSeenAt: now,
          idleExpiresAt: DateTime.addDuration(now, idle),
          absoluteExpiresAt: DateTime.addDuration(now, absolute)
        }
        yield* repository.insert(session, yield* hashToken(token))
        return { session, token: Redacted.make(token) }
      }, Effect.provide(crypto))

      const authenticate = Effect.fn("Sessions.authenticate")(function*(token: Redacted.Redacted<string>) {
        const secret = Redacted.value(token)
        if (!Schema.is(SessionToken)(secret)) return yield* new SessionInvalid()
        const now = yield* DateTime.now
        const found = yield* repository.findByTokenHash(yield* hashToken(secret), now)
        if (Option.isNone(found) || !isSessionLive(found.value, now)) return yield* new SessionInvalid()
        yield* touch([found.value.session], now)
        return found.value
      }, Effect.provide(crypto))

      const find = Effect.fn("Sessions.find")(function*(id: SessionId) {
        const found = Array.head(yield* repository.findByIds([id]))
        if (Option.isNone(found) || !isSessionLive(found.value, yield* DateTime.now)) {
          return yield* new SessionInvalid()
        }
        return found.value
      })

      const keepAlive = Effect.fn("Sessions.keepAlive")(function*(ids: ReadonlyArray<SessionId>) {
        if (!Array.isReadonlyArrayNonEmpty(ids)) return []
        const found = yield* repository.findByIds(ids)
        const now = yield* DateTime.now
        const live = found.filter((signedIn) => isSessionLive(signedIn, now)).map(({ session }) => session)
        yield* touch(live, now)
        return live.map((session) => session.id)
      })

      const listOf = Effect.fn("Sessions.listOf")(function*(user: UserId) {
        return yield* repository.listOf(user, yield* DateTime.now, maxSessionsListed)
      })

      const replaceToken = Effect.fn("Sessions.replaceToken")(function*(id: SessionId) {
        const token = SessionToken.make(yield* randomToken("dcs_"))
        const previousUntil = DateTime.addDuration(yield* DateTime.now, previousTokenLifetime)
        yield* repository.replaceToken(id, yield* hashToken(token), previousUntil)
        return Redacted.make(token)
      }, Effect.provide(crypto))

      const revoke = Effect.fn("Sessions.revoke")(function*(id: SessionId) {
        yield* repository.revoke(id, yield* DateTime.now)
        yield* ended([id])
      })

      const revokeOf = Effect.fn("Sessions.revokeOf")(function*(user: UserId, id: SessionId) {
        const owner = Option.map(Array.head(yield* repository.findByIds([id])), ({ session }) => session.userId)
        if (Option.getOrUndefined(owner) !== user) return yield* new SessionNotFound()
        yield* revoke(id)
      })

      const revokeOthers = Effect.fn("Sessions.revokeOthers")(function*({ id, userId }: Session) {
        const others = yield* repository.revokeAllOf([userId], yield* DateTime.now, id)
        yield* ended(others)
        return others.length
      })

      return Sessions.of({
        issue,
        authenticate,
        find,
        keepAlive,
        listOf,
        replaceToken,
        revoke,
        revokeOf,
        revokeOthers
      })
    })
  )
}
