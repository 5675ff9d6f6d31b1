/**
 * Port: people who have deleted their account, and whose billing is to end. Each is written down with the deletion.
 */
import { Context, type DateTime, Effect, Layer } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

export interface Departure {
  readonly userId: UserId
  readonly leftAt: DateTime.Utc
}

export class Departures extends Context.Service<Departures, {
  /** At most `limit` of those whose time has come, each held by whoever claims it until `heldUntil`. */
  claim(now: DateTime.Utc, heldUntil: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<Departure>>
  /** To be looked after again at `nextAt`. */
  postpone(userId: UserId, nextAt: DateTime.Utc): Effect.Effect<void>
  /** Nothing is left to be done, and nothing is kept of what the provider told about their purchases. */
  done(userId: UserId): Effect.Effect<void>
}>()("@dchat/domain/billing/Departures") {
  /** Where everything is in memory nobody is billed. */
  static readonly layerNone = Layer.succeed(Departures, {
    claim: () => Effect.succeed([]),
    postpone: () => Effect.void,
    done: () => Effect.void
  })
}
