/**
 * A signed-in session: its lifetime and its token.
 */
import { DateTime, Duration, Schema } from "effect"
import { UuidV7 } from "../../storable/UuidV7.ts"
import { Origin } from "./Origin.ts"
import type { User } from "./User.ts"
import { UserId } from "./UserId.ts"

export const SessionId = UuidV7.pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type

/** `dcs_` and 32 random bytes in base64url. The client receives the token once; the store holds only its hash. */
export const SessionToken = Schema.String.check(Schema.isPattern(/^dcs_[A-Za-z0-9_-]{43}$/)).pipe(
  Schema.brand("SessionToken")
)
export type SessionToken = typeof SessionToken.Type

export const Session = Schema.Struct({
  id: SessionId,
  userId: UserId,
  /** The time of the user's last proof. */
  authenticatedAt: Schema.DateTimeUtc,
  createdAt: Schema.DateTimeUtc,
  /** Written at most once per `sessionTouchInterval`. */
  lastSeenAt: Schema.DateTimeUtc,
  idleExpiresAt: Schema.DateTimeUtc,
  absoluteExpiresAt: Schema.DateTimeUtc,
  revokedAt: Schema.optionalKey(Schema.DateTimeUtc),
  /**
   * Number of times that the token was replaced. Everything that a token opened or began carries its number and ends
   * with it.
   */
  generation: Schema.Int,
  /** The origin of the session. */
  ...Origin.fields
})
export type Session = typeof Session.Type

/** A session with its user: the actor of a request. */
export interface SignedIn {
  readonly session: Session
  readonly user: User
}

/**
 * Time for which a replaced token serves reading: responses get lost, and tabs learn of a new token at different times.
 */
export const previousTokenLifetime = Duration.seconds(30)

/**
 * Maximum number of successive tokens of a session. Each token is stored for as long as the session. Its late use is
 * therefore noticed, however often a thief has replaced the token since. The maximum bounds the stored tokens.
 */
export const maxTokensOfSession = 1000

/** The use of a token: `read`, which changes nothing, or `act`. */
export type TokenUse = "read" | "act"

/**
 * The validity of a token at a time. `replacedUntil` is present if the token was replaced. Late use of a replaced token
 * is theft.
 */
export const tokenState = (
  replacedUntil: DateTime.Utc | undefined,
  use: TokenUse,
  at: DateTime.Utc
): "good" | "replaced" | "stolen" => {
  if (replacedUntil === undefined) return "good"
  if (DateTime.isLessThanOrEqualTo(replacedUntil, at)) return "stolen"
  return use === "read" ? "good" : "replaced"
}

/** Minimum time between two recorded uses. */
export const sessionTouchInterval = Duration.minutes(5)

/** Whether the session may act at this time: not revoked, expired or out of tokens, and its user not disabled. */
export const isSessionLive = ({ session, user }: SignedIn, at: DateTime.Utc): boolean =>
  user.status === "active" &&
  session.revokedAt === undefined &&
  session.generation < maxTokensOfSession &&
  DateTime.isLessThan(at, session.idleExpiresAt) &&
  DateTime.isLessThan(at, session.absoluteExpiresAt)

/** Whether a use at this time must be recorded. */
export const sessionNeedsTouch = (session: Session, at: DateTime.Utc): boolean =>
  DateTime.isLessThanOrEqualTo(DateTime.addDuration(session.lastSeenAt, sessionTouchInterval), at)
