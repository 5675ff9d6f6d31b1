/**
 * Port: how often people may be rung. Whatever makes somebody ring passes it, by REST or by realtime.
 */
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { RingingTooOften } from "../model/CallErrors.ts"

export class RingLimit extends Context.Service<RingLimit, {
  /** Counts that the caller asks to ring these people; refuses when the caller or a pair of them had too many. */
  admit(caller: UserId, callees: ReadonlyArray<UserId>): Effect.Effect<void, RingingTooOften>
  /** Counts that these people are about to be rung; refuses when one of them was too often, by whomever. */
  ring(callees: ReadonlyArray<UserId>): Effect.Effect<void, RingingTooOften>
}>()("@dchat/domain/call/RingLimit") {
  static readonly layerUnlimited = Layer.succeed(RingLimit, { admit: () => Effect.void, ring: () => Effect.void })
}
