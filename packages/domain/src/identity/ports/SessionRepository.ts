/**
 * Port: the storage of sessions, by the hash of their token.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { Session, SessionId, SignedIn } from "../model/Session.ts"
import type { TokenHash } from "../model/TokenHash.ts"
import type { UserId } from "../model/UserId.ts"

export interface FoundByToken extends SignedIn {
  /** The time until which the replaced token serves reading; present if the token was replaced. */
  readonly replacedUntil?: DateTime.Utc
}

/** An earlier state of a session. */
export type KnownSession = Pick<Session, "id" | "generation">

/** A session that has changed: its current generation, while the session is live. */
export interface OutdatedSession {
  readonly id: SessionId
  readonly generation?: number
}

export class SessionRepository extends Context.Service<SessionRepository, {
  insert(session: Session, hash: TokenHash): Effect.Effect<void>
  /** The session with its user, live or not, by its token or by a replaced token. */
  findByTokenHash(hash: TokenHash): Effect.Effect<Option.Option<FoundByToken>>
  /** The sessions with these ids and their users, live or not, by id. Unknown ids are left out. */
  findByIds(ids: ReadonlyArray<SessionId>): Effect.Effect<ReadonlyArray<SignedIn>>
  /**
   * The sessions among these that are not live at this time, and those with another generation, with that generation.
   * Callers ask often about many sessions; the result is nearly always empty.
   */
  outdated(
    known: ReadonlyArray<KnownSession>,
    now: DateTime.Utc
  ): Effect.Effect<ReadonlyArray<OutdatedSession>>
  /** The live sessions of a user, the last used first, at most `limit`. */
  listOf(user: UserId, now: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<Session>>
  /** Records the use of these sessions. Changes no revoked session, and never moves a time back. */
  touch(
    ids: ReadonlyArray<SessionId>,
    times: { readonly lastSeenAt: DateTime.Utc; readonly idleExpiresAt: DateTime.Utc }
  ): Effect.Effect<void>
  /**
   * Gives a session another token and the next generation, if the session has this generation and is not revoked.
   * Returns whether the token was replaced. Of concurrent calls, one succeeds. Each replaced token is stored for as
   * long as the session, with the time that was set for it.
   */
  replaceToken(
    session: Pick<Session, "id" | "generation">,
    hash: TokenHash,
    replacedUntil: DateTime.Utc
  ): Effect.Effect<boolean>
  /** Records the time of the user's last proof. */
  reauthenticated(id: SessionId, at: DateTime.Utc): Effect.Effect<void>
  /** Ends a session. The first revocation counts; an unknown session is ignored. */
  revoke(id: SessionId, at: DateTime.Utc): Effect.Effect<void>
  /** Ends every session of these users but one. Returns the sessions that this call ended. */
  revokeAllOf(
    users: ReadonlyArray<UserId>,
    at: DateTime.Utc,
    but?: SessionId
  ): Effect.Effect<ReadonlyArray<SessionId>>
  /** Deletes the origins of the sessions of these users, live or not. */
  forgetOrigins(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /**
   * Deletes at most `limit` sessions that are revoked or expired at this time. Returns the number of deleted sessions.
   */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/SessionRepository") {}
