/**
 * Port: the unused realtime tickets.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { RealtimeTicket } from "../model/RealtimeTicket.ts"
import type { TokenHash } from "../model/TokenHash.ts"

export class RealtimeTicketRepository extends Context.Service<RealtimeTicketRepository, {
  insert(ticket: RealtimeTicket): Effect.Effect<void>
  /** Removes and returns the ticket, expired or not. Of concurrent calls, one receives the ticket. */
  consume(hash: TokenHash): Effect.Effect<Option.Option<RealtimeTicket>>
  /** Deletes at most `limit` tickets that are expired at this time. Returns the number of deleted tickets. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/RealtimeTicketRepository") {}
