/**
 * Port: the attempts at LinkedIn, and how those that have come back ended.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { KnownOAuthFlow, OAuthFlow, OAuthFlowEnd, OAuthFlowId } from "../model/OAuthFlow.ts"
import type { UserId } from "../model/UserId.ts"

export class OAuthFlowRepository extends Context.Service<OAuthFlowRepository, {
  insert(flow: OAuthFlow): Effect.Effect<void>
  /** The flow as it stands, expired or not. */
  find(id: OAuthFlowId): Effect.Effect<Option.Option<KnownOAuthFlow>>
  /**
   * Takes a flow that waits and returns it, expired or not. Of any number of calls at once, one gets it. That it was
   * taken is known until it is purged.
   */
  consume(id: OAuthFlowId): Effect.Effect<Option.Option<OAuthFlow>>
  /** Says that a flow that was taken is over, and how it has ended. */
  finish(id: OAuthFlowId, end: OAuthFlowEnd): Effect.Effect<void>
  /** Forgets every flow that one of these people began while signed in and that still waits. */
  voidOf(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /** Forgets at most `limit` flows that are expired at this time; returns how many. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/OAuthFlowRepository") {}
