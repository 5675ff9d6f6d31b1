/**
 * Port: the merges that somebody has proved to have a right to.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { MergeTicket } from "../model/MergeTicket.ts"
import type { SessionId } from "../model/Session.ts"
import type { TokenHash } from "../model/TokenHash.ts"
import type { UserId } from "../model/UserId.ts"

export class MergeTicketRepository extends Context.Service<MergeTicketRepository, {
  /** Keeps a ticket in place of any other of its session. */
  put(ticket: MergeTicket): Effect.Effect<void>
  /** The ticket of a session, expired or not. */
  ofSession(session: SessionId): Effect.Effect<Option.Option<MergeTicket>>
  /** Takes the ticket away and returns it, expired or not. Of any number of calls at once, one gets it. */
  consume(hash: TokenHash): Effect.Effect<Option.Option<MergeTicket>>
  /** Forgets every ticket by which one of these people would absorb or be absorbed. */
  voidOf(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /** Forgets at most `limit` tickets that are expired at this time; returns how many. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/MergeTicketRepository") {}
