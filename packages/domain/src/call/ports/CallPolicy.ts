/**
 * Port: who may call whom, as the embedding application sees it.
 */
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { Call } from "../model/Call.ts"

export class CallPolicy extends Context.Service<CallPolicy, {
  /** Those of these people who are to hear nothing of calls from `caller`. */
  blockedBy(callees: ReadonlyArray<UserId>, caller: UserId): Effect.Effect<ReadonlySet<UserId>>
  /** Whether somebody who was never in this call, or was sent out of it, may join. */
  mayJoin(call: Call, user: UserId): Effect.Effect<boolean>
  /** Those of these people who want to be rung while in another call. */
  withCallWaiting(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlySet<UserId>>
}>()("@dchat/domain/call/CallPolicy") {
  /** Anybody may call anybody; joining needs an invitation or an earlier participation; no call waiting. */
  static readonly layerOpen = Layer.succeed(CallPolicy, {
    blockedBy: () => Effect.succeed(new Set()),
    mayJoin: () => Effect.succeed(false),
    withCallWaiting: () => Effect.succeed(new Set())
  })
}
