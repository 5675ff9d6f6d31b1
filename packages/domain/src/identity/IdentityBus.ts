/**
 * Port: tells the hosts what changed about people and sessions. It may lose messages: hosts also look sessions up.
 */
import { Context, type Effect, type Queue, type Scope } from "effect"
import type { SessionId } from "./Session.ts"
import type { UserId } from "./UserId.ts"

export type IdentityNotice =
  | { readonly _tag: "SessionsEnded"; readonly sessions: ReadonlyArray<SessionId> }
  /** Something that the person sees of themselves is different now. */
  | { readonly _tag: "IdentityChanged"; readonly userId: UserId }

export class IdentityBus extends Context.Service<IdentityBus, {
  publish(notice: IdentityNotice): Effect.Effect<void>
  /** All notices from now on. A listener that lags loses the oldest. */
  readonly subscribe: Effect.Effect<Queue.Dequeue<IdentityNotice>, never, Scope.Scope>
}>()("@dchat/domain/identity/IdentityBus") {}
