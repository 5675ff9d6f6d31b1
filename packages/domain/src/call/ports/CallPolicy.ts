/**
 * Port: the embedding application's rules for who may call whom.
 */
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { Call } from "../model/Call.ts"

export class CallPolicy extends Context.Service<CallPolicy, {
  /** The users among these callees who must learn nothing of calls from `caller`. */
  blockedBy(callees: ReadonlyArray<UserId>, caller: UserId): Effect.Effect<ReadonlySet<UserId>>
  /** Whether a user who was never in this call, or was removed from the call, may join. */
  mayJoin(call: Call, user: UserId): Effect.Effect<boolean>
  /** The users among these who want to be rung while in another call. */
  withCallWaiting(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlySet<UserId>>
}>()("@dchat/domain/call/CallPolicy") {
  /** Any user may call any other. Joining needs an invitation or an earlier participation. No call waiting. */
  static readonly layerOpen = Layer.succeed(CallPolicy, {
    blockedBy: () => Effect.succeed(new Set()),
    mayJoin: () => Effect.succeed(false),
    withCallWaiting: () => Effect.succeed(new Set())
  })
}
