/**
 * Port: notifies the hosts of changes to users and sessions. The bus may lose messages: hosts also look sessions up.
 */
import { Context, type Effect, type Queue, type Scope } from "effect"
import type { Session, SessionId } from "../model/Session.ts"
import type { UserId } from "../model/UserId.ts"

export type IdentityNotice =
  | { readonly _tag: "SessionsEnded"; readonly sessions: ReadonlyArray<SessionId> }
  /** The token of a session was replaced. Everything opened with a token of an older generation ends. */
  | { readonly _tag: "TokenReplaced"; readonly session: SessionId; readonly generation: number }
  /** Data that users see of themselves has changed. */
  | { readonly _tag: "IdentityChanged"; readonly userId: UserId }

/** The notice that the token of this session was replaced. The argument is the session before the replacement. */
export const tokenReplaced = ({ generation, id }: Pick<Session, "id" | "generation">): IdentityNotice => ({
  _tag: "TokenReplaced",
  session: id,
  generation: generation + 1
})

export class IdentityBus extends Context.Service<IdentityBus, {
  publish(notice: IdentityNotice): Effect.Effect<void>
  /** All notices from now on. A listener that lags loses the oldest. */
  readonly subscribe: Effect.Effect<Queue.Dequeue<IdentityNotice>, never, Scope.Scope>
}>()("@dchat/domain/identity/IdentityBus") {}
