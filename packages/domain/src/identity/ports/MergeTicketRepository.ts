/**
 * Port: the merge tickets that proofs have earned.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { MergeTicket } from "../model/MergeTicket.ts"
import type { SessionId } from "../model/Session.ts"
import type { TokenHash } from "../model/TokenHash.ts"
import type { UserId } from "../model/UserId.ts"

export class MergeTicketRepository extends Context.Service<MergeTicketRepository, {
  /** Stores a ticket and replaces any other ticket of its session. */
  put(ticket: MergeTicket): Effect.Effect<void>
  /** The ticket of a session, expired or not. */
  ofSession(session: SessionId): Effect.Effect<Option.Option<MergeTicket>>
  /** Removes and returns the ticket, expired or not. Of concurrent calls, one receives the ticket. */
  consume(hash: TokenHash): Effect.Effect<Option.Option<MergeTicket>>
  /** Deletes every ticket by which one of these users would absorb another user or be absorbed. */
  voidOf(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /** Deletes at most `limit` tickets that are expired at this time. Returns the number of deleted tickets. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/MergeTicketRepository") {}
