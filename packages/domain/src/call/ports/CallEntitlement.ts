/**
 * Port: what the plan of a call's initiator allows.
 */
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { PlanLimits } from "../model/CallLimits.ts"

export class CallEntitlement extends Context.Service<CallEntitlement, {
  /** As of now; whoever the initiator has become since. */
  limitsFor(initiator: UserId): Effect.Effect<PlanLimits>
}>()("@dchat/domain/call/CallEntitlement") {
  /** Eight people, 24 hours, recording: what everybody has where there are no plans. */
  static readonly layerUnlimited = Layer.succeed(CallEntitlement, {
    limitsFor: () =>
      Effect.succeed({ people: 8, callSeconds: 24 * 60 * 60, reason: "max_duration", recording: true } as const)
  })
}
