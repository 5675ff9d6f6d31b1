/**
 * Port: the attempts at LinkedIn that have not come back yet.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { OAuthFlow, OAuthFlowId } from "./OAuthFlow.ts"
import type { UserId } from "./UserId.ts"

export class OAuthFlowRepository extends Context.Service<OAuthFlowRepository, {
  insert(flow: OAuthFlow): Effect.Effect<void>
  /** The flow as it is, expired or not; it stays. */
  find(id: OAuthFlowId): Effect.Effect<Option.Option<OAuthFlow>>
  /** Takes the flow away and returns it, expired or not. Of any number of calls at once, one gets it. */
  consume(id: OAuthFlowId): Effect.Effect<Option.Option<OAuthFlow>>
  /** Forgets every flow that one of these people began while signed in. */
  voidOf(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /** Forgets at most `limit` flows that are expired at this time; returns how many. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/OAuthFlowRepository") {}
