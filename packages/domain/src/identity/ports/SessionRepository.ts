/**
 * Port: where sessions are kept, by the hash of their token.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { Session, SessionId, SignedIn } from "../model/Session.ts"
import type { TokenHash } from "../model/TokenHash.ts"
import type { UserId } from "../model/UserId.ts"

export interface FoundByToken extends SignedIn {
  /** Until when the token still serves reading; it is there when the token was replaced. */
  readonly replacedUntil?: DateTime.Utc
}

/** A session as it was once. */
export type KnownSession = Pick<Session, "id" | "generation">

/** A session that is not as it was: its generation now, while it is live. */
export interface OutdatedSession {
  readonly id: SessionId
  readonly generation?: number
}

export class SessionRepository extends Context.Service<SessionRepository, {
  insert(session: Session, hash: TokenHash): Effect.Effect<void>
  /** The session with its person, dead or alive, by its token or one that was replaced. */
  findByTokenHash(hash: TokenHash): Effect.Effect<Option.Option<FoundByToken>>
  /** The sessions with these ids and their people, dead or alive, by id; unknown ids are left out. */
  findByIds(ids: ReadonlyArray<SessionId>): Effect.Effect<ReadonlyArray<SignedIn>>
  /**
   * Of these sessions, those that are not live at this time, and those that are of another generation by now, with that.
   * Meant to be asked often about many, of which next to none are found.
   */
  outdated(
    known: ReadonlyArray<KnownSession>,
    now: DateTime.Utc
  ): Effect.Effect<ReadonlyArray<OutdatedSession>>
  /** The live sessions of a person, the last used first, at most `limit`. */
  listOf(user: UserId, now: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<Session>>
  /** Records that these sessions were used; changes no revoked session and never moves a time back. */
  touch(
    ids: ReadonlyArray<SessionId>,
    times: { readonly lastSeenAt: DateTime.Utc; readonly idleExpiresAt: DateTime.Utc }
  ): Effect.Effect<void>
  /**
   * Gives a session another token and the next generation, if it is still of this one and not revoked; answers whether
   * it was. Of any number of calls at once, one gets it. Each token that was replaced is known for as long as the
   * session, with the time that was set for it.
   */
  replaceToken(
    session: Pick<Session, "id" | "generation">,
    hash: TokenHash,
    replacedUntil: DateTime.Utc
  ): Effect.Effect<boolean>
  /** Records when the person last proved who they are. */
  reauthenticated(id: SessionId, at: DateTime.Utc): Effect.Effect<void>
  /** Ends a session; the first revocation stands, an unknown session is ignored. */
  revoke(id: SessionId, at: DateTime.Utc): Effect.Effect<void>
  /** Ends every session of these people but one; returns those that this call ended. */
  revokeAllOf(
    users: ReadonlyArray<UserId>,
    at: DateTime.Utc,
    but?: SessionId
  ): Effect.Effect<ReadonlyArray<SessionId>>
  /** Forgets from where the sessions of these people were opened, dead or alive. */
  forgetOrigins(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /** Forgets at most `limit` sessions that are revoked or expired at this time; returns how many. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/SessionRepository") {}
