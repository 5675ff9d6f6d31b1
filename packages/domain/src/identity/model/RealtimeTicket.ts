/**
 * A ticket that opens one realtime connection for a session, for clients that cannot send headers.
 */
import { Duration, Schema } from "effect"
import { SessionId } from "./Session.ts"
import type { SingleUseKind } from "./SingleUseKind.ts"
import { TokenHash } from "./TokenHash.ts"

/**
 * `dct_` and 32 random bytes in base64url. A URL carries the ticket, so the ticket is short-lived and accepted once.
 */
export const TicketToken = Schema.String.check(Schema.isPattern(/^dct_[A-Za-z0-9_-]{43}$/)).pipe(
  Schema.brand("TicketToken")
)
export type TicketToken = typeof TicketToken.Type

/** The stored part of a ticket. */
export const RealtimeTicket = Schema.Struct({
  hash: TokenHash,
  sessionId: SessionId,
  /** The generation of the token that requested the ticket. The ticket ends with that token. */
  generation: Schema.Int,
  expiresAt: Schema.DateTimeUtc
})
export type RealtimeTicket = typeof RealtimeTicket.Type

export const realtimeTickets: SingleUseKind<RealtimeTicket, TokenHash> = {
  name: "realtime_ticket",
  record: RealtimeTicket,
  keyOf: ({ hash }) => hash
}

export const ticketLifetime = Duration.seconds(60)
