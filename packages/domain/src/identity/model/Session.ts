/**
 * A signed-in session: how long it lives, and the token that stands for it.
 */
import { DateTime, Duration, Schema } from "effect"
import { Origin } from "./Origin.ts"
import type { User } from "./User.ts"
import { UserId } from "./UserId.ts"
import { UuidV7 } from "./UuidV7.ts"

export const SessionId = UuidV7.pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type

/** `dcs_` and 32 random bytes in base64url. Shown to the client once; the store knows its hash only. */
export const SessionToken = Schema.String.check(Schema.isPattern(/^dcs_[A-Za-z0-9_-]{43}$/)).pipe(
  Schema.brand("SessionToken")
)
export type SessionToken = typeof SessionToken.Type

export const Session = Schema.Struct({
  id: SessionId,
  userId: UserId,
  /** When the person last proved who they are. */
  authenticatedAt: Schema.DateTimeUtc,
  createdAt: Schema.DateTimeUtc,
  /** Written at most once per `sessionTouchInterval`. */
  lastSeenAt: Schema.DateTimeUtc,
  idleExpiresAt: Schema.DateTimeUtc,
  absoluteExpiresAt: Schema.DateTimeUtc,
  revokedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** How often its token was replaced. What a token has opened or begun ends with it, and is told by this number. */
  generation: Schema.Int,
  /** Where it was opened. */
  ...Origin.fields
})
export type Session = typeof Session.Type

/** A session with the person it belongs to: who is asking. */
export interface SignedIn {
  readonly session: Session
  readonly user: User
}

/** A token that was replaced serves reading for this long: answers get lost, and tabs do not all hear of it at once. */
export const previousTokenLifetime = Duration.seconds(30)

/**
 * How many tokens a session can have, one after the other. Each is remembered for as long as the session, so that its
 * late use is noticed however often a thief has replaced the token since; this bounds what is remembered.
 */
export const maxTokensOfSession = 1000

/** What a token is sent for: to read, which changes nothing, or to act. */
export type TokenUse = "read" | "act"

/** What a token is good for at a time; `replacedUntil` is there when it was replaced. Late use of such a one is theft. */
export const tokenState = (
  replacedUntil: DateTime.Utc | undefined,
  use: TokenUse,
  at: DateTime.Utc
): "good" | "replaced" | "stolen" => {
  if (replacedUntil === undefined) return "good"
  if (DateTime.isLessThanOrEqualTo(replacedUntil, at)) return "stolen"
  return use === "read" ? "good" : "replaced"
}

/** Use is recorded no more often than this. */
export const sessionTouchInterval = Duration.minutes(5)

/** Whether the session may act at this time: neither revoked, expired nor out of tokens, and its person not disabled. */
export const isSessionLive = ({ session, user }: SignedIn, at: DateTime.Utc): boolean =>
  user.status === "active" &&
  session.revokedAt === undefined &&
  session.generation < maxTokensOfSession &&
  DateTime.isLessThan(at, session.idleExpiresAt) &&
  DateTime.isLessThan(at, session.absoluteExpiresAt)

/** Whether its use at this time should be recorded. */
export const sessionNeedsTouch = (session: Session, at: DateTime.Utc): boolean =>
  DateTime.isLessThanOrEqualTo(DateTime.addDuration(session.lastSeenAt, sessionTouchInterval), at)
