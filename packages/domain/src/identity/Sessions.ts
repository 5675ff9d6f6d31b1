/**
 * Issues, recognises and ends sessions.
 */
import { Array, Context, DateTime, Effect, Layer, Option, Redacted, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { makeIdentitySteps } from "./IdentitySteps.ts"
import { SessionInvalid, SessionNotFound, TokenReplaced } from "./model/IdentityErrors.ts"
import { type Origin } from "./model/Origin.ts"
import {
  isSessionLive,
  maxTokensOfSession,
  previousTokenLifetime,
  type Session,
  SessionId,
  sessionNeedsTouch,
  SessionToken,
  type SignedIn,
  tokenState,
  type TokenUse
} from "./model/Session.ts"
import type { TokenHash } from "./model/TokenHash.ts"
import type { UserId } from "./model/UserId.ts"
import { hashToken, makeProvideCrypto, randomToken } from "./OpaqueToken.ts"
import { IdentityBus, tokenReplaced } from "./ports/IdentityBus.ts"
import { IdentityRepository } from "./ports/IdentityRepository.ts"
import { SessionLifetimes } from "./ports/SessionLifetimes.ts"
import { type KnownSession, type OutdatedSession, SessionRepository } from "./ports/SessionRepository.ts"
import { SingleUse } from "./ports/SingleUse.ts"

const isSessionToken = Schema.is(SessionToken)

/** Maximum length of a list of sessions. */
export const maxSessionsListed = 100

/** A newly opened session, with the token that only the client receives. */
export interface OpenedSession {
  readonly session: Session
  readonly token: Redacted.Redacted<SessionToken>
}

export class Sessions extends Context.Service<Sessions, {
  /**
   * Opens a session for a user by a proof given at `authenticatedAt` (default: now). The token is not stored: pass it
   * to the client. Call this method in the locked step that checks that the user still holds the credential.
   */
  issue(
    userId: UserId,
    origin?: Origin,
    options?: { readonly id?: SessionId | undefined; readonly authenticatedAt?: DateTime.Utc | undefined }
  ): Effect.Effect<OpenedSession>
  /** A new id for a session that is about to be opened. */
  readonly newId: Effect.Effect<SessionId>
  /**
   * The session and user of this token. Counts as use of the session, which postpones its idle expiry. A replaced token
   * is refused for acting while it still serves reading. A later use ends the session, since another party has a copy.
   */
  authenticate(
    token: Redacted.Redacted<string>,
    use?: TokenUse
  ): Effect.Effect<SignedIn, SessionInvalid | TokenReplaced>
  /** The session and its user, if the session is live. Does not count as use. */
  find(id: SessionId): Effect.Effect<SignedIn, SessionInvalid>
  /** The current session, if it is live and its token was not replaced since. Does not count as use. */
  current(session: Session): Effect.Effect<Session, SessionInvalid | TokenReplaced>
  /** The live sessions among these, in one query for all sockets of a host. Counts as use of each. */
  keepAlive(ids: ReadonlyArray<SessionId>): Effect.Effect<ReadonlyArray<Session>>
  /** The sessions among these that are over, and those that continue under another token. Does not count as use. */
  outdated(known: ReadonlyArray<KnownSession>): Effect.Effect<ReadonlyArray<OutdatedSession>>
  /** The live sessions of a user, the last used first, at most `maxSessionsListed`. */
  listOf(user: UserId): Effect.Effect<ReadonlyArray<Session>>
  /**
   * Gives a session another token in the caller's transaction. The caller publishes `tokenReplaced` after the
   * transaction. The former token serves reading for another `previousTokenLifetime`. Refused if the token was replaced
   * concurrently.
   */
  replaceToken(session: Session): Effect.Effect<Redacted.Redacted<SessionToken>, TokenReplaced>
  /** As `replaceToken`, with a token whose hash is given. */
  replaceTokenBy(session: Session, hash: TokenHash): Effect.Effect<void, TokenReplaced>
  /** Gives a session another token, and ends everything that the former token opened. */
  rotate(session: Session): Effect.Effect<Redacted.Redacted<SessionToken>, TokenReplaced>
  /** Ends a session at once. A repeated call changes nothing. */
  revoke(id: SessionId): Effect.Effect<void>
  /** Ends one of a user's own sessions. */
  revokeOf(user: UserId, id: SessionId): Effect.Effect<void, SessionNotFound>
  /**
   * Ends every session of a user except this one, returns the number of ended sessions, and gives this session another
   * token. A copy of the former token opens nothing any more, and everything that the former token opened or earned
   * ends.
   */
  revokeOthers(session: Session): Effect.Effect<
    { readonly ended: number; readonly token: Redacted.Redacted<SessionToken> },
    SessionInvalid | TokenReplaced
  >
}>()("@dchat/domain/identity/Sessions") {
  static readonly layer = Layer.effect(
    Sessions,
    Effect.gen(function*() {
      const repository = yield* SessionRepository
      const bus = yield* IdentityBus
      const identities = yield* IdentityRepository
      const { voidOf } = yield* SingleUse
      const { perform } = yield* makeIdentitySteps
      const { absolute, idle } = yield* SessionLifetimes
      const random = yield* SecureRandom.SecureRandom
      const provideCrypto = yield* makeProvideCrypto

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

      const newId = Effect.map(random.uuidV7(), (id) => SessionId.make(id))

      const issue = Effect.fn("Sessions.issue")(function*(
        userId: UserId,
        origin: Origin = {},
        { authenticatedAt, id }: NonNullable<Parameters<Sessions["Service"]["issue"]>[2]> = {}
      ) {
        const token = SessionToken.make(yield* randomToken("dcs_"))
        const now = yield* DateTime.now
        const session: Session = {
          ...origin,
          id: id ?? (yield* newId),
          userId,
          authenticatedAt: authenticatedAt ?? now,
          createdAt: now,
          lastSeenAt: now,
          idleExpiresAt: DateTime.addDuration(now, idle),
          absoluteExpiresAt: DateTime.addDuration(now, absolute),
          generation: 0
        }
        yield* repository.insert(session, yield* hashToken(token))
        return { session, token: Redacted.make(token) }
      }, provideCrypto)

      // Part of every request, so without a span: a span costs as much as the step.
      const authenticate = Effect.fnUntraced(function*(
        token: Redacted.Redacted<string>,
        use: TokenUse = "act"
      ) {
        const secret = Redacted.value(token)
        if (!isSessionToken(secret)) return yield* new SessionInvalid()
        const now = yield* DateTime.now
        const found = yield* repository.findByTokenHash(yield* hashToken(secret))
        if (Option.isNone(found) || !isSessionLive(found.value, now)) return yield* new SessionInvalid()
        const { replacedUntil, ...signedIn } = found.value
        const state = tokenState(replacedUntil, use, now)
        if (state === "replaced") return yield* new TokenReplaced()
        if (state === "stolen") {
          yield* endStolen(signedIn.session)
          return yield* new SessionInvalid()
        }
        yield* touch([signedIn.session], now)
        return signedIn
      }, provideCrypto)

      /** Ends a session whose token was copied, and records the theft. */
      const endStolen = Effect.fn("Sessions.endStolen")(function*({ id, userId }: Session) {
        const { result } = yield* perform(
          userId,
          { _tag: "System" },
          () => Effect.as(find(id), { _tag: "ReportStolenToken", sessionId: id } as const),
          () => Effect.flatMap(DateTime.now, (now) => repository.revoke(id, now))
        ).pipe(
          // The session or its user is already gone.
          Effect.catchTags({ SessionInvalid: () => Effect.succeed({ result: undefined }) })
        )
        yield* ended([id])
        return result
      }, Effect.orDie)

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
        return live
      })

      const outdated = Effect.fn("Sessions.outdated")(function*(known: ReadonlyArray<KnownSession>) {
        if (!Array.isReadonlyArrayNonEmpty(known)) return []
        return yield* repository.outdated(known, yield* DateTime.now)
      })

      const listOf = Effect.fn("Sessions.listOf")(function*(user: UserId) {
        const found = yield* repository.listOf(user, yield* DateTime.now, maxSessionsListed)
        return found.filter(({ generation }) => generation < maxTokensOfSession)
      })

      const current = Effect.fn("Sessions.current")(function*({ generation, id }: Session) {
        const { session } = yield* find(id)
        return session.generation === generation ? session : yield* new TokenReplaced()
      })

      const replaceTokenBy = Effect.fn("Sessions.replaceTokenBy")(function*(session: Session, hash: TokenHash) {
        const replacedUntil = DateTime.addDuration(yield* DateTime.now, previousTokenLifetime)
        const isReplaced = yield* repository.replaceToken(session, hash, replacedUntil)
        if (!isReplaced) return yield* new TokenReplaced()
      })

      const replaceToken = Effect.fn("Sessions.replaceToken")(function*(session: Session) {
        const token = SessionToken.make(yield* randomToken("dcs_"))
        yield* replaceTokenBy(session, yield* hashToken(token))
        return Redacted.make(token)
      }, provideCrypto)

      const rotate = Effect.fn("Sessions.rotate")((session: Session) =>
        Effect.tap(replaceToken(session), bus.publish(tokenReplaced(session)))
      )

      const revoke = Effect.fn("Sessions.revoke")(function*(id: SessionId) {
        yield* repository.revoke(id, yield* DateTime.now)
        yield* ended([id])
      })

      const revokeOf = Effect.fn("Sessions.revokeOf")(function*(user: UserId, id: SessionId) {
        const owner = Option.map(Array.head(yield* repository.findByIds([id])), ({ session }) => session.userId)
        if (Option.getOrUndefined(owner) !== user) return yield* new SessionNotFound()
        yield* revoke(id)
      })

      const revokeOthers = Effect.fn("Sessions.revokeOthers")(function*(session: Session) {
        const { id, userId } = session
        // Runs under the lock of the user, so that a concurrent sign-in is entirely before or after the revocation.
        const { others, token } = yield* identities.change([userId], () =>
          Effect.gen(function*() {
            yield* current(session)
            const at = yield* DateTime.now
            const alongside = Effect.gen(function*() {
              yield* voidOf([userId])
              const others = yield* repository.revokeAllOf([userId], at, id)
              return { others, token: yield* replaceToken(session) }
            })
            return { changes: [], cause: { _tag: "User", sessionId: id, origin: {} }, at, alongside }
          })).pipe(Effect.catchTag("CredentialTaken", (failure) => Effect.die(failure)))
        yield* ended(others)
        yield* bus.publish(tokenReplaced(session))
        return { ended: others.length, token }
      })

      return Sessions.of({
        issue,
        newId,
        authenticate,
        find,
        current,
        keepAlive,
        outdated,
        listOf,
        replaceToken,
        replaceTokenBy,
        rotate,
        revoke,
        revokeOf,
        revokeOthers
      })
    })
  )
}
