/**
 * Port: where sessions are kept, by the hash of their token.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { TokenHash } from "./OpaqueToken.ts"
import type { Session, SessionId, SignedIn } from "./Session.ts"

export class SessionRepository extends Context.Service<SessionRepository, {
  insert(session: Session, hash: TokenHash): Effect.Effect<void>
  /** The session with its person, dead or alive. */
  findByTokenHash(hash: TokenHash): Effect.Effect<Option.Option<SignedIn>>
  /** The sessions with these ids and their people, dead or alive, by id; unknown ids are left out. */
  findByIds(ids: ReadonlyArray<SessionId>): Effect.Effect<ReadonlyArray<SignedIn>>
  /** Records that these sessions were used; changes no revoked session and never moves a time back. */
  touch(
    ids: ReadonlyArray<SessionId>,
    times: { readonly lastSeenAt: DateTime.Utc; readonly idleExpiresAt: DateTime.Utc }
  ): Effect.Effect<void>
  /** Ends a session; the first revocation stands, an unknown session is ignored. */
  revoke(id: SessionId, at: DateTime.Utc): Effect.Effect<void>
  /** Forgets at most `limit` sessions that are revoked or expired at this time; returns how many. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/SessionRepository") {}
