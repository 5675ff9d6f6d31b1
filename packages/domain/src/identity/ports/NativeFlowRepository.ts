/**
 * Port: what applications wait for until somebody has signed in.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { NativeFlow, NativeFlowId } from "../model/NativeFlow.ts"

export class NativeFlowRepository extends Context.Service<NativeFlowRepository, {
  insert(flow: NativeFlow): Effect.Effect<void>
  /** The flow as it is, expired or not; it stays. */
  find(id: NativeFlowId): Effect.Effect<Option.Option<NativeFlow>>
  /** Takes the flow away and returns it, expired or not. Of any number of calls at once, one gets it. */
  consume(id: NativeFlowId): Effect.Effect<Option.Option<NativeFlow>>
  /** Forgets at most `limit` flows that are expired at this time; returns how many. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/NativeFlowRepository") {}
