/**
 * The right to make one person of two, for somebody who has just proved to be both.
 */
import { Duration, Schema } from "effect"
import { Credential } from "./Credential.ts"
import { SessionId } from "./Session.ts"
import { TokenHash } from "./TokenHash.ts"
import { UserId } from "./UserId.ts"

/** `dcm_` and 32 random bytes in base64url. */
export const MergeTicketToken = Schema.String.check(Schema.isPattern(/^dcm_[A-Za-z0-9_-]{43}$/)).pipe(
  Schema.brand("MergeTicketToken")
)
export type MergeTicketToken = typeof MergeTicketToken.Type

export const MergeTicket = Schema.Struct({
  hash: TokenHash,
  /** The only session that may use it; a session has one ticket at most. */
  sessionId: SessionId,
  /** Of the token that asked for it, with which it ends. */
  generation: Schema.Int,
  survivor: UserId,
  absorbed: UserId,
  /** The proof that earned it. While the absorbed person no longer holds this, the ticket is worth nothing. */
  proved: Credential,
  expiresAt: Schema.DateTimeUtc
})
export type MergeTicket = typeof MergeTicket.Type

export const mergeTicketLifetime = Duration.minutes(10)
