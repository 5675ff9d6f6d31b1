/**
 * Port: the requests of applications that wait for a sign-in.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { NativeFlow, NativeFlowId } from "../model/NativeFlow.ts"

export class NativeFlowRepository extends Context.Service<NativeFlowRepository, {
  insert(flow: NativeFlow): Effect.Effect<void>
  /** Returns the flow, expired or not, without removing the flow. */
  find(id: NativeFlowId): Effect.Effect<Option.Option<NativeFlow>>
  /** Removes and returns the flow, expired or not. Of concurrent calls, one receives the flow. */
  consume(id: NativeFlowId): Effect.Effect<Option.Option<NativeFlow>>
  /** Deletes at most `limit` flows that are expired at this time. Returns the number of deleted flows. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/NativeFlowRepository") {}
