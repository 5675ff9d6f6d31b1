/**
 * Port: the flows at LinkedIn, and the ends of the flows that have returned.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { KnownOAuthFlow, OAuthFlow, OAuthFlowEnd, OAuthFlowId } from "../model/OAuthFlow.ts"
import type { UserId } from "../model/UserId.ts"

export class OAuthFlowRepository extends Context.Service<OAuthFlowRepository, {
  insert(flow: OAuthFlow): Effect.Effect<void>
  /** The flow in its current state, expired or not. */
  find(id: OAuthFlowId): Effect.Effect<Option.Option<KnownOAuthFlow>>
  /**
   * Takes a waiting flow and returns it, expired or not. Of concurrent calls, one receives the flow. The flow stays
   * stored as taken until the purge.
   */
  consume(id: OAuthFlowId): Effect.Effect<Option.Option<OAuthFlow>>
  /** Records that a taken flow is over, and its end. */
  finish(id: OAuthFlowId, end: OAuthFlowEnd): Effect.Effect<void>
  /** Deletes every waiting flow that one of these users began while signed in. */
  voidOf(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /** Deletes at most `limit` flows that are expired at this time. Returns the number of deleted flows. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/OAuthFlowRepository") {}
