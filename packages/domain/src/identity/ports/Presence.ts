/**
 * Port: who is connected at the moment.
 */
import { Context, type Effect, type Scope } from "effect"
import type { UserId } from "../model/UserId.ts"

export class Presence extends Context.Service<Presence, {
  /** Counts this device as connected until the scope closes. A device may be connected more than once. */
  connect(userId: UserId, device: string): Effect.Effect<void, never, Scope.Scope>
  /** Those of these people who have at least one device connected. */
  online(userIds: ReadonlyArray<UserId>): Effect.Effect<ReadonlySet<UserId>>
}>()("@dchat/domain/identity/Presence") {}
