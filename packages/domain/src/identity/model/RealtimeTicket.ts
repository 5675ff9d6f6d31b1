/**
 * A ticket that opens one realtime connection for a session, for clients that cannot send headers.
 */
import { Duration, Schema } from "effect"
import { SessionId } from "./Session.ts"
import { TokenHash } from "./TokenHash.ts"

/** `dct_` and 32 random bytes in base64url. It travels in a URL, so it is short-lived and accepted once. */
export const TicketToken = Schema.String.check(Schema.isPattern(/^dct_[A-Za-z0-9_-]{43}$/)).pipe(
  Schema.brand("TicketToken")
)
export type TicketToken = typeof TicketToken.Type

/** What is remembered of a ticket. */
export const RealtimeTicket = Schema.Struct({
  hash: TokenHash,
  sessionId: SessionId,
  /** Of the token that asked for it, with which it ends. */
  generation: Schema.Int,
  expiresAt: Schema.DateTimeUtc
})
export type RealtimeTicket = typeof RealtimeTicket.Type

export const ticketLifetime = Duration.seconds(60)
