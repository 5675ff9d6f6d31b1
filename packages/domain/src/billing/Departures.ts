/**
 * Port: people who are gone and are still billed.
 */
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../identity/UserId.ts"

export class Departures extends Context.Service<Departures, {
  /** At most `limit` people who have deleted their account, and have a subscription that is open. */
  billed(limit: number): Effect.Effect<ReadonlyArray<UserId>>
}>()("@dchat/domain/billing/Departures") {
  /** Where everything is in memory nobody is billed. */
  static readonly layerNone = Layer.succeed(Departures, { billed: () => Effect.succeed([]) })
}
