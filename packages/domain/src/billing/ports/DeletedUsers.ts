/**
 * Port: deleted users whose billing has to end. Each is stored in the transaction of the deletion.
 */
import { Context, type DateTime, Effect, Layer } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

export interface DeletedUser {
  readonly userId: UserId
  readonly leftAt: DateTime.Utc
}

export class DeletedUsers extends Context.Service<DeletedUsers, {
  /** Claims at most `limit` due users, each until `heldUntil`. */
  claim(now: DateTime.Utc, heldUntil: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<DeletedUser>>
  /** Schedules the user again at `nextAt`. */
  postpone(userId: UserId, nextAt: DateTime.Utc): Effect.Effect<void>
  /** Finishes the user, and deletes the webhook events of the user's purchases. */
  done(userId: UserId): Effect.Effect<void>
}>()("@dchat/domain/billing/DeletedUsers") {
  /** For installations in memory, which bill no user. */
  static readonly layerNone = Layer.succeed(DeletedUsers, {
    claim: () => Effect.succeed([]),
    postpone: () => Effect.void,
    done: () => Effect.void
  })
}
