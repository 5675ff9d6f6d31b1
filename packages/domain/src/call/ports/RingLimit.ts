/**
 * Port: the rate limit of ringing. Every command that rings a user passes this limit, by REST or by realtime.
 */
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { RingingTooOften } from "../model/CallErrors.ts"

export class RingLimit extends Context.Service<RingLimit, {
  /**
   * Counts the caller's request to ring these users. Refuses if the caller or a pair of caller and callee exceeds the
   * limit.
   */
  admit(caller: UserId, callees: ReadonlyArray<UserId>): Effect.Effect<void, RingingTooOften>
  /** Counts that these users are about to ring. Refuses if one of them was rung too often by all callers together. */
  ring(callees: ReadonlyArray<UserId>): Effect.Effect<void, RingingTooOften>
}>()("@dchat/domain/call/RingLimit") {
  static readonly layerUnlimited = Layer.succeed(RingLimit, { admit: () => Effect.void, ring: () => Effect.void })
}
