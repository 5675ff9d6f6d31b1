/**
 * The right to merge two users, for an actor who has just proved to be both.
 */
import { Duration, Schema } from "effect"
import { Credential } from "./Credential.ts"
import { SessionId } from "./Session.ts"
import type { SingleUseKind } from "./SingleUseKind.ts"
import { TokenHash } from "./TokenHash.ts"
import { UserId } from "./UserId.ts"

/** `dcm_` and 32 random bytes in base64url. */
export const MergeTicketToken = Schema.String.check(Schema.isPattern(/^dcm_[A-Za-z0-9_-]{43}$/)).pipe(
  Schema.brand("MergeTicketToken")
)
export type MergeTicketToken = typeof MergeTicketToken.Type

export const MergeTicket = Schema.Struct({
  hash: TokenHash,
  /** The only session that may use the ticket. A session has at most one ticket. */
  sessionId: SessionId,
  /** The generation of the token that requested the ticket. The ticket ends with that token. */
  generation: Schema.Int,
  survivor: UserId,
  absorbed: UserId,
  /**
   * The proof that earned the ticket. The ticket is worthless once the absorbed user no longer holds this credential.
   */
  proved: Credential,
  expiresAt: Schema.DateTimeUtc
})
export type MergeTicket = typeof MergeTicket.Type

export const mergeTickets: SingleUseKind<MergeTicket, TokenHash> = {
  name: "merge_ticket",
  record: MergeTicket,
  keyOf: ({ hash }) => hash,
  slotOf: ({ sessionId }) => sessionId,
  usersOf: ({ absorbed, survivor }) => [survivor, absorbed]
}

export const mergeTicketLifetime = Duration.minutes(10)
