/**
 * Port: the realtime tickets that have not been used yet.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { RealtimeTicket } from "../model/RealtimeTicket.ts"
import type { TokenHash } from "../model/TokenHash.ts"

export class RealtimeTicketRepository extends Context.Service<RealtimeTicketRepository, {
  insert(ticket: RealtimeTicket): Effect.Effect<void>
  /** Takes the ticket away and returns it, expired or not. Of any number of calls at once, one gets it. */
  consume(hash: TokenHash): Effect.Effect<Option.Option<RealtimeTicket>>
  /** Forgets at most `limit` tickets that are expired at this time; returns how many. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/RealtimeTicketRepository") {}
