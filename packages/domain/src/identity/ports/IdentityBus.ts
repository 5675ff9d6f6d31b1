/**
 * Port: tells the hosts what changed about people and sessions. It may lose messages: hosts also look sessions up.
 */
import { Context, type Effect, type Queue, type Scope } from "effect"
import type { Session, SessionId } from "../model/Session.ts"
import type { UserId } from "../model/UserId.ts"

export type IdentityNotice =
  | { readonly _tag: "SessionsEnded"; readonly sessions: ReadonlyArray<SessionId> }
  /** The token of a session was replaced: what was opened with a token of an older generation than this ends. */
  | { readonly _tag: "TokenReplaced"; readonly session: SessionId; readonly generation: number }
  /** Something that the person sees of themselves is different now. */
  | { readonly _tag: "IdentityChanged"; readonly userId: UserId }

/** The notice that the token of this session, as it was before, was replaced. */
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
