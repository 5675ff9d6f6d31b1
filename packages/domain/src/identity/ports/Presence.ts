/**
 * Port: the users who are connected now.
 */
import { Context, type Effect, type Scope } from "effect"
import type { UserId } from "../model/UserId.ts"

export class Presence extends Context.Service<Presence, {
  /** Counts this device as connected until the scope closes. A device may be connected more than once. */
  connect(userId: UserId, device: string): Effect.Effect<void, never, Scope.Scope>
  /** The users among these who have at least one connected device. */
  online(userIds: ReadonlyArray<UserId>): Effect.Effect<ReadonlySet<UserId>>
}>()("@dchat/domain/identity/Presence") {}
