/**
 * Port: the limits that the plan of a call's initiator allows.
 */
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { PlanLimits } from "../model/CallLimits.ts"

export class CallEntitlement extends Context.Service<CallEntitlement, {
  /** The current limits. If the initiator was merged since, the plan of the surviving user counts. */
  limitsFor(initiator: UserId): Effect.Effect<PlanLimits>
}>()("@dchat/domain/call/CallEntitlement") {
  /** Eight users, 24 hours, recording: the limits of every call without plans. */
  static readonly layerUnlimited = Layer.succeed(CallEntitlement, {
    limitsFor: () =>
      Effect.succeed({ people: 8, callSeconds: 24 * 60 * 60, reason: "max_duration", recording: true } as const)
  })
}
