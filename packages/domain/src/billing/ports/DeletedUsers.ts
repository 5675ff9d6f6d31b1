/**
 * Port: people who have deleted their account, and whose billing is to end. Each is written down with the deletion.
 */
import { Context, type DateTime, Effect, Layer } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

export interface DeletedUser {
  readonly userId: UserId
  readonly leftAt: DateTime.Utc
}

export class DeletedUsers extends Context.Service<DeletedUsers, {
  /** At most `limit` of those whose time has come, each held by whoever claims it until `heldUntil`. */
  claim(now: DateTime.Utc, heldUntil: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<DeletedUser>>
  /** To be looked after again at `nextAt`. */
  postpone(userId: UserId, nextAt: DateTime.Utc): Effect.Effect<void>
  /** Nothing is left to be done, and nothing is kept of what the provider told about their purchases. */
  done(userId: UserId): Effect.Effect<void>
}>()("@dchat/domain/billing/DeletedUsers") {
  /** Where everything is in memory nobody is billed. */
  static readonly layerNone = Layer.succeed(DeletedUsers, {
    claim: () => Effect.succeed([]),
    postpone: () => Effect.void,
    done: () => Effect.void
  })
}
