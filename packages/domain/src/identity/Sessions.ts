/**
 * Issues, recognises and ends sessions.
 */
import { Array, Context, DateTime, Effect, Layer, Option, Redacted, Schema } from "effect"
import { type Digest, SecureRandom } from "effect/crypto"
import { SessionInvalid } from "./IdentityErrors.ts"
import { hashToken, randomToken } from "./OpaqueToken.ts"
import {
  isSessionLive,
  type Session,
  sessionAbsoluteLifetime,
  SessionId,
  sessionIdleLifetime,
  sessionNeedsTouch,
  SessionToken,
  type SignedIn
} from "./Session.ts"
import { SessionRepository } from "./SessionRepository.ts"
import type { UserId } from "./UserId.ts"

export class Sessions extends Context.Service<Sessions, {
  /** Opens a session for somebody who has just proved who they are. The token is not kept: hand it over. */
  issue(
    userId: UserId,
    options?: { readonly userAgent?: string | undefined }
  ): Effect.Effect<{ readonly session: Session; readonly token: Redacted.Redacted<SessionToken> }>
  /** Whose token this is. Counts as use of the session, which postpones its idle expiry. */
  authenticate(token: Redacted.Redacted<string>): Effect.Effect<SignedIn, SessionInvalid>
  /** Those of these sessions that are still live, in one go for all sockets of a host. Counts as use of each. */
  keepAlive(ids: ReadonlyArray<SessionId>): Effect.Effect<ReadonlyArray<SessionId>>
  /** Ends a session at once. Ending it again changes nothing. */
  revoke(id: SessionId): Effect.Effect<void>
}>()("@dchat/domain/identity/Sessions") {
  static readonly layer = Layer.effect(
    Sessions,
    Effect.gen(function*() {
      const repository = yield* SessionRepository
      const random = yield* SecureRandom.SecureRandom
      const crypto = yield* Effect.context<SecureRandom.SecureRandom | Digest.Digest>()

      const touch = Effect.fnUntraced(function*(sessions: ReadonlyArray<Session>, now: DateTime.Utc) {
        const stale = sessions.filter((session) => sessionNeedsTouch(session, now))
        if (stale.length === 0) return
        yield* repository.touch(stale.map((session) => session.id), {
          lastSeenAt: now,
          idleExpiresAt: DateTime.addDuration(now, sessionIdleLifetime)
        })
      })

      const issue = Effect.fn("Sessions.issue")(function*(
        userId: UserId,
        options?: { readonly userAgent?: string | undefined }
      ) {
        const token = SessionToken.make(yield* randomToken("dcs_"))
        const now = yield* DateTime.now
        const userAgent = options?.userAgent?.replaceAll("\0", "").slice(0, 256)
        const session: Session = {
          id: SessionId.make(yield* random.uuidV7()),
          userId,
          authenticatedAt: now,
          createdAt: now,
          lastSeenAt: now,
          idleExpiresAt: DateTime.addDuration(now, sessionIdleLifetime),
          absoluteExpiresAt: DateTime.addDuration(now, sessionAbsoluteLifetime),
          ...(userAgent === undefined ? {} : { userAgent })
        }
        yield* repository.insert(session, yield* hashToken(token))
        return { session, token: Redacted.make(token) }
      }, Effect.provide(crypto))

      const authenticate = Effect.fn("Sessions.authenticate")(function*(token: Redacted.Redacted<string>) {
        const secret = Redacted.value(token)
        if (!Schema.is(SessionToken)(secret)) return yield* new SessionInvalid()
        const found = yield* repository.findByTokenHash(yield* hashToken(secret))
        const now = yield* DateTime.now
        if (Option.isNone(found) || !isSessionLive(found.value, now)) return yield* new SessionInvalid()
        yield* touch([found.value.session], now)
        return found.value
      }, Effect.provide(crypto))

      const keepAlive = Effect.fn("Sessions.keepAlive")(function*(ids: ReadonlyArray<SessionId>) {
        if (!Array.isReadonlyArrayNonEmpty(ids)) return []
        const found = yield* repository.findByIds(ids)
        const now = yield* DateTime.now
        const live = found.filter((signedIn) => isSessionLive(signedIn, now)).map(({ session }) => session)
        yield* touch(live, now)
        return live.map((session) => session.id)
      })

      const revoke = Effect.fn("Sessions.revoke")(function*(id: SessionId) {
        yield* repository.revoke(id, yield* DateTime.now)
      })

      return Sessions.of({ issue, authenticate, keepAlive, revoke })
    })
  )
}
